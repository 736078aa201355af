"""The hooks of a project: every file passes, and what each is there for is found.

Their repositories cannot be had here. Git is told of others in their place, of one file each:
what a hook is called and what it runs, in the version that the project names.
"""

import os
import re
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import run, show
from variants import TEMPLATE, Variant

TOOLS = Path(sys.executable).parent
PLACE = "https://github.com/"
PACKAGES = {  # what a repository of hooks installs, at its own version; the others say
    "pre-commit/pre-commit-hooks": "pre-commit-hooks",
    "astral-sh/ruff-pre-commit": "ruff",
    "rvben/rumdl-pre-commit": "rumdl",
    "codespell-project/codespell": "codespell",
    "zizmorcore/zizmor-pre-commit": "zizmor",
}
HOOKS: dict[str, dict[str, Any]] = {  # that are not called as what they run
    "end-of-file-fixer": {"types": ["text"]},
    "zizmor": {"types": ["yaml"]},
    "trailing-whitespace": {"entry": "trailing-whitespace-fixer", "types": ["text"]},
    "check-toml": {"types": ["toml"]},
    "check-yaml": {"types": ["yaml"]},
    "ruff-check": {"entry": "ruff check --force-exclude", "types": ["python"]},
    "ruff-format": {"entry": "ruff format --force-exclude"},
    "rumdl-fmt": {"entry": "rumdl fmt", "types": ["markdown"]},
    "codespell": {"types": ["text"]},
    "python-check-blanket-noqa": {
        "language": "pygrep",
        "entry": "(?i)# noqa(?!: )",
        "types": ["python"],
    },
    "text-unicode-replacement-char": {
        "language": "pygrep",
        "entry": "\N{REPLACEMENT CHARACTER}",
        "types": ["text"],
    },
}
Hooked = Callable[[Path], dict[str, str]]


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = run("git", *name, *words, cwd=folder)
    assert done.returncode == 0, show(done)


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    """Return a function that runs all hooks of a repository and gives what each failed with."""
    root = tmp_path_factory.mktemp("hooks")
    tools = root / "tools"
    tools.mkdir()
    (tools / "uv").write_text('#!/bin/sh\nshift\nexec "$@"\n')  # uv run, in this environment
    (tools / "uv").chmod(0o755)
    (root / ".gitconfig").write_text(f'[url "file://{root}/"]\n\tinsteadOf = {PLACE}\n')
    env: dict[str, Any] = {
        "HOME": str(root),
        "PRE_COMMIT_HOME": str(root / "home"),
        "VIRTUAL_ENV": sys.prefix,
        "PATH": os.pathsep.join((str(tools), str(TOOLS), os.environ["PATH"])),
    }
    read = yaml.safe_load((TEMPLATE.root / ".pre-commit-config.yaml").read_text("utf-8"))
    for repo in read["repos"]:
        name = repo["repo"].removeprefix(PLACE)
        if package := PACKAGES.get(name):
            assert version(package) == repo["rev"].removeprefix("v"), "test what is promised"
        hooks = [{"id": h["id"], "name": h["id"], "entry": h["id"]} for h in repo["hooks"]]
        folder = root / name
        folder.mkdir(parents=True)
        entries = [{"language": "system", **hook, **HOOKS.get(hook["id"], {})} for hook in hooks]
        (folder / ".pre-commit-hooks.yaml").write_text(yaml.safe_dump(entries))
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "hooks")
        git(folder, "tag", repo["rev"])

    def failed(project: Path) -> dict[str, str]:
        git(project, "init", "-q")
        git(project, "add", "-A")
        done = run(TOOLS / "pre-commit", "run", "-a", "--color=never", cwd=project, **env)
        _, *said = re.split(r"^(.+?)\.{3,}\S*?(Passed|Failed|Skipped)$", done.stdout, flags=re.M)
        found = {said[k]: said[k + 1 : k + 3] for k in range(0, len(said), 3)}
        assert set(found) == {hook["name"] for hook in hooks_of(root)}, show(done)
        return {name: text for name, (ended, text) in found.items() if ended == "Failed"}

    return failed


def hooks_of(root: Path) -> list[dict[str, Any]]:
    """Return what the repositories in a folder have."""
    files = root.glob("*/*/.pre-commit-hooks.yaml")
    return [hook for path in files for hook in yaml.safe_load(path.read_text("utf-8"))]


@pytest.mark.parametrize("variant", TEMPLATE.pairs[::4], ids=lambda v: v.name)
def test_hooks_pass(
    project: Callable[[Variant], Path], variant: Variant, hooked: Hooked, tmp_path: Path
):
    folder = tmp_path / "project"
    shutil.copytree(project(variant), folder)
    (folder / "uv.lock").write_text("# as long as that of a project\n" * 30_000)
    assert hooked(folder) == {}
    done = run("git", "diff", "--stat", cwd=folder)
    assert not done.stdout, "nothing was mended, either"


def test_hooks_find_what_they_are_for(
    project: Callable[[Variant], Path], hooked: Hooked, tmp_path: Path
):
    folder = tmp_path / "project"
    shutil.copytree(project(TEMPLATE.pairs[0]), folder)
    (package,) = (folder / "src").iterdir()
    wrong = {
        "check-added-large-files": ("weights.ckpt", "0" * 600_000),
        "check-merge-conflict": ("configs/a.txt", "<<<<<<< before updating\nx\n"),
        "check-toml": ("a.toml", "x = \n"),
        "check-yaml": ("configs/a.yaml", "x: [\n"),
        "detect-private-key": ("key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n"),
        "end-of-file-fixer": ("a.txt", "x"),
        "trailing-whitespace": ("b.txt", "x \n"),
        "python-check-blanket-noqa": (f"src/{package.name}/b.py", '"""B."""\nx = 1  # noqa\n'),
        "text-unicode-replacement-char": ("c.txt", "caf\N{REPLACEMENT CHARACTER}\n"),
        "ruff-check": (f"src/{package.name}/c.py", '"""C."""\n\nimport os\n'),
        "ruff-format": (f"src/{package.name}/d.py", '"""D."""\n\nx = {  }\n'),
        "pyrefly-check": (f"src/{package.name}/e.py", '"""E."""\n\n"x".nope()\n'),
        "rumdl-fmt": ("d.md", "# D\n* x\n"),
        "codespell": ("e.txt", "a " + "langauge\n"),
        "zizmor": (".github/workflows/f.yml", UNSAFE),
    }
    for path, text in wrong.values():
        (folder / path).write_text(text, "utf-8")
    assert set(hooked(folder)) == set(wrong)


UNSAFE = """\
on: pull_request_target
jobs:
  x:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.event.pull_request.title }}
"""
