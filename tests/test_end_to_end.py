"""What the READMEs promise, followed literally in new environments: minutes, so `-m slow`."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Done, run, show
from variants import ROOT, TEMPLATE, Variant

BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(readme: Path) -> list[str]:
    """Return the commands of a README, block by block."""
    return BLOCK.findall(readme.read_text("utf-8"))


def follow(block: str, folder: Path, tools: Path | None = None) -> Done:
    """Run a block as a person would who has Python, git and the tools, but no environment."""
    here = Path(sys.executable).parent
    path = [p for p in os.environ["PATH"].split(os.pathsep) if Path(p) != here]
    drop = {"VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT"}
    env = {key: value for key, value in os.environ.items() if key not in drop}
    env["PATH"] = os.pathsep.join(([str(tools)] if tools else []) + path)
    env["COPIER_SETTINGS_PATH"] = os.devnull
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1800,
    )


def check_score(project: Path, variant: Variant) -> None:
    """Check that a project's first run reached what part.yml promises, and beat its baselines.

    A pair that says that it is `behind` must be: it is to be taken out as soon as it is not.
    """
    pair = TEMPLATE.chosen(variant)[3]
    found = sorted((project / "runs").glob("*/results.json"), key=lambda p: p.stat().st_mtime)
    results = json.loads(found[0].read_text("utf-8"))
    model, *others = (results["scores"][f"{side}/{pair['metric']}"] for side in results["sides"])
    sign = 1 if pair["mode"] == "max" else -1
    assert sign * model >= sign * pair["expected"], results
    assert others
    ahead = all(sign * model > sign * other for other in others)
    assert ahead != pair.get("behind", False), results


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with uv and nothing else."""
    folder = tmp_path_factory.mktemp("tools")
    (folder / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_project_readme(project: Callable[[Variant], Path], variant: Variant, tools: Path):
    folder = project(variant)
    commands = blocks(folder / "README.md")
    assert commands and "uv run train" in commands[0]
    try:
        for block in commands:
            done = follow(block, folder, tools)
            assert done.returncode == 0, f"{block}\n{show(done)}"
        check_score(folder, variant)
    finally:
        shutil.rmtree(folder / ".venv", ignore_errors=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a fresh clone of this repository, with what is not committed yet."""
    folder = tmp_path / "clone"
    listed = run("git", "ls-files", "-zco", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "all"]):
        done = run("git", *words, cwd=folder)
        assert done.returncode == 0, show(done)
    return folder


@pytest.mark.slow
def test_first_command_of_the_readme(clone: Path):
    done = follow(blocks(clone / "README.md")[0], clone)
    assert done.returncode == 0, show(done)
    check_score(clone / "my-project", TEMPLATE.pairs[0])
    assert not run("git", "status", "--porcelain", cwd=clone).stdout, "nothing lies about"


def test_the_readme_begins_with_the_two_commands():
    first, second, *_ = blocks(ROOT / "README.md")
    assert "copier@" in first and "--defaults" in first and "my-project train" in first
    assert second.split()[-2:] == ["run", "pytest"]
    assert (
        f"copier=={first.partition('copier@')[2].split()[0]}"
        in (ROOT / "pyproject.toml").read_text()
    )


OTHERS = [
    ({"device": part["name"]}, modality)
    for part in TEMPLATE.axis("device")
    for modality in TEMPLATE.names("modality")
    if part["name"] != "cpu"
] + [({"torch": "cpu"}, TEMPLATE.names("modality")[0])]


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "modality"), OTHERS, ids=str)
def test_what_it_needs_exists(
    render: Callable[..., Path], tools: Path, answers: dict[str, str], modality: str
):
    folder = render(modality=modality, **answers)
    done = follow("UV_NO_SOURCES=1 uv lock", folder, tools)  # from PyPI, whatever the index
    assert done.returncode == 0, show(done)
    locked = tomllib.loads((folder / "uv.lock").read_text())["package"]
    versions = {package["name"]: package["version"] for package in locked}
    family = [name for name in versions if name in {"torch", "torchaudio", "torch-xla"}]
    pins = TEMPLATE.part("device", answers.get("device", "cpu")).get("pins", {})
    assert not pins or {versions[name][:4] for name in family} == {"2.9."}
