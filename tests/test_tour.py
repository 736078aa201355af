"""The tour in docs/tour.md: what it names is there, and what it tells to run, runs as it stands."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import hydra
import pytest
from conftest import run_python, show
from variants import TEMPLATE, Variant

Project = Callable[[Variant], Path]
FENCE = re.compile(r"(?:^`([\w./]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FEW = [f"+trainer.limit_{split}_batches=2" for split in ("train", "val", "test")]


def fences(project: Path) -> list[tuple[str, str, str]]:
    """Return each block of the page: the file it is to be written to, its language, itself."""
    return FENCE.findall((project / "docs" / "tour.md").read_text("utf-8"))


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_what_it_names_is_there(project: Project, variant: Variant):
    folder, inside = project(variant), Path("src", variant.package)
    page = (folder / "docs" / "tour.md").read_text("utf-8")
    for name in re.findall(r"`([\w/]+\.(?:py|yaml))`", page):
        path = folder / (name if name.startswith(("src/", "configs/")) else inside / name)
        assert path.is_file() or path.stem == "mine", name
    with hydra.initialize_config_dir(str(folder / "configs"), version_base="1.3"):
        network = hydra.compose("train").network
    pair = TEMPLATE.chosen(variant)[3]
    assert network["_target_"] == f"{variant.package}.{pair['class']}"


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_its_loop_trains(project: Project, variant: Variant):
    (loop,) = [
        block for file, lang, block in fences(project(variant)) if (file, lang) == ("", "python")
    ]
    done = run_python(project(variant), "-c", loop)
    assert done.returncode == 0 and not done.stderr, show(done)
    losses = [float(loss) for loss in re.findall(r"^\d+ (\S+)$", done.stdout, re.MULTILINE)]
    assert len(losses) == 20 and losses[-1] < losses[0], losses


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_its_network_trains(project: Project, variant: Variant, tmp_path: Path):
    folder = tmp_path / "project"
    shutil.copytree(project(variant), folder)
    for file, _, block in fences(folder):
        if file:
            (folder / file).write_text(block)
    words = ("network=mine", "trainer.max_steps=2", *FEW, "run_dir=run")
    done = run_python(folder, "-m", f"{variant.package}.train", *words)
    assert done.returncode == 0 and not done.stderr, show(done)
    assert f"{variant.package}.mine.Mine" in (folder / "run" / "config.yaml").read_text("utf-8")
