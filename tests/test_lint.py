"""Linters and the type checker, over the parts where they lie and over what is rendered."""

import ast
import importlib
import json
import os
import re
import shutil
import sys
import tomllib
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import run, show
from variants import ROOT, TEMPLATE, Variant

TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_here(words: tuple[str, ...]):
    done = run(TOOLS / "ruff", *words, "--no-cache", ROOT, cwd=ROOT)
    assert done.returncode == 0, show(done)


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_in_every_project(
    project: Callable[[Variant], Path], words: tuple[str, ...], tmp_path: Path
):
    folders = [project(variant) for variant in TEMPLATE.pairs]
    done = run(TOOLS / "ruff", *words, "--no-cache", *folders, cwd=tmp_path)
    assert done.returncode == 0, show(done)


def farm(folder: Path, lay: Callable[[Path, Path], object] = os.symlink) -> None:
    """Lay each variant's Python out as a package, of links to the parts if not told otherwise."""
    for variant in TEMPLATE.pairs:
        for target, (source, *_) in TEMPLATE.overlay(variant).items():
            if target.suffix == ".py":
                path = folder / target.relative_to("src")
                path.parent.mkdir(parents=True, exist_ok=True)
                lay(TEMPLATE.root / source, path)
    for path in (*(ROOT / "tests").glob("*.py"), *(ROOT / "website").glob("*.py")):
        lay(path, folder / path.name)


def test_pyright_on_every_variant(tmp_path: Path):
    config = {"include": ["farm"], "typeCheckingMode": "basic", "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    (tmp_path / "farm").mkdir()
    farm(tmp_path / "farm")
    words = ("--pythonpath", sys.executable, "--outputjson", "-p", tmp_path)
    done = run(TOOLS / "pyright", *words, cwd=tmp_path, timeout=1800)
    report = json.loads(done.stdout)
    errors = [d for d in report["generalDiagnostics"] if d["severity"] == "error"]
    found = {f"{where(d)}: {d['message']}" for d in errors}  # a part's error shows in each variant
    assert not found, "\n".join(sorted(found))
    assert report["summary"]["filesAnalyzed"] > 10 * len(TEMPLATE.pairs)


def test_pyrefly_on_every_variant(project: Callable[[Variant], Path], tmp_path: Path):
    text = (project(TEMPLATE.pairs[0]) / "pyproject.toml").read_text("utf-8")
    there, here = (
        'project-includes = ["src"]',
        'project-includes = ["farm"]\nsearch-path = ["farm"]',
    )
    assert there in text
    (tmp_path / "pyproject.toml").write_text(text.replace(there, here), "utf-8")
    (tmp_path / "farm").mkdir()
    farm(tmp_path / "farm", shutil.copyfile)  # it would look for what is beside a link's file
    words = ("--python-interpreter-path", sys.executable, "--output-format", "min-text")
    done = run(TOOLS / "pyrefly", "check", *words, cwd=tmp_path, timeout=1800)
    found = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
    assert done.returncode == 0 and not found, "\n".join(found)


def test_what_an_extra_brings_may_be_missing(project: Callable[[Variant], Path]):
    """A type checker is told: here all is installed, where a project is made it is not."""
    absent = set[str]()
    for device in TEMPLATE.names("device"):
        path = project(TEMPLATE.pairs[0]._replace(device=device)) / "pyproject.toml"
        extras = tomllib.loads(path.read_text("utf-8"))["project"]["optional-dependencies"]
        wanted = [name for names in extras.values() for name in names]
        absent |= {re.split(r"[^\w-]", name)[0].replace("-", "_") for name in wanted}
    found = list[str]()
    for path in TEMPLATE.root.rglob("*.py"):
        text = path.read_text("utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            if {name.split(".")[0] for name in names} & absent:
                found.append(f"{path.name}:{node.lineno}: {lines[node.lineno - 1]}")
    assert len(found) > 10
    assert not [line for line in found if "reportMissingImports" not in line]


def where(diagnostic: dict) -> str:
    """Return file and line of the part itself, not of the link."""
    path = os.path.relpath(os.path.realpath(diagnostic["file"]), ROOT)
    return f"{path}:{diagnostic['range']['start']['line'] + 1}"


@pytest.fixture
def in_place(variant: Variant) -> Iterator[Callable[[str], types.ModuleType]]:
    """Return a function that imports a variant's modules from the parts themselves."""
    name = f"in_place_{variant.package}"
    overlay, inside = TEMPLATE.overlay(variant), Path("src", variant.package)
    sources: dict[str, set[Path]] = {}  # where the modules of each package lie
    for target, (source, *_) in overlay.items():
        if target.suffix == ".py":
            inner = target.parent.relative_to(inside).parts
            sources.setdefault(".".join([name, *inner]), set()).add((TEMPLATE.root / source).parent)
    for package, folders in sources.items():
        module = types.ModuleType(package)
        module.__path__ = [str(folder) for folder in sorted(folders)]
        sys.modules[package] = module
    yield lambda module: importlib.import_module(f"{name}.{module}")
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_every_module_imports_in_place(
    variant: Variant, in_place: Callable[[str], types.ModuleType]
):
    inside = Path("src", variant.package)
    for target, (source, *_) in TEMPLATE.overlay(variant).items():
        inner = target.relative_to(inside) if target.suffix == ".py" else Path()
        if inner.stem and inner.stem != "__init__" and inner.parts[0] != "tests":
            module = in_place(".".join(inner.with_suffix("").parts))
            assert module.__file__ == str(TEMPLATE.root / source)
            assert module.__doc__, f"{source}: the first paragraph says what it is for"
