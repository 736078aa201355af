"""A modality is one folder and a task is one folder: add one of each, and touch nothing else."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import copy_template, make, run_python, show
from variants import TEMPLATE, Template, Variant

FIRST = TEMPLATE.pairs[0]


def hashes(root: Path) -> dict[Path, str]:
    """Return every file below `root` with a hash of its content."""
    return {
        path.relative_to(root): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def edit(path: Path, **changes: object) -> None:
    """Change keys of a part.yml."""
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")) | changes))


def add_modality(root: Path) -> Variant:
    """Add the modality `dummy`, a copy of the first one, with the first task only."""
    own = {p["name"]: p["folder"] for p in TEMPLATE.parts if "name" in p}
    folder = root / "template" / "{{use.dummy}}"
    shutil.copytree(root / "template" / own[FIRST.modality], folder)
    edit(folder / "part.yml", name="dummy", label="Dummies", order=99)
    for task in TEMPLATE.names("task"):
        if (inner := folder / own[task]).is_dir() and task != FIRST.task:
            shutil.rmtree(inner)
    edit(folder / own[FIRST.task] / "part.yml", modality="dummy")
    return FIRST._replace(modality="dummy")


def add_task(root: Path) -> Variant:
    """Add the task `dummy-task`, a copy of the first one, whose pair lies in its own folder."""
    own = {p["name"]: p["folder"] for p in TEMPLATE.parts if "name" in p}
    folder = root / "template" / "{{use.dummy_task}}"
    shutil.copytree(root / "template" / own[FIRST.task], folder)
    edit(folder / "part.yml", name="dummy-task", label="Dummy task", order=99)
    configs = folder / "configs" / "task"
    (configs / f"{FIRST.task}.yaml.jinja").rename(configs / "dummy-task.yaml.jinja")
    pair = root / "template" / own[FIRST.modality] / own[FIRST.task]
    shutil.copytree(pair, folder / own[FIRST.modality])
    edit(folder / own[FIRST.modality] / "part.yml", task="dummy-task")
    return FIRST._replace(task="dummy-task")


@pytest.fixture(params=[add_modality, add_task], ids=["modality", "task"], scope="module")
def extended(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Variant]:
    """Return a template with one folder more, and the variant that it adds."""
    root = copy_template(tmp_path_factory.mktemp("extended"))
    before = hashes(root)
    variant: Variant = request.param(root)
    after = hashes(root)
    assert before.items() <= after.items(), "a new part changes no file"
    assert len({path.parts[:2] for path in after.keys() - before.keys()}) == 1
    return root, variant


def test_it_is_chosen_and_has_its_own_files(extended: tuple[Path, Variant], tmp_path: Path):
    root, variant = extended
    template = Template(root)
    assert set(template.pairs) - set(TEMPLATE.pairs) == {variant}
    project = make(root, tmp_path / "p", project_name=variant.name, **variant._asdict())
    files = {path.relative_to(project) for path in project.rglob("*") if path.is_file()}
    overlay = template.overlay(variant)
    assert files == set(overlay)
    assert all(len(sources) == 1 for sources in overlay.values())


def test_the_new_name_alone_is_enough(extended: tuple[Path, Variant], tmp_path: Path):
    root, variant = extended
    new = {"modality": "dummy"} if variant.modality == "dummy" else {"task": "dummy-task"}
    project = make(root, tmp_path / "p", **new)
    kept = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    assert (kept["task"], kept["modality"]) == variant[:2]


def test_what_it_cannot_do_is_refused(extended: tuple[Path, Variant], tmp_path: Path):
    root, _ = extended
    template = Template(root)
    assert template.impossible, "the new part goes with one other only"
    for pair in template.impossible:
        good = ", ".join(v.modality for v in template.pairs if v.task == pair.task)
        reason = f"{pair.task} is not available for {pair.modality}, only for {good}$"
        with pytest.raises(ValueError, match=reason):
            make(root, tmp_path / "p", **pair._asdict())
        assert not (tmp_path / "p").exists()


def test_the_old_ones_are_what_they_were(
    extended: tuple[Path, Variant], project: Callable[[Variant], Path], tmp_path: Path
):
    root, _ = extended
    again = make(root, tmp_path / "p", project_name=FIRST.name, **FIRST._asdict())
    old, new = hashes(project(FIRST)), hashes(again)
    del old[Path(".copier-answers.yml")], new[Path(".copier-answers.yml")]  # says where from
    assert old == new


def test_it_trains(extended: tuple[Path, Variant], tmp_path: Path):
    root, variant = extended
    project = make(root, tmp_path / "p", project_name=variant.name, **variant._asdict())
    words = ("-m", f"{variant.package}.train", "trainer.max_steps=2", "baseline=none")
    done = run_python(project, *words, cwd=tmp_path)
    assert done.returncode == 0, show(done)
