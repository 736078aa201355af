"""A dataset of the Hugging Face hub, row by row, through the library `datasets`.

What a dataset says of itself is taken over: its splits, the names of its classes and in which
column the files are. The library does not decode them: their bytes are handed on.
"""

import importlib
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..errors import UserError
from .rows import SPLITS, Row
from .shares import place
from .table import Refuse, choose

REVISION = re.compile("[0-9a-f]{40}")  # what names one state of a dataset for good
WORDS = 300  # characters of an error of the library


class Blob(NamedTuple):
    """A file that lies in a dataset. suffix: with its dot, "" where it has no name."""

    content: bytes
    suffix: str


class Collection:
    """Walk a dataset.

    Args:
        name: on the hub, or of a folder in the hub's format.
        config: which of its configurations; None for the only one.
        revision: the state of it on the hub; None for the latest.
        streaming: read rows as they come, and keep no copy of the whole on disk.
        limit: most rows of a split, spread evenly, or of a stream the first; None for all.
        literal: whether the examples are texts; else they are files.
        columns: {setting: column}: the example first, "" for the only one that holds files; then
            label, group and split.
        labels: "required", "optional" or "ignored".
    """

    def __init__(
        self,
        name: str,
        *,
        config: str | None,
        revision: str | None,
        streaming: bool,
        limit: int | None,
        literal: bool,
        columns: dict[str, str],
        labels: str,
    ) -> None:
        self.name, self.config, self.revision = name, config, revision
        self.streaming, self.limit = streaming, limit
        self.literal, self.columns, self.labels = literal, columns, labels
        self.classes: list[str] = []  # in the dataset's order, where it names them
        self.state: str | None = revision  # of what was read

    def rows(self, refuse: Refuse, *, whole: bool) -> Iterator[Row]:
        """Yield the rows, always in the same order: see Folder.rows.

        Raises:
            UserError: if there is no such dataset, or it lacks what is asked for.
        """
        splits = self.load()
        for title, part in splits.items():
            split = SPLITS.get(re.split(r"[\W_]", title)[0].lower(), "")
            if not split and len(splits) > 1:
                refuse(title, "it is a split, and none of train, validation and test")
                continue
            try:
                yield from self.walk(part, title, split if len(splits) > 1 else "", refuse, whole)
            except UserError:
                raise
            except Exception as error:  # of the network, of Parquet, of the library itself
                raise self.error(error) from None

    def walk(self, part: Any, title: str, split: str, refuse: Refuse, whole: bool) -> Iterator[Row]:
        """Yield the rows of one split."""
        features: dict[str, Any] = part.features or dict.fromkeys(next(iter(part), {}))
        names = self.find(features)
        example, label, group, told = names.values()
        if self.limit is not None:
            part = some(part, self.limit, self.streaming)
        if hasattr(features[example], "decode"):
            part = part.cast_column(example, type(features[example])(decode=False))
        if not (whole or self.literal):  # no file is read to count classes
            kept = {label, group, told} - {""} or {min(features, key=lambda name: name == example)}
            part = part.select_columns(sorted(kept))
        classes = getattr(features.get(label), "names", None)
        self.classes += [name for name in classes or () if name not in self.classes]
        for number, cells in enumerate(part):
            name = f"{title}/{number}"
            source = content(cells.get(example), literal=self.literal) if example in cells else ""
            own = text(cells.get(label), classes) if self.labels != "ignored" else ""
            given = text(cells.get(told)) if told else ""
            if source is None or (self.literal and not source):
                refuse(name, f"its {example} is empty, or nothing that can be read")
            elif not own and self.labels == "required":
                refuse(name, f"its {label} is empty or missing")
            elif given and given.lower() not in SPLITS:
                refuse(name, f"its {told} is {given}, not train, val or test")
            else:
                alone = str(place(str(source))) if self.literal else name
                which = text(cells.get(group)) if group else ""
                yield Row(source, name, own, SPLITS.get(given.lower(), split), which or alone)

    def find(self, features: dict[str, Any]) -> dict[str, str]:
        """Find the columns: {setting: column}, the example first, "" for what is not there."""
        example = next(iter(self.columns))
        wanted = dict(self.columns)
        if not wanted[example]:
            found = [name for name, feature in features.items() if holds_files(feature)]
            if len(found) != 1:
                raise UserError(
                    f"data.{example} is missing: {self.name} has "
                    f"{len(found) or 'no'} columns with files, of {', '.join(features)}: set "
                    f"data.{example} to one of them"
                )
            wanted[example] = found[0]
        needed = {example} | {s for s in ("group", "split") if wanted[s]}
        needed |= {"label"} if self.labels == "required" else set()
        return choose(list(features), wanted, needed, f"data.name={self.name}")

    def load(self) -> dict[str, Any]:
        """Return the splits, not yet read.

        Raises:
            UserError: if the library is missing, or finds no such dataset.
        """
        try:
            datasets = importlib.import_module("datasets")  # 150 MB, so that who needs it has it
        except ImportError:
            raise UserError(
                f"data.name={self.name}: datasets of the hub are read by the package datasets, "
                "which is not installed: install it (uv sync --extra hub, or pip install datasets)"
            ) from None
        for library in ("datasets", "huggingface_hub"):
            logging.getLogger(library).setLevel(logging.ERROR)
        if not sys.stdout.isatty():
            datasets.disable_progress_bars()
        path = Path(self.name).expanduser()
        name = str(path.absolute()) if path.exists() else self.name
        try:
            builder = datasets.load_dataset_builder(name, self.config, revision=self.revision)
            if REVISION.fullmatch(builder.hash or ""):
                self.refuse_other(builder.hash)
                self.state = builder.hash
            if self.streaming:
                return dict(builder.as_streaming_dataset())
            builder.download_and_prepare()
            return dict(builder.as_dataset())
        except UserError:
            raise
        except Exception as error:  # as above
            raise self.error(error) from None

    def refuse_other(self, found: str) -> None:
        """Refuse another state than is asked for, which is all that a cache may have."""
        if REVISION.fullmatch(self.revision or "") and found != self.revision:
            raise UserError(
                f"data.revision={self.revision}: only {found} of {self.name} is at hand, and the "
                "hub cannot be reached (HF_HUB_OFFLINE?): go online, or ask for that one"
            )

    def error(self, error: Exception) -> UserError:
        """Say what the library said, in one line."""
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        short = cause if len(cause) <= WORDS else f"{cause[:WORDS]}..."
        return UserError(f"data.name={self.name} cannot be read: {short}")


