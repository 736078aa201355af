"""A sweep outlives what ends it: no trial is lost, none is run twice to its end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import hydra
import pytest
from conftest import run_python, show
from variants import TEMPLATE, Variant

TRIALS = 6
WORDS = (
    f"sweep.trials={TRIALS}",
    "sweep.grace_s=2",
    "sweep.pruner.n_startup_trials=2",
    "trainer.max_epochs=2",
    "+trainer.limit_train_batches=3",
    "+trainer.limit_val_batches=1",
    "baseline=none",
    "run_dir=runs/sweep",
)
KILLS = 3
FINISHED = ("COMPLETE", "PRUNED")

pytestmark = pytest.mark.slow


def start(project: Path, package: str) -> subprocess.Popen[str]:
    """Begin to sweep, or go on, as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"{package}.sweep", *WORDS],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def look(project: Path, question: str) -> list[tuple]:
    """Ask the study's database; nothing where there is none yet."""
    path = project / "runs" / "sweep" / "study.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        try:
            return database.execute(question).fetchall()
        except sqlite3.OperationalError:  # before it is made
            return []


def wait_for(number: int, project: Path, worker: subprocess.Popen[str]) -> None:
    """Wait until so many trials were begun, and one of them is being run."""
    while worker.poll() is None:
        states = [state for (state,) in look(project, "select state from trials")]
        if len(states) >= number and "RUNNING" in states:
            return
        time.sleep(0.1)
    pytest.fail(f"the sweep ended before it could be killed: {worker.communicate()[0][-3000:]}")


def check(project: Path) -> None:
    """Check that there are exactly as many finished trials as wanted, no two of one origin."""
    states = Counter(state for (state,) in look(project, "select state from trials"))
    assert sum(states[name] for name in FINISHED) == TRIALS, states
    assert not states["RUNNING"] and not states["WAITING"], states
    lr = look(
        project,
        "select p.param_value from trial_params p join trials t using (trial_id) "
        "where p.param_name = 'optimizer.lr' and t.state in ('COMPLETE', 'PRUNED')",
    )
    assert len(lr) == len(set(lr)) == TRIALS, "no settings were tried twice"
    every = look(
        project, "select distinct param_value from trial_params where param_name = 'optimizer.lr'"
    )
    assert len(every) == TRIALS, "no settings were given up"
    folders = sorted(path.name for path in (project / "runs" / "sweep").glob("trial-*"))
    assert len(folders) == TRIALS, "a trial that is run again goes on in its own folder"


def test_killed_three_times_it_ends_with_all_trials(render: Callable[..., Path]):
    project = render(project_name="swept")
    for kill in range(KILLS):
        worker = start(project, "swept")
        wait_for(2 * kill + 1, project, worker)
        time.sleep(0.7 * kill)  # in the middle of it
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    assert any(state == "RUNNING" for (state,) in look(project, "select state from trials"))
    last = start(project, "swept")
    said, _ = last.communicate(timeout=600)
    assert last.returncode == 0, said
    check(project)
    assert ", again" in said, "what was killed was run again"
    for name in ("sweep.png", "trials.csv"):
        assert (project / "runs" / "sweep" / name).stat().st_size > 0
    with hydra.initialize_config_dir(str(project / "configs"), version_base="1.3"):
        best = hydra.compose("train", ["experiment=best"]).optimizer.lr
    assert best in [value for (value,) in look(project, "select param_value from trial_params")]
    done = run_python(project, "-m", "swept.sweep", *WORDS)
    assert done.returncode == 0 and "epoch 1" not in done.stdout, show(done)


def test_two_workers_share_the_trials(project: Callable[[Variant], Path]):
    variant = TEMPLATE.pairs[0]
    folder = project(variant)
    workers = [start(folder, variant.package) for _ in range(2)]
    said = [worker.communicate(timeout=600)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    check(folder)
    assert all("trial " in text.partition("trials:")[0] for text in said), "each did some"
