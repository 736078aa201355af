"""Your own data: a folder or a table of examples, whatever they are examples of.

The folder is walked twice. The first walk reads names and tables only, and tells classes and
splits; the second reads each example once and writes it to the others of its split (column.py), so
memory does not grow with their number. What cannot be read is named and left out, and so is what
was there already: a copy in another split would be an answer known beforehand.
"""

import hashlib
import shutil
import sys
import tempfile
import warnings
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from rich.progress import track
from torch import Tensor

from .column import Column
from .datamodule import DataModule, Split
from .errors import UserError, cause_of
from .layout import Layout, Row
from .parts import Example, write_splits
from .shares import Shares
from .table import Refuse

MOST_CLASSES = 1000  # more different labels are numbers or texts
NAMED = 3  # of what is left out, on the screen


class Folder(DataModule):
    """The examples of a folder or a table.

    Args:
        path: of the folder or table.
        labels: whether they have classes: "required", "optional" or "ignored".
        label: column of a table with the class.
        group: column with what may not straddle splits; None for what `group_of` says.
        split: column with train, val or test, where there is one.
        encoding: of texts and tables.
        on_error: "skip" leaves out what cannot be read, "raise" ends there.
        memory_mb: the most that a baseline, and whatever else looks at a whole split, sees of it.
        file: column with the name of the file, where examples are files.
        text: column with the example itself, where it is a text.
        **data: what every data module takes; `num_classes` may be None: the data tell.
    """

    grouped = "name"  # what decides where no column does
    lists: tuple[str, ...] = ()  # suffixes of the files in a folder that hold an example a line

    def __init__(
        self,
        *,
        path: str | None,
        labels: str,
        label: str,
        group: str | None,
        split: str,
        encoding: str,
        on_error: str,
        memory_mb: int,
        file: str | None = None,
        text: str | None = None,
        **data,
    ) -> None:
        super().__init__(**data)
        if on_error not in ("skip", "raise"):
            raise UserError(f"data.on_error={on_error} is not allowed: skip or raise")
        self.path, self.labels, self.encoding = path, labels, encoding
        columns = {"file": file} if text is None else {"text": text}
        columns |= {"label": label, "group": group, "split": split}
        self.columns = {setting: column or "" for setting, column in columns.items()}
        self.on_error, self.memory_mb = on_error, memory_mb
        self.left_out: list[tuple[str, str]] = []
        self.shares = Shares()
        self.number = 0  # of the rows that the first walk met

    def group_of(self, row: Row) -> str:
        """Name what may not straddle splits."""
        return row.group

    def example(self, source: str | Path) -> Tensor:
        """Read one example to train or to be measured on: [*S]."""
        return self.read(source)

    def prepare_data(self) -> None:
        """Make nothing: the data are there."""

    def layout(self, refuse: Refuse) -> Layout:
        """Return what walks the folder."""
        if self.path is None:
            raise UserError("data.path is missing: give a folder or a table, data.path=~/pets")
        return Layout(
            Path(self.path).expanduser(),
            suffixes=self.suffixes,
            literal=self.literal,
            lists=self.lists,
            columns=self.columns,
            labels=self.labels,
            encoding=self.encoding,
            refuse=refuse,
        )

    def discover(self) -> dict[str, Any]:
        """Find classes and splits; return the settings that follow from them."""
        labels: set[str] = set()
        for row in self.layout(lambda *_: None).rows():
            self.number += 1
            labels.add(row.label)
            self.shares.note(row.split, self.group_of(row))
            if len(labels) > MOST_CLASSES:
                raise UserError(
                    f"data.label={self.columns['label']} has more than {MOST_CLASSES:,} different "
                    f"values, such as {row.label[:40]!r}: a column that names a class is needed"
                )
        labels.discard("")
        self.classes = tuple(
            sorted(labels, key=lambda label: (len(label) * label.isdigit(), label))
        )
        if self.labels == "required" and len(labels) < 2:
            raise UserError(
                f"data.path={self.path} has one class only ({self.classes[0]}): two or more "
                "folders are needed, or two values in the column of data.label"
            )
        self.shares.cut()
        if self.num_classes is None:
            self.num_classes = len(labels)
        path = str(Path(self.path or "").expanduser().absolute())
        return {"path": path, "num_classes": self.num_classes}

    def load(self) -> dict[str, Split]:
        """Read every example once; a group is always in the same split."""
        if not self.number:
            self.discover()
        home = Path(tempfile.mkdtemp(prefix="examples-"))
        weakref.finalize(self, shutil.rmtree, home, ignore_errors=True)  # it goes when this goes
        while True:
            self.left_out = []
            splits = write_splits(home, self.examples())
            # of few examples, all of a split may have been left out: its end is set anew
            if not self.shares.cut():
                break
        self.refuse_gaps(splits)
        return splits

    def examples(self) -> Iterator[Example]:
        """Read every example that can be used, once."""
        seen: dict[bytes, str] = {}
        number = {label: i for i, label in enumerate(self.classes)}
        for row in self.watch(self.layout(self.refuse).rows()):
            if number and not row.label:
                self.refuse(row.name, "it has no class, and others have")
                continue
            try:
                with warnings.catch_warnings(action="ignore"):  # they would not name the file
                    x = self.example(row.source)
            except UserError as error:
                self.refuse(row.name, cause_of(error, row.source))
                continue
            content = hashlib.blake2b(x.numpy().tobytes(), digest_size=8).digest()
            if (first := seen.setdefault(content, row.name)) != row.name:
                self.refuse(row.name, f"it is the same as {first}")
                continue
            group = self.group_of(row)
            self.shares.note(row.split, group)
            split = self.shares.split_of(row.split, group)
            yield Example(split, x, number.get(row.label, 0), group)

    def watch(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Show on a terminal how far the reading is."""
        quiet = not sys.stdout.isatty()
        return track(rows, "reading", total=self.number, transient=True, disable=quiet)

    def refuse(self, name: str, why: str) -> None:
        """Leave something out, or end there."""
        if self.on_error == "raise":
            raise UserError(
                f"data.path={self.path}: {name}: {why} (data.on_error=skip leaves it out)"
            )
        self.left_out.append((name, why))

    def refuse_gaps(self, splits: dict[str, Split]) -> None:
        """Refuse data that nothing can be learnt from or measured on: raise UserError."""
        for name, split in splits.items():
            if not len(split.x):
                some = "".join(f"\n  {n}: {why}" for n, why in self.left_out[:NAMED])
                raise UserError(
                    f"data.path={self.path}: no example is left for {name}, of {self.number:,} "
                    f"found, {len(self.left_out):,} left out: three groups or more are needed{some}"
                )
        if self.labels == "required":
            counts = torch.bincount(splits["train"].y, minlength=len(self.classes)).tolist()
            for label, count in zip(self.classes, counts, strict=True):
                if not count:
                    raise UserError(
                        f"data.path={self.path}: class {label} has no example to train on: add "
                        "some, take it away, or lay folders train, val and test out yourself"
                    )

    def held(self, split: str) -> Split:
        """Return what is `within` as tensors."""
        found, rows = self.splits[split], self.within(split)
        groups = [found.groups[row] for row in rows.tolist()]
        return Split(self.trim(found.x[rows]), found.y[rows], groups)

    def within(self, split: str) -> Tensor:
        """Choose rows evenly, such that `memory_mb` can hold them: [n]."""
        x = self.splits[split].x
        if not isinstance(x, Column):
            return super().within(split)
        return x.some(self.memory_mb * 2**20 // (4 if x.real else 8))

    def tell(self, folder: Path) -> list[str]:
        """Say what was found and how it was split; all that was left out is in a file."""
        sizes = {name: len(split.x) for name, split in self.splits.items()}
        classes = f" in {len(self.classes)} classes" if self.classes else ""
        hashed = " and ".join(self.shares.ends)
        how = f"{hashed} by a hash of the {self.columns['group'] or self.grouped}"
        lines = [f"{self.path}: {sum(sizes.values()):,} examples{classes}; splits: "]
        lines[0] += how if hashed else "as the folders or the table say"
        if (count := len(self.within("train"))) < sizes["train"]:
            lines.append(
                f"the baseline is fitted on {count:,} of the {sizes['train']:,} to train on: "
                f"data.memory_mb={self.memory_mb} holds no more"
            )
        if self.left_out:
            target = folder / "left-out.txt"
            target.write_text("".join(f"{n}: {why}\n" for n, why in self.left_out), "utf-8")
            lines.append(f"{len(self.left_out):,} left out, all of them in {target.name}:")
            lines += [f"  {n}: {why}" for n, why in self.left_out[:NAMED]]
        return lines
