"""Examples of one's own before they are read: where each lies, and what is known of it."""

from pathlib import Path
from typing import Any, NamedTuple

SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
}  # fmt: skip


class Row(NamedTuple):
    """One example, not yet read.

    source: a file, the text itself, or what else Folder.example takes; name: what to call it in
    messages; label: its class, "" for none; split: "" where nobody says; group: what may not
    straddle splits.
    """

    source: Any
    name: str
    label: str
    split: str
    group: str


class Pair(NamedTuple):
    """A file, and the file of the same with noise."""

    clean: Path
    noisy: Path
