"""What a project has besides its code: workflow, hooks, citation, words for contributors."""

import json
import shlex
import shutil
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import run, show
from repo_review.processor import process
from test_end_to_end import blocks, follow
from variants import ROOT, TEMPLATE, Variant

TOOLS = Path(sys.executable).parent
Project = Callable[[Variant], Path]
KINDS = {TEMPLATE.chosen(v)[2]["name"]: v for v in reversed(TEMPLATE.pairs)}  # the first of each


@pytest.mark.parametrize("variant", KINDS.values(), ids=lambda v: v.name)
def test_the_workflow_is_safe(project: Project, variant: Variant):
    for folder in (ROOT / ".github", project(variant)):
        done = run(TOOLS / "zizmor", "--offline", "--persona=pedantic", ".", cwd=folder)
        assert done.returncode == 0, show(done)


def test_what_others_read_is_as_they_want_it(render: Callable[..., Path]):
    folder = render(author_name="Ada")
    for schema, pattern in (
        ("vendor.github-workflows", ".github/workflows/*.yml"),
        ("custom.github-workflows-require-timeout", ".github/workflows/*.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        ("vendor.citation-file-format", "CITATION.cff"),
    ):
        files = [path for root in (ROOT, folder) for path in root.glob(pattern)]
        words = ("--builtin-schema", schema, "--default-filetype", "yaml")
        done = run(TOOLS / "check-jsonschema", *words, *files, cwd=folder)
        assert files and done.returncode == 0, show(done)


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_files_of_tools_can_be_read(project: Project, variant: Variant):
    folder = project(variant)
    launch = json.loads((folder / ".vscode" / "launch.json").read_text("utf-8"))
    for entry in launch["configurations"]:
        path = folder / "src" / (entry["module"].replace(".", "/") + ".py")
        assert path.is_file() or entry["module"] == "pytest"
    assert json.loads((folder / ".devcontainer" / "devcontainer.json").read_text("utf-8"))["image"]
    assert (folder / "CLAUDE.md").read_text("utf-8").strip() == "@AGENTS.md"
    steps = yaml.safe_load((folder / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    said = json.dumps(steps["jobs"])
    (commands,) = blocks(folder / "AGENTS.md")
    known = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    known = {*known["project"]["scripts"], "ruff", "pyright", "pytest"}
    for words in (line.split() for line in commands.splitlines()):
        assert words[:2] == ["uv", "run"] and words[2] in known, words
        assert words[2] == "check" or f"uv run --no-sync {words[2]}" in said, "CI looks, too"


def test_pyproject_is_valid(project: Project):
    files = [project(v) / "pyproject.toml" for v in TEMPLATE.pairs]
    done = run(TOOLS / "validate-pyproject", *files, cwd=files[0].parent)
    assert done.returncode == 0, show(done)


@pytest.mark.parametrize("variant", TEMPLATE.pairs[::4], ids=lambda v: v.name)
def test_a_review_finds_nothing(project: Project, variant: Variant):
    found = process(project(variant)).results
    assert not [f"{c.name} {c.description}" for c in found if c.result is False]
    assert sum(check.result is True for check in found) > 45


def test_who_is_cited(render: Callable[..., Path]):
    author = 'Ada "A" Löve'
    cited = yaml.safe_load((render(author_name=author) / "CITATION.cff").read_text("utf-8"))
    assert cited["authors"] == [{"name": author}]
    assert cited["license"] == "MIT" and cited["cff-version"] == "1.2.0"


@pytest.mark.slow
def test_what_contributors_are_told(project: Project, tmp_path: Path):
    folder = tmp_path / "project"
    shutil.copytree(project(TEMPLATE.pairs[0]), folder)
    here = TOOLS / "uv"
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uv").symlink_to(here)
    pages = ("AGENTS.md", "docs/tour.md")
    start, *rest = [block for page in pages for block in blocks(folder / page)]
    # the last is about a network still to be written; pyrefly is in a hook: extras are absent here
    told = (start, "uv run pyrefly check --min-severity=error", *rest[:-1])
    try:
        for block in told:
            done = follow(block, folder, tools)
            assert done.returncode == 0, f"{block}\n{show(done)}"
    finally:
        shutil.rmtree(folder / ".venv", ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs[::4], ids=lambda v: v.name)
def test_plain_pip_installs_it(project: Project, variant: Variant, tmp_path: Path):
    folder, env = tmp_path / "project", tmp_path / "venv"
    shutil.copytree(project(variant), folder)
    venv.create(env, with_pip=True)
    path = Path(sysconfig.get_path("purelib", vars={"base": str(env)}))
    (path / "here.pth").write_text(sysconfig.get_path("purelib"))  # what it depends on
    commands, pip = env / "bin", ("-m", "pip", "--disable-pip-version-check")

    def ends(*words: str | Path, cwd: Path = folder) -> str:
        done = run(*words, cwd=cwd)
        assert done.returncode == 0, show(done)
        return done.stdout

    ends(commands / "python", *pip, "install", "--no-deps", "-e", ".")
    few = [f"+trainer.limit_{split}_batches=2" for split in ("train", "val", "test")]
    ends(commands / "train", "trainer.max_steps=2", "baseline=none", *few, "run_dir=runs/first")
    (line,) = (x for x in blocks(folder / "README.md")[0].splitlines() if "run predict" in x)
    words = shlex.split(line.replace("runs/", f"{folder}/runs/"))[3:]

    ends(commands / "python", *pip, "wheel", "--no-deps", "--wheel-dir", "dist", ".")
    (wheel,) = (folder / "dist").glob("*.whl")
    ends(commands / "python", *pip, "install", "--no-deps", "--force-reinstall", wheel)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert ends(commands / "predict", *words, cwd=elsewhere)  # a checkpoint carries its settings
    done = run(commands / "train", cwd=elsewhere)
    assert done.returncode == 2 and "pip install -e ." in done.stderr, show(done)
