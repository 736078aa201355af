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

from rich.progress import track
from torch import Tensor

from ..datamodule import DataModule, Split
from ..errors import UserError, cause_of
from .column import Column
from .labels import Labels
from .layout import Layout
from .parts import Example, write_splits
from .rows import Pair, Row
from .shares import Shares
from .table import Refuse

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

    setting = "path"  # that says where the data are
    grouped = "name"  # what decides where no column does
    sampled = True  # whether a baseline sees no more of a split than what is `held`
    scripts = False  # whether there may be lists of what is said
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
        self.answers, self.shares = Labels(labels, label), Shares()
        self.told: list[str] = []  # the classes in the order that the data give them, if they do
        self.number = 0  # of the rows that the first walk met

    def group_of(self, row: Row) -> str:
        """Name what may not straddle splits."""
        return row.group

    def example(self, source: str | Path) -> Tensor:
        """Read one example to train or to be measured on: [*S]."""
        return self.read(source)

    def prepare_data(self) -> None:
        """Make nothing: the data are there."""

    def both(self, source: Any) -> tuple[Tensor, Tensor | None]:
        """Read an example, and the same with noise where that is there: [*S] each."""
        if not isinstance(source, Pair):
            return self.example(source), None
        return self.example(source.clean), self.example(source.noisy)

    def once(self, source: Any) -> tuple[Tensor, Tensor | None]:
        """Read an example to be written to its split: see `both`."""
        return self.both(source)

    def pair(self, x: Tensor, y: Any) -> tuple[Tensor, Any]:
        """Say what is learnt from what. x: the example [*S], y: what its label means."""
        return x, y

    @property
    def endings(self) -> tuple[str, ...]:
        """Suffixes of the files that are examples."""
        return self.suffixes

    @property
    def where(self) -> str:
        """Name the data in a message."""
        return f"data.{self.setting}={self.path}"

    def rows(self, refuse: Refuse, *, whole: bool) -> Iterator[Row]:
        """Walk the data.

        refuse: told of what is left out. whole: whether the examples are asked for; else names,
        classes and splits alone.
        """
        if self.path is None:
            raise UserError("data.path is missing: give a folder or a table, data.path=~/pets")
        yield from Layout(
            Path(self.path).expanduser(),
            suffixes=self.endings,
            literal="text" in self.columns,
            lists=self.lists,
            columns=self.columns,
            labels=self.labels,
            frames=self.frames,
            scripts=self.scripts,
            encoding=self.encoding,
            refuse=refuse,
        ).rows()

    def settle(self) -> dict[str, Any]:
        """Return settings that mean the same data from anywhere, and tomorrow."""
        return {"path": str(Path(self.path or "").expanduser().absolute())}

    def discover(self) -> dict[str, Any]:
        """Find classes and splits; return the settings that follow from them."""
        for row in self.rows(lambda *_: None, whole=False):
            self.number += 1
            self.answers.note(row.label)
            self.shares.note(row.split, self.group_of(row))
        found = self.answers.settle(self.told, self.where)
        self.classes = self.answers.names
        self.shares.cut()
        if self.num_classes is None:
            self.num_classes = len(self.classes)
        return self.settle() | found | {"num_classes": self.num_classes}

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
        for row in self.watch(self.rows(self.refuse, whole=True)):
            if self.answers.lacks(row.label):
                self.refuse(row.name, self.answers.lacking)
                continue
            try:
                with warnings.catch_warnings(action="ignore"):  # they would not name the file
                    found, noisy = self.once(row.source)
                y = self.answers.of(row.label) if noisy is None else noisy
                x, y = self.pair(found, y)
            except UserError as error:
                self.refuse(row.name, cause_of(error, row.source))
                continue
            content = hashlib.blake2b(found.numpy().tobytes(), digest_size=8).digest()
            if (first := seen.setdefault(content, row.name)) != row.name:
                self.refuse(row.name, f"it is the same as {first}")
                continue
            group = self.group_of(row)
            self.shares.note(row.split, group)
            split = self.shares.split_of(row.split, group)
            yield Example(split, x, y, group)

    def watch(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Show on a terminal how far the reading is."""
        quiet = not sys.stdout.isatty()
        return track(rows, "reading", total=self.number, transient=True, disable=quiet)

    def refuse(self, name: str, why: str) -> None:
        """Leave something out, or end there."""
        if self.on_error == "raise":
            raise UserError(f"{self.where}: {name}: {why} (data.on_error=skip leaves it out)")
        self.left_out.append((name, why))

    def refuse_gaps(self, splits: dict[str, Split]) -> None:
        """Refuse data that nothing can be learnt from or measured on: raise UserError."""
        for name in [name for name, split in splits.items() if not len(split.x)]:
            some = "".join(f"\n  {n}: {why}" for n, why in self.left_out[:NAMED])
            raise UserError(
                f"{self.where}: no example is left for {name}, of {self.number:,} found, "
                f"{len(self.left_out):,} left out: three groups or more are needed{some}"
            )
        self.answers.check(splits["train"].y, self.where)

    def held(self, split: str) -> Split:
        """Return what is `within` as tensors."""
        found, rows = self.splits[split], self.within(split)
        groups = [found.groups[row] for row in rows.tolist()]
        return Split(self.trim(found.x[rows]), found.y[rows], groups)

    def within(self, split: str) -> Tensor:
        """Choose rows evenly, such that `memory_mb` can hold them: [n]."""
        most = self.memory_mb * 2**20
        rows = [p.some(most) for p in self.splits[split][:2] if isinstance(p, Column)]
        return min(rows, key=len) if rows else super().within(split)

    def tell(self, folder: Path) -> list[str]:
        """Say what was found and how it was split; all that was left out is in a file."""
        sizes = {name: len(split.x) for name, split in self.splits.items()}
        classes = f" in {len(self.classes)} classes" if self.classes else ""
        hashed, unit = " and ".join(self.shares.ends), self.columns["group"] or self.grouped
        how = f"{hashed} by a hash of the {unit}" if hashed else "as the folders or the table say"
        found = f"{self.path}: {sum(sizes.values()):,} examples{classes}; splits: {how}"
        lines = [found, *super().tell(folder)]
        if self.sampled and (count := len(self.within("train"))) < sizes["train"]:
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
