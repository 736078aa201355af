"""Two machines train together by launch/torchrun.sh; one dies, and the run ends as if nothing was.

A machine is a network namespace: see machines.py. What dies is a training process, a whole machine,
or the one where both meet; a dead machine is started again by the same line.
"""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from machines import BRIEF, STEPS, Machine, installed, two_machines, wait_for
from test_survival import assert_same_run
from variants import Variant

pytestmark = [pytest.mark.distributed, pytest.mark.slow]

DIGITS = Variant("classification", "image", "multi-node")
LIMIT_S = 300
Project = Callable[[Variant], Path]


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[Machine]]:
    with two_machines(tmp_path) as machines:
        yield machines


@pytest.fixture(scope="module")
def whole(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that nothing happened to: two processes, one machine."""
    made, folder = project(DIGITS), tmp_path_factory.mktemp("whole")
    env = installed(made, DIGITS, folder / "bin")
    words = ["uv", "run", "train", "trainer=ddp_cpu", f"run_dir={folder / 'run'}", *BRIEF]
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "run"


class Run:
    """A run by launch/torchrun.sh on both machines.

    Args:
        made: the project.
        machines: to run on.
        name: the run's.
        env: of the command.
    """

    def __init__(self, made: Path, machines: list[Machine], name: str, env: dict[str, str]) -> None:
        self.made, self.machines, self.env = made, machines, env
        self.folder = made / "runs" / f"job-{name}"
        self.line = f"launch/torchrun.sh node1:29500 2 {name} {shlex.join(BRIEF)}"
        for machine in machines:
            self.start(machine)

    def start(self, machine: Machine) -> None:
        """Start the line on a machine."""
        machine.start(self.line, self.made, self.env)

    def text(self) -> str:
        """Return what both machines said last."""
        return "".join(machine.text() for machine in self.machines)

    def train(self) -> None:
        """Wait until it is in the middle, with two checkpoints behind it."""
        before = self.folder / "checkpoints" / "previous.ckpt"
        wait_for(before.exists, "a second checkpoint", self.text, LIMIT_S)

    def finish(self) -> None:
        """Wait for its end on both machines, which must be a good one."""
        for machine in self.machines:
            process = machine.process
            assert process is not None
            wait_for(lambda p=process: p.poll() is not None, "the end", self.text, LIMIT_S)
            assert process.returncode == 0, self.text()

    def resumed(self) -> list[int]:
        """List the steps that it went on from."""
        said = "".join(machine.said.read_text() for machine in self.machines)
        return [int(step) for step in re.findall(r"going on from step (\d+)", said)]


def a_process_dies(run: Run) -> None:
    """Kill what trains on the second machine."""
    (pid,) = run.machines[1].workers()
    os.kill(pid, signal.SIGKILL)


def a_machine_dies(run: Run) -> None:
    """Kill all on the second machine, and start the line there again."""
    run.machines[1].die()
    run.start(run.machines[1])


def the_machine_where_both_meet_dies(run: Run) -> None:
    """Kill all on the first machine, and start the line there again."""
    run.machines[0].die()
    run.start(run.machines[0])


@pytest.mark.parametrize(
    "happens", [a_process_dies, a_machine_dies, the_machine_where_both_meet_dies]
)
def test_it_ends_as_if_nothing_was(
    happens: Callable[[Run], None],
    whole: Path,
    machines: list[Machine],
    project: Project,
    tmp_path: Path,
) -> None:
    made = project(DIGITS)
    run = Run(made, machines, happens.__name__, installed(made, DIGITS, tmp_path / "bin"))
    run.train()
    happens(run)
    run.finish()
    steps = run.resumed()
    print(f"{happens.__name__}: went on from {steps}")
    assert steps and all(0 < step < STEPS for step in steps), run.text()
    assert_same_run(whole, run.folder)