def holds_files(feature: Any) -> bool:
    """Say whether a column is one of pictures, sounds or films."""
    return hasattr(feature, "decode") or (
        isinstance(feature, dict) and {"bytes", "path"} <= feature.keys()
    )


def some(part: Any, limit: int, streaming: bool) -> Any:
    """Take so many rows: evenly, since many datasets are sorted by class; of a stream the first."""
    if streaming:
        return part.take(limit)
    count = min(limit, len(part))
    return part.select([number * len(part) // count for number in range(count)])


def content(value: Any, *, literal: bool) -> str | Blob | None:
    """Return the text of a cell, or the file in it; None where there is none."""
    if literal:
        return value.strip() if isinstance(value, str) else None
    if isinstance(value, bytes):
        return Blob(value, "")
    if not isinstance(value, dict):
        return None
    path, found = value.get("path") or "", value.get("bytes")
    if found is None and path:
        try:
            with importlib.import_module("fsspec").open(path, "rb") as file:
                found = file.read()
        except OSError:
            return None
    return Blob(found, PurePosixPath(path).suffix.lower()) if found else None


def text(value: Any, classes: list[str] | None = None) -> str:
    """Write a cell; the number of a class by its name. "" for nothing, and for class -1."""
    if value is None:
        return ""
    if classes is not None and isinstance(value, int):
        return classes[value] if 0 <= value < len(classes) else ""
    return str(value).strip()
