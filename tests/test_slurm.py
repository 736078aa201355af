"""Slurm trains by launch/slurm.sbatch, and no job that it ends or asks to end loses anything.

The cluster is one of two nodes on this machine: see cluster.py.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from cluster import Cluster, two_nodes
from machines import BRIEF, STEPS, installed, wait_for
from test_survival import assert_same_run
from variants import Variant

pytestmark = [pytest.mark.slurm, pytest.mark.slow]

DIGITS = Variant("classification", "image", "multi-node")
LIMIT_S = 300


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with two_nodes() as cluster:
        yield cluster


@pytest.fixture
def env(project: Callable[[Variant], Path], tmp_path: Path) -> dict[str, str]:
    return installed(project(DIGITS), DIGITS, tmp_path / "bin")


class Job:
    """A job by launch/slurm.sbatch.

    Args:
        cluster: that it is given to.
        made: the project.
        env: of the command.
        more: settings.
    """

    def __init__(self, cluster: Cluster, made: Path, env: dict[str, str], *more: str) -> None:
        self.cluster = cluster
        line = ["sbatch", "--parsable", "launch/slurm.sbatch", *BRIEF, *more]
        self.number = cluster.ask(*line, cwd=made, env=env).strip()
        self.folder = made / "runs" / f"job-{self.number}"
        self.log = made / f"slurm-{self.number}.log"

    def text(self) -> str:
        """Return what it said, and Slurm of it."""
        said = self.log.read_text() if self.log.exists() else ""
        return f"{said[-5000:]}\n{self.state()}\n{self.cluster.text()}"

    def state(self) -> dict[str, str]:
        """Return what Slurm knows of it."""
        return self.cluster.state(self.number)

    def is_(self, *states: str) -> bool:
        """Say whether it is in one of these states."""
        return self.state()["JobState"] in states

    def train(self) -> None:
        """Wait until it is in the middle, with two checkpoints behind it."""
        before = self.folder / "checkpoints" / "previous.ckpt"
        wait_for(before.exists, "a second checkpoint", self.text, LIMIT_S)

    def finish(self) -> None:
        """Wait for its end, which must be a good one."""
        ended = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        wait_for(lambda: self.is_(*ended), "the end", self.text, LIMIT_S)
        assert self.is_("COMPLETED"), self.text()


def test_a_requeued_job_ends_as_if_nothing_was(
    cluster: Cluster, project: Callable[[Variant], Path], env: dict[str, str]
) -> None:
    whole, job = (Job(cluster, project(DIGITS), env) for _ in range(2))
    whole.finish()
    assert "going on from" not in whole.log.read_text()

    job.train()
    step = cluster.ask("scontrol", "--oneliner", "show", "step", f"{job.number}.0")
    assert "Nodes=2 CPUs=8 Tasks=2" in step, f"4 for each process: {step}"
    cluster.ask("scancel", "--signal=USR1", job.number)  # as --signal does when time is nearly up
    wait_for(lambda: job.state()["Restarts"] == "1", "a new start", job.text, LIMIT_S)
    wait_for(lambda: job.is_("PENDING"), "the queue", job.text, LIMIT_S)
    wait_for(lambda: cluster.hurry(job.number), "a start", job.text, LIMIT_S)
    job.finish()

    said = job.log.read_text()
    (stopped,) = [line for line in said.splitlines() if line.startswith("stopped at step")]
    (resumed,) = [line for line in said.splitlines() if line.startswith("going on from step")]
    step = int(stopped.split()[3].strip(","))
    assert 0 < step < STEPS and int(resumed.split()[4]) == step
    assert "which is saved" in stopped
    assert_same_run(whole.folder, job.folder)


def test_a_node_that_dies_puts_its_job_into_the_queue(
    cluster: Cluster, project: Callable[[Variant], Path], env: dict[str, str]
) -> None:
    job = Job(cluster, project(DIGITS), env)
    job.train()
    cluster.die("n2")
    wait_for(lambda: job.state()["Restarts"] == "1", "a new start", job.text, LIMIT_S)
    cluster.start_node("n2")
    # a job that starts while Slurm still ends it on a node waits for that node for ever; of itself
    # it would start two minutes later
    wait_for(cluster.idle, "two idle nodes", job.text, LIMIT_S)
    wait_for(lambda: cluster.hurry(job.number), "a start", job.text, LIMIT_S)
    job.finish()
    assert len(re.findall("^going on from step", job.log.read_text(), re.MULTILINE)) == 1


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
def test_a_job_that_is_cancelled_leaves_a_whole_checkpoint(
    killed: bool, cluster: Cluster, project: Callable[[Variant], Path], env: dict[str, str]
) -> None:
    job = Job(cluster, project(DIGITS), env, "callbacks.last.every_s=0")
    job.train()
    torn = job.folder / "checkpoints" / "last.ckpt.part"
    wait_for(torn.exists, "a checkpoint that is being written", job.text, LIMIT_S)
    # a whole job is asked politely even so; its step is not
    words = ["--signal=KILL", f"{job.number}.0"] if killed else [job.number]
    cluster.ask("scancel", *words)
    wait_for(lambda: job.is_("CANCELLED", "FAILED", "COMPLETED"), "the end", job.text, LIMIT_S)
    assert not job.is_("COMPLETED"), job.text()
    # a job is CANCELLED before the last of its processes has ended
    wait_for(lambda: not cluster.ask("squeue", "--noheader"), "an idle cluster", job.text, LIMIT_S)
    assert ("stopped at step" in job.log.read_text()) != killed, job.text()
    content = torch.load(job.folder / "checkpoints" / "last.ckpt", weights_only=True)
    assert 0 < content["global_step"] < STEPS


def test_a_sweep_is_one_job_for_each_value(
    cluster: Cluster, project: Callable[[Variant], Path], env: dict[str, str]
) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="hydra-submitit-launcher")
    made = project(DIGITS)
    words = "-m hydra/launcher=submitit_slurm hydra.launcher.timeout_min=10 seed=0,1"
    words += " hydra.sweep.dir=runs/sweep trainer.max_steps=3 test=false baseline=none resume=auto"
    said = cluster.ask("uv", "run", "train", *shlex.split(words), cwd=made, env=env)
    for number in ("0", "1"):
        folder = made / "runs" / "sweep" / number
        content = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
        assert content["global_step"] == 3, said
        assert content["config"]["seed"] == int(number)
        command = json.loads((folder / "environment.json").read_text())["command"]
        print(command)
