"""A project keeps its answers and its owner's edits when the template moves on."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from conftest import copy_template, run, show
from variants import TEMPLATE, Variant

FIRST = TEMPLATE.pairs[0]
EDITED = {".py", ".yaml", ".yml", ".toml", ".md", ".sh"}  # a line that begins with # is harmless
MINE, THEIRS = "# mine\n", "# the template's\n"
FAR = 12  # lines between which git sees no neighbors: changes of these it does not merge


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


def settings() -> copier.Settings:
    """Return nobody's settings."""
    return copier.Settings()


def update(project: Path, **data: str) -> None:
    """Update as `copier update` does, with other answers if some are given."""
    given: dict[str, Any] = {
        "defaults": True,
        "overwrite": True,
        "quiet": True,
        "settings": settings(),
    }
    if data:
        given["vcs_ref"] = copier.VcsRef.CURRENT
    copier.run_update(project, data, **given)


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


def test_what_both_changed_is_marked_and_a_newer_template_is_noticed(
    released: Path, tmp_path: Path
):
    project = made(released, tmp_path / "project")
    says, script = noticed(project, tmp_path)
    assert "as new as its template" in says
    train = project / "src" / "my_net" / "train.py"
    _, rest = train.read_text().split("\n", 1)
    train.write_text(f'"""Mine."""\n{rest}')
    git(project, "commit", "-qam", "mine")
    theirs = released / "template" / "src" / "{{package_name}}" / "train.py"
    theirs.write_text(f'"""Theirs."""\n{rest}')
    release(released, "v1.1.0")
    says, _ = noticed(project, tmp_path)
    assert "::notice title=Template::There is a newer template" in says
    assert "copier@9.19.1" in script and "9.19.1" in copier.__version__
    update(project)
    assert "UU src/my_net/train.py" in git(project, "status", "--porcelain")
    text = train.read_text()
    assert text.index("<<<<<<< before updating") < text.index('"""Mine."""')
    assert text.index('"""Theirs."""') < text.index(">>>>>>> after updating")
    shutil.rmtree(released)
    says, _ = noticed(project, tmp_path)
    assert "could not be asked" in says


def noticed(project: Path, folder: Path) -> tuple[str, str]:
    """Run the project's monthly job, with this environment's copier in place of uvx."""
    workflow = yaml.safe_load((project / ".github" / "workflows" / "template.yml").read_text())
    (script,) = (s["run"] for s in workflow["jobs"]["check-update"]["steps"] if "run" in s)
    shim = folder / "bin" / "uvx"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(f'#!/bin/sh\nshift\nexec "{sys.executable}" -m copier "$@"\n')
    shim.chmod(0o755)
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    done = run("bash", "-euo", "pipefail", "-c", script, cwd=project, PATH=path)
    assert done.returncode == 0, show(done)
    return done.stdout, script


# ---- every pair, and what is asked anew: slow


@pytest.fixture
def two(released: Path) -> Path:
    """Return the template with a second release, in which every longer file begins otherwise."""
    for path in sorted((released / "template").rglob("*")):
        suffix = Path(path.name.removesuffix(".jinja")).suffix
        if path.is_file() and suffix in EDITED and path.name != "part.yml":
            text = path.read_text("utf-8")
            if text.count("\n") >= FAR and not text.startswith(("{", "#!")):
                path.write_text(THEIRS + text, "utf-8")
    release(released, "v1.1.0")
    return released


def edit(project: Path) -> list[Path]:
    """Put a last line into every file that has room for one, and commit; return these files."""
    files = git(project, "ls-files").splitlines()
    edited = [Path(name) for name in files if Path(name).suffix in EDITED]
    edited = [path for path in edited if path.name != ".copier-answers.yml"]
    for path in edited:
        with (project / path).open("a", encoding="utf-8") as file:
            file.write(MINE)
    git(project, "commit", "-qam", "mine")
    return edited


def copied(template: Path, target: Path, tag: str, variant: Variant) -> Path:
    """Copy one release, as a repository."""
    answers = {"project_name": "my net", **variant._asdict()}
    ours = {"defaults": True, "quiet": True, "settings": settings(), "vcs_ref": tag}
    copier.run_copy(str(template), target, answers, **ours)
    git(target, "init", "-q")
    git(target, "add", "-A")
    git(target, "commit", "-qm", "as generated")
    return target


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_an_edit_of_every_file_outlives_an_update(two: Path, tmp_path: Path, variant: Variant):
    project = copied(two, tmp_path / "project", "v1.0.0", variant)
    edited = edit(project)
    update(project)
    fresh = copied(two, tmp_path / "fresh", "v1.1.0", variant)
    assert "UU " not in git(project, "status", "--porcelain")
    names = git(fresh, "ls-files").splitlines()
    changed = sum((fresh / name).read_bytes().startswith(THEIRS.encode()) for name in names)
    assert changed > 50, "the second release is another"
    for name in names:
        more = MINE.encode() if Path(name) in edited else b""
        assert (project / name).read_bytes() == (fresh / name).read_bytes() + more, name


AGAIN = [
    (FIRST, {"task": "denoising"}),
    (Variant("generation", "text"), {"task": "classification"}),
    (FIRST, {"modality": "text"}),
    (Variant("denoising", "audio"), {"modality": "video"}),
    (FIRST, {"device": "multi-node"}),
    (FIRST._replace(device="multi-node"), {"device": "gpu"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "data"), AGAIN, ids=str)
def test_another_answer_keeps_edits_of_what_stays(
    two: Path, tmp_path: Path, variant: Variant, data: dict[str, str]
):
    project = copied(two, tmp_path / "project", "v1.1.0", variant)
    other = copied(two, tmp_path / "fresh", "v1.1.0", variant._replace(**data))
    same = [  # in both, and alike
        Path(name)
        for name in git(other, "ls-files").splitlines()
        if (project / name).is_file()
        and (project / name).read_bytes() == (other / name).read_bytes()
    ]
    edited = edit(project)
    (project / "src" / "my_net" / "mine.py").write_text("x = 1\n")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "mine, too")
    update(project, **data)
    assert {key: answers(project)[key] for key in data} == data
    assert (project / "src" / "my_net" / "mine.py").is_file()
    for name in git(other, "ls-files").splitlines():
        path = Path(name)
        text = (project / path).read_bytes()
        if path in same:
            more = MINE.encode() if path in edited else b""
            assert text == (other / path).read_bytes() + more, name
        elif path in edited:  # the edit of a file that is another now: merged, or marked
            assert MINE.encode() in text or b"<<<<<<< " in text, name
