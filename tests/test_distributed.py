"""Two processes that train together do what one does with the same global batch."""

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import run, show
from variants import ROOT, TEMPLATE, Variant

STEPS, BATCHES = 20, 3  # batches of validation and of test, on each rank
SLACK = 0.05  # of the loss: each rank draws noise and dropout of its own
HEARS = "average letters"  # a baseline that aligns sounds and letters by the model that was trained
REDUCED = [v for v in TEMPLATE.pairs if v.task == "dimensionality-reduction"]


def train(
    made: Path, variant: Variant, folder: Path, ranks: int, *more: str, brief: bool
) -> dict[str, Any]:
    """Train on one or two ranks; return what came of it.

    Args:
        made: the project.
        variant: which it is.
        folder: the run's.
        ranks: how many processes.
        more: settings.
        brief: only a few steps, of two batches each.
    """
    few = [
        f"accumulate={2 // ranks}",
        f"trainer.max_steps={STEPS}",
        f"+trainer.limit_train_batches={STEPS * 2 // ranks}",
    ]
    words = [
        f"trainer={'ddp_cpu' if ranks > 1 else 'cpu'}",
        *(few if brief else []),
        *(f"+trainer.limit_{split}_batches={BATCHES * 2 // ranks}" for split in ("val", "test")),
        f"+callbacks.ranks={{_target_: fingerprint.Fingerprint, folder: {folder}-ranks}}",
        f"run_dir={folder}",
        *more,
    ]
    path = os.pathsep.join([str(made / "src"), str(ROOT / "tests")])
    command = [sys.executable, "-m", f"{variant.package}.train", *words]
    done = run(*command, cwd=folder.parent, PYTHONPATH=path)
    assert done.returncode == 0, show(done)
    assert not done.stderr, show(done)
    assert done.stdout.count("(train / validate / test)") == 1, "one rank speaks"
    with (folder / "metrics.csv").open(newline="") as file:
        loss = [float(row["val/loss"]) for row in csv.DictReader(file) if row.get("val/loss")]
    digests = {path.read_text() for path in Path(f"{folder}-ranks").iterdir()}
    results = json.loads((folder / "results.json").read_text("utf-8"))
    return {"loss": loss[-1], "digests": digests, **results}


def compare(
    made: Path, variant: Variant, folder: Path, *more: str, fitted: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train on one rank and on two, and return what came of both.

    Args:
        made: the project.
        variant: which it is.
        folder: for both runs.
        more: settings.
        fitted: the model is solved for, as baselines are, and not trained.
    """
    one, two = (
        train(made, variant, folder / str(ranks), ranks, *more, brief=not fitted)
        for ranks in (1, 2)
    )
    assert len(list((folder / "2-ranks").iterdir())) == 2
    assert len(two["digests"]) == 1, "both ranks hold the same parameters"
    metric = TEMPLATE.chosen(variant)[3]["metric"]
    scores = [f"{r['scores'][f'model/{metric}']:.4g}" for r in (one, two)]
    print(f"{variant.name}: val/loss {one['loss']:.5g} {two['loss']:.5g}, {metric} {scores}")
    assert one["scores"].keys() == two["scores"].keys()
    for name, score in one["scores"].items():
        # what is fitted is fitted to the same, on any rank
        if name.startswith(HEARS):
            assert two["scores"][name] == pytest.approx(score, rel=SLACK), name
        elif fitted or not name.startswith("model/"):
            assert two["scores"][name] == pytest.approx(score, rel=1e-5, abs=1e-6), name
    return one, two


@pytest.mark.distributed
@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_two_ranks_do_what_one_does(
    project: Callable[[Variant], Path], variant: Variant, tmp_path: Path
) -> None:
    one, two = compare(project(variant), variant, tmp_path)
    assert two["loss"] == pytest.approx(one["loss"], rel=SLACK)


@pytest.mark.distributed
@pytest.mark.slow
@pytest.mark.parametrize("variant", REDUCED, ids=lambda v: v.name)
def test_principal_components_are_the_same_on_two_ranks(
    project: Callable[[Variant], Path], variant: Variant, tmp_path: Path
) -> None:
    compare(project(variant), variant, tmp_path, "objective=pca", fitted=True)
