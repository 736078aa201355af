"""Splits on disk, written example by example.

Legend: N examples, *S shape of one example.
"""

import contextlib
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from ..loader import Split
from .column import Writer


class Example(NamedTuple):
    """One example, read.

    x: [*S]; y: the number of its class, or what belongs to it: [*S']; group: what may not straddle.
    """

    split: str
    x: Tensor
    y: int | Tensor
    group: str


def write_splits(home: Path, examples: Iterable[Example]) -> dict[str, Split]:
    """Write examples into one file for each split: train, val and test.

    Args:
        home: folder for the files; what it holds is overwritten.
        examples: read when they are written, one at a time.
    """
    y = {name: array("q") for name in ("train", "val", "test")}
    groups: dict[str, list[str]] = {name: [] for name in y}
    with contextlib.ExitStack() as stack:
        files = {name: stack.enter_context(Writer(home / name)) for name in y}
        pairs = {name: stack.enter_context(Writer(home / f"{name}-y")) for name in y}
        for example in examples:
            files[example.split].add(example.x)
            if isinstance(example.y, Tensor):
                pairs[example.split].add(example.y)
            else:
                y[example.split].append(example.y)
            groups[example.split].append(example.group)
    found = {}
    for name, file in files.items():
        paired, numbers = pairs[name], torch.tensor(y[name], dtype=torch.long)
        answers = paired.column() if paired.lengths else numbers
        found[name] = Split(file.column(), answers, groups[name])
    return found
