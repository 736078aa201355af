"""Runs that are killed at any moment, and started again by the same line, end as if nothing was."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from variants import Variant

KILLS = int(os.environ.get("KILLS", "5"))  # 50 for the record, in one piece or, each with
SEED = int(os.environ.get("KILL_SEED", "0"))  # moments of its own, in several
DIGITS = Variant("classification", "image")  # has dropout
SHORT = (
    "trainer.max_epochs=3",
    "+trainer.limit_train_batches=30",
    "trainer.log_every_n_steps=5",
    "callbacks.last.every_s=0",  # as many chances as there are to be killed while writing
    "data.num_workers=1",
    "accumulate=2",
    "+callbacks.ema._target_=pytorch_lightning.callbacks.EMAWeightAveraging",
    "+callbacks.ema.decay=0.9",
    "baseline=none",
    "test=false",
)


class Started:
    """A training run in a process group of its own.

    Args:
        project: the run's.
        words: settings.
        said: file for what it says.
        spare: folder for temporary files.
    """

    def __init__(self, project: Path, words: tuple[str, ...], said: Path, spare: Path) -> None:
        command = [sys.executable, "-m", f"{DIGITS.package}.train", *words]
        env = {"PYTHONPATH": str(project / "src"), "TMPDIR": str(spare), "OMP_NUM_THREADS": "1"}
        self.said = said
        with said.open("w") as file:
            self.process = subprocess.Popen(
                command,
                cwd=said.parent,
                env=os.environ | env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def train(self) -> None:
        """Wait until it has told what it is about to train."""
        while "examples (train" not in self.said.read_text() and self.process.poll() is None:
            time.sleep(0.02)

    def lives(self, seconds: float) -> bool:
        """Wait; say whether it has not ended by itself meanwhile."""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def writes(self, folder: Path) -> bool:
        """Wait until a checkpoint is being written; say whether one was, or it ended before."""
        while self.process.poll() is None:
            if (folder / "checkpoints" / "last.ckpt.part").exists():
                return True
            time.sleep(0.0005)
        return False

    def kill(self) -> None:
        """End all its processes at once, as a machine does that dies."""
        with contextlib.suppress(ProcessLookupError):  # it may have ended just now
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finish(self) -> None:
        """Wait for its end, which must be a good one."""
        status = self.process.wait(timeout=300)
        assert status == 0, f"status {status}\n{self.said.read_text()[-4000:]}"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on another file system than this test's."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system for temporary files: no /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def load(path: Path) -> dict[str, Any]:
    """Load a checkpoint, without the config, which names the run's folder, and what names files."""
    content = torch.load(path, weights_only=True)
    return {k: v for k, v in content.items() if k not in ("config", "callbacks")}


def leaves(node: Any, prefix: str = "") -> dict[str, Any]:
    """Flatten what a checkpoint holds."""
    if isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        return {k: v for key, value in items for k, v in leaves(value, f"{prefix}.{key}").items()}
    return {prefix: node}


def assert_same_run(one: Path, two: Path) -> None:
    """Compare every number of two runs: weights, optimizer, counters, curves."""
    for name in ("last.ckpt", "best.ckpt"):
        left, right = (leaves(load(folder / "checkpoints" / name)) for folder in (one, two))
        assert left.keys() == right.keys()
        for key, value in left.items():
            same = torch.equal(value, right[key]) if torch.is_tensor(value) else value == right[key]
            assert same, f"{name}: {key}: {value} {right[key]}"
    assert (one / "metrics.csv").read_text() == (two / "metrics.csv").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("trainer", ["cpu", "ddp_cpu"])
def test_killed_at_any_moment_it_ends_as_if_nothing_was(
    trainer: str, project: Callable[[Variant], Path], tmp_path: Path, elsewhere: Path
) -> None:
    rng, made = random.Random(SEED), project(DIGITS)

    def start(name: str) -> Started:
        words = (*SHORT, f"trainer={trainer}", f"run_dir={tmp_path / name}", "resume=auto")
        return Started(made, words, tmp_path / f"{name}.txt", elsewhere)

    whole = start("whole")
    whole.train()
    began = time.monotonic()
    whole.finish()
    span = time.monotonic() - began

    kills, torn, found, ends = 0, 0, 0, 0
    folder = tmp_path / "run-0"
    while kills < KILLS:
        run = start(folder.name)
        run.train()
        # a run is killed about twice before it ends, every second time while it writes
        lives = run.lives(rng.uniform(0, span * 0.7))
        if lives and (kills % 2 or run.writes(folder)):
            run.kill()
            kills += 1
            torn += any(folder.glob("checkpoints/*.part"))
            if (newest := folder / "checkpoints" / "last.ckpt").exists():
                found += 1
                with zipfile.ZipFile(newest) as archive:
                    assert archive.testzip() is None
                load(newest)
            continue
        run.finish()
        assert_same_run(tmp_path / "whole", folder)
        shutil.rmtree(folder)
        ends += 1
        folder = tmp_path / f"run-{ends}"
    start(folder.name).finish()
    assert_same_run(tmp_path / "whole", folder)
    print(
        f"{trainer}, KILL_SEED={SEED}: {kills} kills, {torn} while writing; {found} left a "
        f"last.ckpt, each whole; {ends + 1} runs ended, bit for bit as one never killed"
    )
