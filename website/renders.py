"""Projects as Copier renders them: their files, a word on each, and their configuration.

One project for each task on each modality, and one for each other device. To render them all takes
half a minute, so what was found is kept in a file until the template changes.
"""

import ast
import hashlib
import json
import os
import re
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import copier
from facts import ROOT, Facts, key
from variants import IGNORED, Variant

CACHE = ROOT / "build" / "renders.json"
FORMAT = b"1"  # of the cache: another one where what is kept of a file is another
SOURCES = ("template", "licenses", "copier.yml", "reserved.yml")  # what Copier reads
PACKAGE = "{package}"  # stands for the package's name in paths
MOST = 110  # characters of the word on a file


class Renders:
    """What was rendered.

    projects: by <task>-<modality> on the first device, {path: file}; devices: the same by the name
    of the device, of one project. A file is {note, lines} and, of a configuration, its `text`.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self.projects: dict[str, dict[str, Any]] = found["projects"]
        self.devices: dict[str, dict[str, Any]] = found["devices"]

    def files(self, facts: Facts, variant: Variant) -> dict[str, str]:
        """Return each path of a project on its device, with a word on it.

        Of other devices the paths follow from the rule of the overlays, which the tests hold
        against a render of every variant.
        """
        first = variant._replace(device=facts.template.names("device")[0])
        here = {path: file["note"] for path, file in self.projects[key(variant)].items()}
        if variant == first:
            return here
        of_device = {path: file["note"] for path, file in self.devices[variant.device].items()}
        names = [path.as_posix() for path in facts.template.overlay(variant)]
        paths = [name.replace(f"src/{variant.package}/", f"src/{PACKAGE}/") for name in names]
        return {path: here.get(path, of_device.get(path, "")) for path in sorted(paths)}


def read(facts: Facts, cache: Path = CACHE) -> Renders:
    """Render what has changed since the last time, which is all or nothing."""
    digest = _digest(facts.template.root.parent)
    if cache.exists():
        found = json.loads(cache.read_text("utf-8"))
        if found["digest"] == digest:
            return Renders(found)
    first, *others = facts.template.names("device")
    pairs = facts.template.pairs
    wanted = [v._replace(device=first) for v in pairs]
    wanted += [pairs[0]._replace(device=device) for device in others]
    with tempfile.TemporaryDirectory() as scratch:
        source = _copy(facts.template.root.parent, Path(scratch) / "template")
        targets = [Path(scratch) / variant.name for variant in wanted]
        with ProcessPoolExecutor(min(4, os.cpu_count() or 1), get_context("spawn")) as pool:
            made = list(pool.map(_render, [source] * len(wanted), targets, wanted))
    found = {
        "digest": digest,
        "projects": dict(zip(map(key, pairs), made, strict=False)),
        "devices": dict(zip(others, made[len(pairs) :], strict=True)),
    }
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}")  # two builds at a time do not meet half a file
    part.write_text(json.dumps(found), "utf-8")
    part.replace(cache)
    return Renders(found)


def _digest(root: Path) -> str:
    """Return a number for all that Copier reads, and for how it is kept."""
    found = hashlib.blake2b(FORMAT)
    for name in SOURCES:
        for path in sorted([root / name, *(root / name).rglob("*")]):
            if path.is_file() and not IGNORED & set(path.parts):
                found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _copy(root: Path, target: Path) -> Path:
    """Copy what Copier reads, without .git: what is not committed yet counts, too."""
    target.mkdir()
    for name in SOURCES:
        if (root / name).is_dir():
            ignore = shutil.ignore_patterns(*IGNORED)
            shutil.copytree(root / name, target / name, ignore=ignore)
        else:
            shutil.copy(root / name, target / name)
    return target


def _render(source: Path, target: Path, variant: Variant) -> dict[str, Any]:
    """Render a variant and describe its files."""
    answers = {"project_name": variant.name, **variant._asdict()}
    settings = copier.Settings()  # nobody's own
    copier.run_copy(str(source), target, answers, defaults=True, quiet=True, settings=settings)
    files = {}
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        name = path.relative_to(target).as_posix()
        text = path.read_text("utf-8").replace(variant.package, PACKAGE)
        file = {"note": note(path.name, text), "lines": len(text.splitlines())}
        if name == "README.md" or (name.startswith("configs/") and path.suffix == ".yaml"):
            file["text"] = text
        files[name.replace(variant.package, PACKAGE)] = file
    return files


def note(name: str, text: str) -> str:
    """Return what a file says of itself in its first line, in at most MOST characters."""
    if name.endswith(".py"):
        said = ast.get_docstring(ast.parse(text)) or ""
    elif name.endswith(".md"):
        said = text.removeprefix("# ") if text.startswith("# ") and name != "README.md" else ""
    else:
        lines = [line for line in text.splitlines() if line.startswith("#")]
        lines = [line for line in lines if not line.startswith(("#!", "# @package"))]
        said = lines[0].lstrip("# ") if lines else ""
    said = re.sub(r" {2,}", "  ", said.split("\n")[0]).strip()
    return said if len(said) <= MOST else said[: said.rindex(" ", 0, MOST)] + " .."
