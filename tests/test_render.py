"""Every combination renders to its own files and nothing else."""

import ast
import itertools
import re
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from variants import ROOT, TEMPLATE, Variant, distribution

LICENSES = ("MIT", "Apache-2.0", "BSD-3-Clause", "none")
INDEXES = ["pypi", "cpu", "cu130"]
CYCLED = list(zip(TEMPLATE.variants, itertools.cycle(LICENSES), itertools.cycle(INDEXES)))
BROUGHT_BY = {  # a package, and the one that cannot be installed without it
    "pyyaml": "hydra-core",
    "omegaconf": "hydra-core",
    "torchmetrics": "pytorch-lightning",
}


def pyproject(project: Path) -> dict:
    """Read a project's pyproject.toml."""
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


def requirements(project: Path) -> dict[str, Requirement]:
    """Return what a project needs and is developed with, by normalised name."""
    content = pyproject(project)
    lines = content["project"]["dependencies"] + content["dependency-groups"]["dev"]
    return {distribution(line): Requirement(line) for line in lines}


def extras(project: Path) -> set[str]:
    """Return what a project can do with and without: of its extras, and of any device."""
    lists = [*pyproject(project)["project"]["optional-dependencies"].values()]
    lists += [p.get("dependencies", []) for p in TEMPLATE.parts if p.get("axis") == "device"]
    return {distribution(line) for lines in lists for line in lines}


@pytest.mark.parametrize(
    ("variant", "license", "torch"), CYCLED, ids=lambda x: getattr(x, "name", x)
)
def test_combination(render: Callable[..., Path], variant: Variant, license: str, torch: str):
    allowed = TEMPLATE.part("device", variant.device).get("torch", INDEXES)
    torch = torch if torch in allowed else allowed[-1]
    answers = {"project_name": variant.name, "license": license, "torch": torch}
    project = render(**answers, **variant._asdict())

    expected = TEMPLATE.overlay(variant, license)
    found = {path.relative_to(project) for path in project.rglob("*") if path.is_file()}
    assert found == set(expected)
    assert not [path for path in project.rglob("*") if path.is_dir() and not any(path.iterdir())]
    for target, (source,) in expected.items():
        content = (project / target).read_bytes()
        assert "{" not in str(target)
        if source.suffix != ".jinja":
            assert content == (TEMPLATE.root / source).read_bytes()
            continue
        assert not re.search(rb"\{\{|\{%|\{#", content), target
        assert content.endswith(b"\n") and not content.endswith(b"\n\n"), target
        prose = re.sub(rb"^```python\n.*?^```", b"code", content, flags=re.DOTALL | re.MULTILINE)
        assert content[:1] != b"\n" and b"\n\n\n" not in prose, target
        if target.suffix == ".yaml":
            assert yaml.safe_load(content), target
    no_word_of_others(project, variant)
    versions_tested_here_are_admitted(project, variant)

    content = pyproject(project)
    indexes = [index["url"].rpartition("/")[2] for index in content["tool"]["uv"].get("index", [])]
    assert indexes == ([] if torch == "pypi" else [torch])
    sources = set(content["tool"]["uv"].get("sources", ()))
    assert sources == ((indexes and {"torch", "torchaudio"} & set(requirements(project))) or set())
    assert content["project"].get("license", "none") == license


def no_word_of_others(project: Path, variant: Variant) -> None:
    """Check that nothing names a package that only other parts need.

    Devices aside: the code is the same for each, so it may ask for what one of them has.
    """
    parts = [part for part in TEMPLATE.parts if part.get("axis") != "device"]
    every = {distribution(d) for part in parts for d in part.get("dependencies", [])}
    foreign = every - TEMPLATE.dependencies(variant)
    words = [re.escape(name).replace(r"\-", "[-_.]?") for name in foreign]
    pattern = re.compile(rf"\b({'|'.join(words)})\b" if words else r"(?!)", re.IGNORECASE)
    for path in project.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".md", ".toml", ".yaml", ".sh", ".sbatch"}:
            mention = pattern.search(path.read_text("utf-8"))
            assert not mention, f"{path.relative_to(project)} mentions {mention}"


def pins() -> dict[str, str]:
    """Return the exact versions that this repository is developed with."""
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"]
    assert all("==" in line for line in lines)
    return {distribution(line): line.partition("==")[2] for line in lines}


def versions_tested_here_are_admitted(project: Path, variant: Variant) -> None:
    """Check that what a project asks for includes what it is tested with."""
    held, here = TEMPLATE.part("device", variant.device).get("pins", {}), pins()
    for name, requirement in requirements(project).items():
        if name in held:
            assert str(requirement.specifier) == held[name]
        elif not requirement.marker:
            assert requirement.specifier.contains(here[name]), requirement


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_imports_are_declared(project: Callable[[Variant], Path], variant: Variant):
    providers = metadata.packages_distributions()
    declared = set(requirements(project(variant)))
    for path in project(variant).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += (
                [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            )
            for top in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names):
                offered = {distribution(name) for name in providers.get(top, [top])}
                offered |= {BROUGHT_BY[name] for name in offered if name in BROUGHT_BY}
                # extras are imported where they are used: the rest runs without; infer.py is
                # no module of the project, but goes with an exported model, and pages/ is what
                # demo imports once it is asked for
                own = path.name == "infer.py" or path.parent.name == "pages"
                late = own or node not in tree.body
                known = declared | (extras(project(variant)) if late else set())
                assert offered & known, f"{path.name} imports {top}, which is not declared"


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_installed_versions_are_the_pinned_ones(
    project: Callable[[Variant], Path], variant: Variant
):
    for name in requirements(project(variant)):
        assert metadata.version(name).partition("+")[0] == pins()[name]


def test_devices_with_pins_keep_the_family_together():
    for part in TEMPLATE.axis("device"):
        held = part.get("pins", {})
        own = [
            Requirement(d).specifier for d in part.get("dependencies", []) if d.startswith("torch")
        ]
        assert len({*held.values(), *map(str, own)}) == (1 if held else 0), part["name"]


def test_the_rules_are_the_same_here_and_there(project: Callable[[Variant], Path]):
    here = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    for variant in TEMPLATE.pairs[:1]:
        assert pyproject(project(variant))["tool"]["ruff"] == here["ruff"]
