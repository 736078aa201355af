"""Machines that a test can start, kill and start again: each a network namespace of its own.

Debian's iproute2 makes them; it takes root. What runs in one sees its own network and host name,
and the file system that all share, which is what the launch files ask for.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from variants import Variant

STEPS = 16  # 2 epochs of 16 batches on each rank, two of them a step
# a run that starts quickly, and is slow enough to be met in the middle
BRIEF = (
    "trainer.max_epochs=2",
    "+trainer.limit_train_batches=16",
    "+trainer.limit_val_batches=2",
    "trainer.log_every_n_steps=2",
    "callbacks.last.every_s=0.2",
    "+callbacks.slow={_target_: fingerprint.Slow, s: 0.15}",
    "data.num_workers=0",
    "accumulate=2",
    "baseline=none",
    "test=false",
)
UV = """#!/bin/sh
# what uv does in an environment that is there already
[ "$1" = run ] || exit 0
shift
[ "$1" = --no-sync ] && shift
exec "$@"
"""


def installed(made: Path, variant: Variant, folder: Path) -> dict[str, str]:
    """Return an environment in which `uv run train` trains a project that is not installed.

    Args:
        made: the project.
        variant: which it is.
        folder: for the commands.
    """
    python = f'#!/bin/sh\nexec "{sys.executable}"'
    train = f'{python} -m {variant.package}.train "$@"\n'
    folder.mkdir()
    for name, text in {"uv": UV, "python": f'{python} "$@"\n', "train": train}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    code = f"{made / 'src'}:{Path(__file__).parent}"  # of the project, and the tests' callbacks
    paths = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": code}
    return os.environ | paths | {"OMP_NUM_THREADS": "1"}


def wait_for(happened: Callable[[], object], what: str, told: Callable[[], str], s: float) -> None:
    """Wait until something has happened, at most `s` seconds; else fail with what was told."""
    end = time.monotonic() + s
    while not happened():
        assert time.monotonic() < end, f"{what}: not within {s} s\n{told()}"
        time.sleep(0.05)


def ip(words: str) -> str:
    """Run iproute2. Raises RuntimeError with what it says where it fails."""
    done = subprocess.run(["ip", *words.split()], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"ip {words}: {done.stderr.strip()}")
    return done.stdout


class Machine:
    """One machine: a namespace, and what it said.

    Args:
        number: 1 for the first.
        said: file for what its processes say.
    """

    def __init__(self, number: int, said: Path) -> None:
        self.number, self.said = number, said
        self.name, self.address = f"node{number}", f"10.77.0.{number}"
        self.space = f"node{number}-{os.getpid()}"  # others test on this machine, too
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: str, cwd: Path, env: dict[str, str]) -> None:
        """Run a shell command on it."""
        within = ["ip", "netns", "exec", self.space, "unshare", "--uts", "sh", "-c"]
        with self.said.open("a") as said:
            self.process = subprocess.Popen(
                [*within, f"hostname {self.name}; exec {command}"],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def pids(self) -> list[int]:
        """List what runs on it: the command first, then what it started."""
        return sorted(map(int, ip(f"netns pids {self.space}").split()))

    def workers(self) -> list[int]:
        """List the processes that train."""
        assert self.process is not None
        pid = self.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def die(self) -> None:
        """Kill all that runs on it at once."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def text(self) -> str:
        """Return the end of what it said."""
        return f"{self.name} said:\n{self.said.read_text()[-5000:]}\n"


@contextmanager
def two_machines(folder: Path) -> Iterator[list[Machine]]:
    """Give two machines that see each other, by names that need no server.

    Args:
        folder: for what they say.
    """
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not shutil.which("ip"):
        pytest.skip("there is no ip here: Debian has it in iproute2")
    machines = [Machine(number, folder / f"node{number}.txt") for number in (1, 2)]
    hosts = "127.0.0.1 localhost\n" + "".join(f"{m.address} {m.name}\n" for m in machines)
    etc = [Path("/etc/netns", m.space) for m in machines]  # laid over /etc in there
    try:
        try:
            for machine in machines:
                ip(f"netns add {machine.space}")
            one, two = (m.space for m in machines)
            ip(f"link add veth netns {one} type veth peer name veth netns {two}")
            for machine in machines:
                ip(f"-n {machine.space} addr add {machine.address}/24 dev veth")
                ip(f"-n {machine.space} link set veth up")
                ip(f"-n {machine.space} link set lo up")
        except RuntimeError as error:
            pytest.skip(f"no network namespaces here: {error}")
        for place in etc:
            place.mkdir(parents=True)
            (place / "hosts").write_text(hosts)
        yield machines
    finally:
        spaces = ip("netns list").split()
        for machine, place in zip(machines, etc, strict=True):
            shutil.rmtree(place, ignore_errors=True)
            if machine.space in spaces:
                machine.die()
                ip(f"netns del {machine.space}")
