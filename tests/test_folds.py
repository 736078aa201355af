"""Cross-validation from the command line: a run for each fold, then what they have in common."""

import json
from collections.abc import Callable
from pathlib import Path

from conftest import run_python, show
from variants import TEMPLATE, Variant

FEW = [f"+trainer.limit_{split}_batches=1" for split in ("train", "val", "test")]
FEW += ["trainer.max_epochs=1", "baseline=none", "data.folds=3"]


def test_each_fold_is_a_run_and_compare_averages_them(
    project: Callable[[Variant], Path], tmp_path: Path
):
    variant = TEMPLATE.pairs[0]
    folder, package = project(variant), variant.package
    words = ("-m", f"{package}.train", "-m", "data.fold=0,1", *FEW)
    done = run_python(folder, *words, cwd=tmp_path)
    assert done.returncode == 0, show(done)
    for fold in (0, 1):
        assert f"fold {fold} of 3 (0 to 2) is validated on" in done.stdout, show(done)
    results = [json.loads(path.read_text()) for path in tmp_path.rglob("results.json")]
    assert len(results) == 2
    best = [found[f"best {found['chosen by']}"] for found in results]
    said = run_python(folder, "-m", f"{package}.compare", str(tmp_path), cwd=tmp_path)
    assert said.returncode == 0, show(said)
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("folds 0, 1 of 3: ")]
    assert f"{results[0]['chosen by']} {sum(best) / 2:.4g} +- " in line, show(said)
    wrong = run_python(folder, "-m", f"{package}.train", "data.fold=3", *FEW, cwd=tmp_path)
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1, show(wrong)
    assert "data.fold=3 is not allowed: 0 to 2" in wrong.stderr
