"""`check` is green on every variant as it comes, and the planted bugs still fit their files."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import run_python, show
from variants import ROOT, TEMPLATE, Variant

FILES = [ROOT / "benchmarks" / f"{name}.yaml" for name in ("bugs", "unseen", "fresh")]
BUGS = [bug for path in FILES for bug in yaml.safe_load(path.read_text("utf-8"))]


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_nothing_is_wrong_in_a_new_project(project: Callable[[Variant], Path], variant: Variant):
    done = run_python(project(variant), "-m", f"{variant.package}.check")
    assert done.returncode == 0, show(done)
    assert not done.stderr, show(done)


@pytest.mark.slow
def test_an_exercise_is_named(project: Callable[[Variant], Path]):
    variant = next(v for v in TEMPLATE.pairs if v.task == "classification")
    words = ("-m", f"{variant.package}.check", "check=fast", "exercise=softmax_dim")
    done = run_python(project(variant), *words)
    failed = [line.split()[0] for line in done.stdout.splitlines() if " FAIL " in line]
    assert "S11" in failed and done.returncode == len(failed), show(done)


def test_each_planted_bug_has_its_place():
    pairs = {f"{v.task}-{v.modality}": v for v in TEMPLATE.pairs}
    for name, file, old, *_ in BUGS:
        variant = pairs[name]
        path = Path(file) if file.startswith("configs") else Path("src", variant.package, file)
        (source,) = TEMPLATE.overlay(variant)[path]
        assert old in (TEMPLATE.root / source).read_text("utf-8"), f"{name}: {file}: {old}"
