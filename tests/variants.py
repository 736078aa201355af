"""What the template can make, computed from each part's part.yml: no test has a list of its own.

A variant is a task, a modality and a device. Its files are those of every folder {{use.x}} with x
in use, each with that part of its path taken away: the rule that copier.yml gives to Copier, once
more, to check it.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
IGNORED = {"__pycache__", ".pytest_cache", ".ruff_cache", ".DS_Store"}
OVERLAY = re.compile(r"\{\{use\.(\w+)\}\}")


class Variant(NamedTuple):
    """One choice on each axis that is asked."""

    task: str
    modality: str
    device: str = "cpu"

    @property
    def name(self) -> str:
        """Return the name of the project that the tests make of it."""
        return "-".join(self)

    @property
    def package(self) -> str:
        """Return the import package of that project."""
        return self.name.replace("-", "_")


class Template:
    """The template in `root`: its parts, and what they can be put together to."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root / "template"
        self.parts: list[dict[str, Any]] = [
            {
                "folder": path.parent.relative_to(self.root),
                **yaml.safe_load(path.read_text("utf-8")),
            }
            for path in sorted(self.root.rglob("part.yml"))
        ]

    def axis(self, axis: str) -> list[dict[str, Any]]:
        """Return the parts of one axis, as they are offered."""
        return sorted((p for p in self.parts if p["axis"] == axis), key=lambda p: p.get("order", 0))

    def names(self, axis: str) -> list[str]:
        """Return the names of the parts of one axis, as they are offered."""
        return [p["name"] for p in self.axis(axis)]

    def part(self, axis: str, name: str) -> dict[str, Any]:
        """Return the part called `name`."""
        return next(p for p in self.axis(axis) if p["name"] == name)

    @property
    def pairs(self) -> list[Variant]:
        """Return every task with every modality that it has, tasks first."""
        have = {(p["task"], p["modality"]) for p in self.axis("pair")}
        every = itertools.product(self.names("task"), self.names("modality"))
        return [Variant(*pair) for pair in every if pair in have]

    @property
    def impossible(self) -> list[Variant]:
        """Return every task with every modality that it does not have."""
        every = itertools.product(self.names("task"), self.names("modality"))
        return [Variant(*pair) for pair in every if Variant(*pair) not in self.pairs]

    @property
    def variants(self) -> list[Variant]:
        """Return every pair on every device."""
        return [v._replace(device=d) for v in self.pairs for d in self.names("device")]

    def chosen(self, variant: Variant) -> list[dict[str, Any]]:
        """Return the parts that a variant is made of."""
        modality = self.part("modality", variant.modality)
        pair = next(p for p in self.axis("pair") if (p["task"], p["modality"]) == variant[:2])
        kind = self.part("kind", pair.get("kind", modality["kind"]))
        task = self.part("task", variant.task)
        return [task, modality, kind, pair, self.part("device", variant.device)]

    def dependencies(self, variant: Variant) -> set[str]:
        """Return the names, as PyPI spells them, of what the variant's parts ask for."""
        wanted = [d for p in self.chosen(variant) for d in p.get("dependencies", [])]
        return {distribution(d) for d in wanted}

    def use(self, variant: Variant) -> set[str]:
        """Return x for every folder {{use.x}} that the variant has."""
        parts = self.chosen(variant)
        names = [p["name"] for p in parts if "name" in p] + [
            n for p in parts for n in p.get("needs", [])
        ]
        return {name.replace("-", "_") for name in names}

    def files(self) -> Iterator[Path]:
        """Return every file of every part, relative to the template."""
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if path.is_file() and not IGNORED & set(relative.parts) and path.suffix != ".pyc":
                yield relative

    def overlay(
        self, variant: Variant, license: str = "MIT", author: str = ""
    ) -> dict[Path, list[Path]]:
        """Return the project's files, with what they are made of; two are a collision."""
        use, found = self.use(variant), {}
        for source in self.files():
            layers = [OVERLAY.fullmatch(part) for part in source.parts]
            if any(layer and layer[1] not in use for layer in layers) or source.name == "part.yml":
                continue
            kept = (part for part in source.parts if not OVERLAY.fullmatch(part))
            target = "/".join(kept).replace("{{package_name}}", variant.package)
            target = target.replace("{{_copier_conf.answers_file}}", ".copier-answers.yml")
            target = target.replace("{{license_file}}", "" if license == "none" else "LICENSE")
            target = target.replace("{{citation_file}}", "CITATION.cff" if author else "")
            if (target := target.removesuffix(".jinja")) != "":
                found.setdefault(Path(target), []).append(source)
        return found


def distribution(requirement: str) -> str:
    """Return the normalised name in a requirement: `espeakng_loader>=0.2` is espeakng-loader."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


TEMPLATE = Template()
