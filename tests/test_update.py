"""A project keeps its answers and its owner's edits when the template moves on."""

import os
import shutil
from pathlib import Path

import copier
import pytest
import yaml
from conftest import copy_template, run, show
from variants import TEMPLATE

FIRST = TEMPLATE.pairs[0]


def git(folder: Path, *words: str) -> str:
    """Run git, and return what it said."""
    done = run("git", *words, cwd=folder)
    assert done.returncode == 0, show(done)
    return done.stdout


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the template as a repository of its own, released as v1.0.0."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    folder = copy_template(tmp_path / "released")
    git(folder, "init", "-q")
    release(folder, "v1.0.0")
    return folder


def release(folder: Path, tag: str) -> None:
    """Commit all and tag it."""
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", tag)
    git(folder, "tag", tag)


def made(template: Path, target: Path, **data: str) -> Path:
    """Copy from the latest tag, edit what came, and commit it as an owner would."""
    answers = {"project_name": "my net", **FIRST._asdict(), **data}
    settings = copier.Settings(defaults={"user_name": "Ada"})
    copier.run_copy(str(template), target, answers, defaults=True, quiet=True, settings=settings)
    git(target, "init", "-q")
    git(target, "add", "-A")
    git(target, "commit", "-qm", "as generated")
    return target


def answers(project: Path) -> dict:
    """Read the answers that a project keeps."""
    return yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))


def test_update_keeps_edits_and_answers(released: Path, tmp_path: Path):
    project = made(released, tmp_path / "project", license="BSD-3-Clause")
    assert answers(project)["_commit"] == "v1.0.0"
    package = project / "src" / "my_net"
    train = package / "train.py"
    train.write_text('"""Mine."""\n' + train.read_text())
    (package / "mine.py").write_text("x = 1\n")
    (project / "configs" / "experiment" / "example.yaml").unlink()
    pyproject = project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('version = "0.1.0"', 'version = "0.7.0"'))
    git(project, "add", "-A")
    git(project, "commit", "-qm", "mine")

    inner = released / "template" / "src" / "{{package_name}}"
    with (inner / "train.py").open("a") as file:
        file.write("# new at the end\n")
    (inner / "added.py").write_text('"""New."""\n')
    settings = released / "template" / "pyproject.toml.jinja"
    settings.write_text(settings.read_text() + "\n[tool.new]\nx = 1\n")
    release(released, "v1.1.0")
    # the owner's settings have changed meanwhile: what was answered stays
    new = copier.Settings(defaults={"user_name": "Eve", "license": "MIT"})
    copier.run_update(project, defaults=True, overwrite=True, quiet=True, settings=new)

    kept = answers(project)
    assert kept["_commit"] == "v1.1.0"
    assert (kept["author_name"], kept["license"]) == ("Ada", "BSD-3-Clause")
    assert "Copyright (c) Ada" in (project / "LICENSE").read_text()
    assert train.read_text().startswith('"""Mine."""\n')
    assert train.read_text().endswith("# new at the end\n")
    assert (package / "added.py").is_file() and (package / "mine.py").is_file()
    assert not (project / "configs" / "experiment" / "example.yaml").exists()
    assert 'version = "0.7.0"' in pyproject.read_text() and "[tool.new]" in pyproject.read_text()
    changed = git(project, "status", "--porcelain")
    assert "UU " not in changed and ".rej" not in changed


def test_another_device_on_update(released: Path, tmp_path: Path):
    project = made(released, tmp_path / "project", torch="cpu", device="multi-node")
    assert (project / "launch" / "slurm.sbatch").is_file()
    shutil.copytree(project / "src", tmp_path / "before")
    copier.run_update(
        project,
        {"device": "tpu"},
        vcs_ref=copier.VcsRef.CURRENT,
        defaults=True,
        overwrite=True,
        quiet=True,
        settings=copier.Settings(),
    )
    assert answers(project)["device"] == "tpu"
    assert "torch" not in answers(project)
    assert not (project / "launch").exists()
    assert "[[tool.uv.index]]" not in (project / "pyproject.toml").read_text()
    assert not git(project, "status", "--porcelain", "src"), "a device is never other code"


def test_an_untagged_clone_will_do(released: Path, tmp_path: Path):
    git(released, "tag", "-d", "v1.0.0")
    project = made(released, tmp_path / "project")
    assert answers(project)["_commit"]
