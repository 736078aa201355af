"""Where examples lie in a folder or a table of one's own: a walk that yields them one by one.

Nothing is read but names and tables, and nothing is kept: a million files cost no more memory than
ten. What people write already is understood:

    class folders         cat/1.jpg, dog/2.jpg; below train/, val/, test/ or without them
    a list beside files   metadata.csv (or .jsonl): file_name,label
    a table of examples   reviews.csv, .tsv or .jsonl with names of columns; train.csv, test.csv
    no classes            any files, however deep; notes.txt with an example a line
"""

import os
from collections.abc import Iterator
from pathlib import Path

from ..errors import UserError
from .frames import is_film
from .rows import SPLITS, Pair, Row
from .shares import place
from .table import LINES, TABLES, Refuse, find_columns, read
from .tree import expected_tree, show_both

SCRIPT = ".trans.txt"  # of LibriSpeech: in each line the name of a recording and what is said
CLIPS = "clips"  # of Common Voice: a folder beside the tables, with the recordings


class Layout:
    """Walk a folder or a table.

    Args:
        path: of the folder or file.
        suffixes: of the files that are examples.
        literal: whether the cells of a table are examples themselves; else they name files.
        lists: suffixes of the files in a folder that hold an example a line.
        columns: {setting: its column in tables}: the example first, then label, group and split.
        labels: "required", "optional" or "ignored".
        frames: suffixes of the pictures that together are one example, numbered in a folder.
        scripts: whether lists of LibriSpeech are read, and splits named as there: train-clean-100.
        encoding: of tables.
        refuse: told of each thing that is left out.
    """

    def __init__(
        self,
        path: Path,
        *,
        suffixes: tuple[str, ...],
        literal: bool,
        lists: tuple[str, ...],
        columns: dict[str, str],
        labels: str,
        frames: tuple[str, ...],
        scripts: bool,
        encoding: str,
        refuse: Refuse,
    ) -> None:
        self.path, self.suffixes, self.literal = path, suffixes, literal
        self.columns, self.labels, self.scripts = columns, labels, scripts
        self.encoding, self.refuse, self.frames = encoding, refuse, frames
        self.tables = (*TABLES, *LINES) if literal else TABLES
        self.lists = (*TABLES, *lists) if literal else ()

    def rows(self) -> Iterator[Row]:
        """Yield the examples, always in the same order.

        Raises:
            UserError: if nothing is there, or nothing that is understood.
        """
        if not self.path.exists():
            raise UserError(f"data.path={self.path}: there is no such file or folder")
        if self.path.is_dir():
            found = self.folder(self.path, "")
        elif self.path.suffix.lower() in self.tables:
            found = self.table(self.path, "")
        else:
            allowed = ", ".join(self.tables)
            raise UserError(f"data.path={self.path} is neither a folder nor a {allowed} file")
        empty = True
        for row in found:
            empty = False
            yield row
        if empty:
            raise UserError(self.unknown())

    def folder(self, root: Path, split: str) -> Iterator[Row]:
        """Yield the examples of a folder that is laid out in one of the ways above."""
        folders, files = self.scan(root)
        tables = [f for f in files if f.suffix.lower() in self.tables]
        parts = {p: name for p in folders + tables if (name := self.split_of(p.stem.lower()))}
        lists = [f for f in tables if f.stem.lower() == "metadata"]
        if not split and "train" in parts.values():
            used = [*parts, *(f for f in folders if self.scripts and f.name == CLIPS)]
            for other in (p for p in folders + files if p not in used):
                self.refuse(self.near(other), "it lies beside the splits, not in one")
            for part, name in parts.items():
                yield from self.folder(part, name) if part in folders else self.table(part, name)
        elif lists:
            yield from self.table(lists[0], split)
        elif folders and self.labels != "ignored":
            for file in files:
                self.refuse(self.near(file), "it lies beside the class folders, not in one")
            for folder in folders:
                yield from self.files(folder, folder.name, split)
        elif named := [f for f in tables if f.suffix.lower() in self.lists]:
            for table in named:
                yield from self.table(table, split)
        elif self.labels != "required":
            both = {f.name.lower(): f for f in folders}
            paired = {"clean", "noisy"} <= both.keys()
            here = self.pairs(both["clean"], both["noisy"], split) if paired else None
            yield from here or self.files(root, "", split)

    def pairs(self, clean: Path, noisy: Path, split: str) -> Iterator[Row]:
        """Yield the files that are in both folders under the same name."""
        if self.literal:  # of texts nobody says which letter became which
            self.refuse(self.near(noisy), "noise is made from what is in clean")
            yield from self.files(clean, "", split)
            return
        for row in self.files(clean, "", split):
            twin = noisy / row.source.relative_to(clean)
            if twin.exists():
                yield row._replace(source=Pair(row.source, twin))
            else:
                self.refuse(row.name, f"there is no {self.near(twin)}")
        for row in self.files(noisy, "", split):
            if not (twin := clean / row.source.relative_to(noisy)).exists():
                self.refuse(row.name, f"there is no {self.near(twin)}")

    def split_of(self, name: str) -> str:
        """Say which split a folder or a table is called after; "" for none."""
        return SPLITS.get(name.partition("-")[0] if self.scripts else name, "")

    def files(self, root: Path, label: str, split: str) -> Iterator[Row]:
        """Yield the files below a folder, however deep."""
        seen: set[str] = set()  # a link may lead back to where it lies

        def walk(folder: Path) -> Iterator[Row]:
            if (real := os.path.realpath(folder)) in seen:
                self.refuse(self.near(folder), "it is a link back to a folder that was seen")
                return
            seen.add(real)
            folders, files = self.scan(folder)
            for script in [f for f in files if self.scripts and f.name.endswith(SCRIPT)]:
                files.remove(script)
                yield from self.script(script, files, split)
            for file in files:
                name, suffix = self.near(file), file.suffix.lower()
                if suffix in self.lists:
                    yield from self.table(file, split, label)
                elif suffix in self.suffixes:
                    yield Row(file, name, label, split, name)
                else:
                    allowed = ", ".join(self.suffixes)
                    self.refuse(name, f"its suffix {suffix or '(none)'} is none of {allowed}")
            for inner in folders:
                if is_film(inner, self.frames):
                    yield Row(inner, self.near(inner), label, split, self.near(inner))
                else:
                    yield from walk(inner)

        yield from walk(root)

    def scan(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Return the folders and the files in a folder, sorted, without hidden ones."""
        folders, files = [], []
        try:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda e: e.name):
                    if not entry.name.startswith("."):
                        (folders if entry.is_dir() else files).append(Path(entry.path))
        except OSError as error:
            self.refuse(self.near(folder), f"it cannot be listed: {error.strerror}")
        return folders, files

    def script(self, path: Path, files: list[Path], split: str) -> Iterator[Row]:
        """Yield what a list of LibriSpeech has a line for, and take it out of the files."""
        by_name = {file.stem: file for file in files}
        for number, cells in read(path, self.encoding, self.refuse, self.near(path)):
            stem, _, text = cells[""].partition(" ")
            if (file := by_name.pop(stem, None)) is None:
                self.refuse(f"{self.near(path)} line {number}", f"there is no recording {stem}")
                continue
            files.remove(file)
            yield Row(file, self.near(file), text, split, self.near(file))

    def table(self, path: Path, split: str, folder: str = "") -> Iterator[Row]:
        """Yield each row of a table that has what is asked for; its class may be its folder."""
        example, needed = next(iter(self.columns)), {"group"} if self.columns["group"] else set()
        asked = self.labels == "required" and not folder
        needed |= {example, "label"} if asked else {example}
        columns = find_columns(path, self.columns, needed, self.encoding)
        for number, cells in read(path, self.encoding, self.refuse, self.near(path)):
            line = f"{self.near(path)} line {number}"
            text = cells.get(columns[example], "")
            label, group, part = (
                cells.get(columns[name], "") if columns[name] else ""
                for name in ("label", "group", "split")
            )
            label = folder or label
            if not text:
                self.refuse(line, f"its {columns[example] or 'text'} is empty or missing")
            elif not label and self.labels == "required":
                self.refuse(line, f"its {columns['label'] or 'label'} is empty or missing")
            elif part and part.lower() not in SPLITS:
                self.refuse(line, f"its {columns['split']} is {part}, not train, val or test")
            else:
                source, name = (text, line) if self.literal else (self.beside(path, text), text)
                # a text may be long, and its group is kept
                group = group or (str(place(text)) if self.literal else text)
                yield Row(
                    source,
                    name,
                    "" if self.labels == "ignored" else label,
                    split or SPLITS.get(part.lower(), ""),
                    group,
                )

    def beside(self, table: Path, name: str) -> Path:
        """Say where a file lies that a table names: beside it, or in Common Voice's folder."""
        path, clip = table.parent / name, table.parent / CLIPS / name
        return clip if self.scripts and not path.exists() else path

    def near(self, path: Path) -> str:
        """Name a path from the folder on."""
        root = self.path if self.path.is_dir() else self.path.parent
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    def unknown(self) -> str:
        """Say what was expected, beside what is there."""
        head = f"data.path={self.path}: no example was found in it. "
        example = next(iter(self.columns.values()))
        line = example if self.labels == "ignored" else f"{example},{self.columns['label']}"
        if not self.path.is_dir():
            expected = f"Expected is a first line with names, {line}, and an example in each other"
            return f"{head}{expected}"
        table = f"{'any' if self.literal else 'metadata'}.csv with the first line {line}"
        tree = expected_tree(self.suffixes, table, classes=self.labels == "required")
        folders, files = self.scan(self.path)
        found = [*(f"{folder.name}/" for folder in folders), *(file.name for file in files)]
        return f"{head}{show_both(self.path.resolve().name, tree, found)}"
