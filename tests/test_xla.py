"""The training step of every variant is compiled for XLA once: a TPU would wait for minutes.

Run on the CPU that XLA compiles for, in an environment with what the projects of the device tpu
ask for: it is made in the folder XLA_VENV, or anew. With XLA_RECORD, what was counted is added to
that file, of which benchmarks/xla.py makes the table in docs/devices.md.
"""

import json
import os
import platform
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import run, show
from variants import ROOT, TEMPLATE, Variant

STEPS, EPOCHS = 5, 2
WORDS = (
    f"trainer.max_epochs={EPOCHS}",
    f"+trainer.limit_train_batches={STEPS}",
    "+trainer.limit_val_batches=1",
    "data.batch_size=4",  # what is compiled is as much, and it is soon over
    "callbacks.last.every_s=3600",  # to save compiles, too
    "baseline=none",
    "test=false",
)
FLAGS = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


@pytest.fixture(scope="session")
def environment(
    project: Callable[[Variant], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the Python of an environment for every project of the device tpu."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("torch_xla is there for Linux on x86-64 only")
    found = set[str]()
    for variant in TEMPLATE.pairs:
        text = (project(variant._replace(device="tpu")) / "pyproject.toml").read_text("utf-8")
        found |= set(tomllib.loads(text)["project"]["dependencies"])
    wanted = sorted(found)
    folder = Path(os.environ.get("XLA_VENV") or tmp_path_factory.mktemp("xla") / "venv").absolute()
    mark = folder / "wanted.json"
    if not mark.exists() or json.loads(mark.read_text()) != wanted:
        uv = Path(sys.executable).with_name("uv")
        for words in (
            ("venv", "--clear", "--python", sys.executable, folder),
            ("pip", "install", "--python", folder / "bin" / "python", *wanted),
        ):
            done = run(uv, *words, cwd=ROOT, timeout=3600)
            assert done.returncode == 0, show(done)
        mark.write_text(json.dumps(wanted))
    return folder / "bin" / "python"


def record(variant: Variant, counted: dict[str, Any]) -> None:
    """Add what was counted to the file XLA_RECORD, if there is to be one."""
    if given := os.environ.get("XLA_RECORD"):
        path = Path(given)
        rows = json.loads(path.read_text()) if path.exists() else {}
        rows[f"{variant.task}-{variant.modality}"] = counted
        path.write_text(json.dumps(rows, indent=1))


@pytest.mark.xla
@pytest.mark.slow
@pytest.mark.parametrize("modality", TEMPLATE.names("modality"))
def test_a_step_is_compiled_once(
    modality: str,
    environment: Path,
    project: Callable[[Variant], Path],
    tmp_path: Path,
    subtests: pytest.Subtests,
) -> None:
    variants = [v._replace(device="tpu") for v in TEMPLATE.pairs if v.modality == modality]
    runner, projects = ROOT / "tests" / "xla_cpu.py", [project(v) for v in variants]
    words = (environment, runner, tmp_path, *projects, "--", *WORDS)
    done = run(*words, cwd=tmp_path, timeout=3600, PJRT_DEVICE="CPU", XLA_FLAGS=FLAGS)
    assert done.returncode == 0, show(done)
    for variant in variants:
        with subtests.test(variant.name):
            path = tmp_path / f"{variant.name}.json"  # is not there where no step was ended
            counted = json.loads(path.read_text()) if path.exists() else {"epochs": []}
            record(variant, counted)
            said = (tmp_path / f"{variant.name}.txt").read_text()[-3000:]
            assert f"{variant.name} 0" in done.stdout.split("\n"), said
            judge(counted)


def judge(counted: dict[str, Any]) -> None:
    """Check that no graph was compiled later than it had to be, or cut to enlarge on the CPU."""
    assert [len(epoch) for epoch in counted["epochs"]] == [STEPS] * EPOCHS
    first, later = counted["epochs"]
    early = 2 * counted["averaged"]  # a copy at first, then a mean
    assert first[-1] - first[1] <= early, f"compiled after the second step: {first}"
    assert later[-1] == later[0], f"compiled in a later epoch: {later}"
    enlarged = [name for name in counted["fallbacks"] if "upsample" in name]
    assert not enlarged, "XLA repeats pixels by itself: see `up` of the grid's blocks"
