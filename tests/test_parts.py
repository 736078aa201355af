"""The parts as they lie: what part.yml says, which files meet, what no file may hold."""

import ast
import itertools
import re
from pathlib import Path

import pytest
import yaml
from variants import OVERLAY, ROOT, TEMPLATE, Variant

PYTHON = [path for path in TEMPLATE.files() if path.suffix == ".py"]
KEYS = {  # axis -> what its part.yml must say
    "modality": {"name", "label", "help", "order", "kind", "data", "suffix", "card"},
    "task": {"name", "label", "help", "order", "needs", "module"},
    "kind": {"name"},
    "device": {"name", "label", "help", "order", "trainer", "readme"},
    "pair": {
        "task",
        "modality",
        "title",
        "network",
        "class",
        "baseline",
        "metric",
        "expected",
        "mode",
    },
}
SETTINGS = {  # of Copier; an unknown one passes without a word
    "_min_copier_version", "_subdirectory", "_answers_file", "_envops", "_exclude",
    "_message_after_copy", "_message_after_update",
}  # fmt: skip
QUESTION = {"type", "help", "default", "choices", "validator", "when", "ask"}


@pytest.mark.parametrize("part", TEMPLATE.parts, ids=lambda p: str(p["folder"]))
def test_part_says_what_it_must(part):
    assert part["axis"] in KEYS
    assert not KEYS[part["axis"]] - part.keys()
    if part["axis"] == "modality":
        assert part["kind"] in TEMPLATE.names("kind")
    if part["axis"] == "task":
        assert ("sample" in part) != ("predict" in part), "what README tells predict"
    if part["axis"] == "pair":
        assert part["task"] in TEMPLATE.names("task")
        assert part["modality"] in TEMPLATE.names("modality")
        assert part["mode"] in ("min", "max")
    else:
        assert part["folder"] == Path("{{use." + part["name"].replace("-", "_") + "}}")


def test_names_and_orders_are_unique():
    named = [p["name"] for p in TEMPLATE.parts if "name" in p] + sorted(needs())
    assert len(named) == len(set(named))
    for axis in ("modality", "task", "device"):
        orders = [p["order"] for p in TEMPLATE.axis(axis)]
        assert len(orders) == len(set(orders))
    pairs = [(p["task"], p["modality"]) for p in TEMPLATE.axis("pair")]
    assert len(pairs) == len(set(pairs))


def needs() -> set[str]:
    """Return what tasks and pairs need of the networks that a kind offers."""
    return {name for part in TEMPLATE.parts for name in part.get("needs", [])}


def test_every_folder_belongs_to_a_part():
    known = {p["name"] for p in TEMPLATE.parts if "name" in p} | needs()
    layers = [OVERLAY.fullmatch(part) for path in TEMPLATE.files() for part in path.parts]
    assert {layer[1] for layer in layers if layer} <= {name.replace("-", "_") for name in known}


@pytest.mark.parametrize("variant", TEMPLATE.variants, ids=lambda v: v.name)
def test_overlays_never_meet(variant: Variant):
    files = TEMPLATE.overlay(variant)
    assert not {str(to): list(map(str, came)) for to, came in files.items() if len(came) > 1}


def test_no_jinja_in_python():
    assert PYTHON
    assert not [path for path in TEMPLATE.files() if path.name.endswith(".py.jinja")]


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_python_is_short_and_imports_relatively(path: Path):
    source = (TEMPLATE.root / path).read_text("ascii")
    assert source.count("\n") <= 250
    for node in ast.walk(ast.parse(source)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        siblings = {p.stem for p in PYTHON}
        own = siblings & {name.split(".")[0] for name in names}
        assert not own, f"import {own} from . : no file knows the package's name"


def test_names_are_good_on_every_system():
    for path in TEMPLATE.files():
        assert not re.search(r'[<>:"|?*\\ ]', str(path)), path
        assert not (TEMPLATE.root / path).is_symlink(), path
        assert len(str(path)) <= 110, path


def test_copier_yml_says_only_what_copier_knows():
    class Loader(yaml.SafeLoader):
        """Reads copier.yml without Copier."""

    Loader.add_constructor("!include", lambda loader, node: f"!include {node.value}")
    content = yaml.load((ROOT / "copier.yml").read_text("utf-8"), Loader)
    assert {key for key in content if key.startswith("_")} <= SETTINGS
    questions = {key: value for key, value in content.items() if not key.startswith("_")}
    for name, question in questions.items():
        assert question.keys() <= QUESTION, name
    asked = [
        n for n, q in questions.items() if q.get("when", True) is not False and q.get("ask", True)
    ]
    assert asked == ["project_name", "task", "modality", "device", "torch"]
    assert all(len(questions[name]["help"]) > 40 for name in asked), (
        "help tells what follows from the answer"
    )


def test_configs_that_name_the_package_are_templates():
    for path in TEMPLATE.files():
        text = (TEMPLATE.root / path).read_bytes().replace(b"${{", b"")  # GitHub's own
        if path.suffix in {".yaml", ".yml", ".md", ".toml", ".sh", ".sbatch", ".txt"}:
            assert b"{{" not in text and b"{%" not in text, f"{path} lacks .jinja"
        if path.suffix == ".jinja":
            assert b"{{" in text or b"{%" in text, f"{path} needs no .jinja"


def test_every_pair_has_its_own_title():
    titles = [p["title"] for p in TEMPLATE.axis("pair")]
    assert not [a for a, b in itertools.pairwise(sorted(titles)) if a == b]
