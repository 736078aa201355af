"""The reference of every setting: what configs/ of the rendered projects say, and their comments.

A setting that is the same in all projects that have it is one line; where they differ, each value
stands with the projects that it belongs to.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import yaml
from facts import NAME, Facts, key
from renders import PACKAGE, Renders

FIRST = ("train", "recipe")  # files of no group, in this order
GROUPS = ("data", "task", "network", "size", "optimizer", "trainer")  # what most people look for
MANY = 5  # projects of which each has another value: their list would tell nothing
BAR = "\\|"  # would end a cell of a table
PACKAGED = re.compile(r"^# @package (\S+)", re.MULTILINE)


class Setting(NamedTuple):
    """A key of a file: its dotted name on the command line, value, and comment."""

    name: str
    value: str
    comment: str


def settings(path: str, text: str) -> tuple[str, list[Setting]]:
    """Read a file of configs/. Returns the comment it begins with, and its settings in order."""
    head = [line[1:].strip() for line in _leading(text) if not line.startswith("# @package")]
    packaged = PACKAGED.search(text)
    group = path.removeprefix("configs/").rpartition("/")[0]
    prefix = group.replace("/", ".") if packaged is None else packaged[1].replace("_global_", "")
    lines = text.splitlines()
    found = []
    root = yaml.compose(text, yaml.SafeLoader)
    for name, node in _walk(root, prefix) if root is not None else ():
        value = text[node.start_mark.index : node.end_mark.index].strip()
        last = node.end_mark.line
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            value, last = _flow(value), len(lines)  # its end is that of the lines below it
        after = lines[last][node.end_mark.column :].strip() if last < len(lines) else ""
        comment = after.lstrip("# ") if after.startswith("#") else ""
        found.append(Setting(name, value, comment))
    return "\n".join(head), found


def _flow(block: str) -> str:
    """Write a list of lines as one line."""
    items = (line.partition(" #")[0].strip() for line in block.splitlines())
    return f"[{', '.join(item.removeprefix('- ') for item in items if item[:1] == '-')}]"


def _leading(text: str) -> Iterator[str]:
    """Yield the comments at the beginning of a file."""
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        yield line


def _walk(node: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a mapping with their dotted names; what only composes is left out."""
    for name, value in node.value:
        inside = f"{prefix}.{name.value}" if prefix else name.value
        if name.value == "defaults" or name.value.startswith(("override ", "_partial_")):
            continue
        if isinstance(value, yaml.MappingNode):
            yield from _walk(value, inside)
        else:
            yield inside, value


class Where:
    """Names sets of projects shortly: by their modalities or tasks where these say it all."""

    def __init__(self, facts: Facts) -> None:
        self.pairs = {key(v): v for v in facts.template.pairs}
        self.labels = {
            axis: {p["name"]: p["label"].lower() for p in facts.template.axis(axis)}
            for axis in ("task", "modality")
        }

    def say(self, names: Iterable[str], among: Iterable[str]) -> str:
        """Say which `names` are meant among those that have the setting at all."""
        chosen, every = set(names), set(among)
        if chosen == every:
            return ""
        for axis in ("modality", "task"):
            kinds = {getattr(self.pairs[name], axis) for name in chosen}
            if {name for name in every if getattr(self.pairs[name], axis) in kinds} == chosen:
                return ", ".join(label for n, label in self.labels[axis].items() if n in kinds)
        of = (f"{self.labels['task'][v.task]} of {self.labels['modality'][v.modality]}"
              for n, v in self.pairs.items() if n in chosen)  # fmt: skip
        return ", ".join(of)


def page(facts: Facts, renders: Renders) -> str:
    """Write the reference as Markdown."""
    where = Where(facts)
    files: dict[str, dict[str, str]] = {}  # path -> project -> text
    for name, project in renders.projects.items():
        for path, file in project.items():
            if path.startswith("configs/") and path.endswith(".yaml"):
                text = file["text"].replace(PACKAGE, NAME.replace("-", "_"))
                files.setdefault(path, {})[name] = text
    groups: dict[str, list[str]] = {}
    for path in files:
        inner = path.removeprefix("configs/").removesuffix(".yaml")
        group = inner.rpartition("/")[0] or inner
        groups.setdefault("train" if group in FIRST else group, []).append(path)
    order = ("train", *GROUPS)
    ranked = sorted(groups, key=lambda g: (order.index(g) if g in order else len(order), g))
    lines = []
    for group in ranked:
        lines += [f"## {group}", ""]
        for path in sorted(groups[group], key=lambda p: (p.count("/"), "train" not in p, p)):
            lines += _file(path, files[path], set(renders.projects), where)
    return "\n".join(lines)


def _file(path: str, texts: dict[str, str], every: set[str], where: Where) -> list[str]:
    """Write one file's section: what it says of itself, and a table of its settings."""
    option = path.removeprefix("configs/").removesuffix(".yaml")
    title = option.replace("/", "=") if "/" in option else f"{option}.yaml"
    only = where.say(texts, every)
    lines = [f"### `{title}`", "", *([f"Only of: {only}.", ""] if only else [])]
    read = {name: settings(path, text) for name, text in texts.items()}
    heads: dict[str, list[str]] = {}
    for name, (head, _) in read.items():
        heads.setdefault(head, []).append(name)
    if len(heads) == 1 and (head := next(iter(heads))):
        lines += ["```text", head, "```", ""]
    seen: dict[str, dict[tuple[str, str], list[str]]] = {}
    for name, (_, found) in read.items():
        for setting in found:
            seen.setdefault(setting.name, {}).setdefault(setting[1:], []).append(name)
    if not seen:
        return lines
    wide = any(where.say(names, texts) for values in seen.values() for names in values.values())
    lines += ["| setting | default | it says |" + (" in |" if wide else "")]
    lines += ["| --- | --- | --- |" + (" --- |" if wide else "")]
    for setting, values in seen.items():
        if len(values) == len(texts) > MANY:
            lines.append(f"| `{setting}` | each project's own | |" + (" |" if wide else ""))
            continue
        for (value, comment), names in values.items():
            cells = [f"`{setting}`", _code(value), _cell(comment)]
            cells += [where.say(names, texts)] if wide else []
            lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _code(value: str) -> str:
    """Write a value as code in a table."""
    return f"`{' '.join(value.split()).replace('|', BAR)}`"


def _cell(text: str) -> str:
    """Escape what would end a cell of a table."""
    return text.replace("|", BAR).replace("<", "&lt;")
