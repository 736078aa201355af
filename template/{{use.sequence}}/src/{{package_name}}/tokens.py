"""Tokens: numbers from 0 to V - 1, the first four of which mean the same in every vocabulary.

Legend: B batch, N examples, T tokens, V vocabulary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

PAD, BOS, EOS, MASK = 0, 1, 2, 3  # filling after the end, begin, end, unreadable
SPECIALS = 4  # tokens from here on stand for something written


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Fill rows up to the longest. rows: N of any length -> [N, T] int64."""
    x = torch.full((len(rows), max(map(len, rows))), PAD)
    for line, row in zip(x, rows, strict=True):
        line[: len(row)] = torch.tensor(row)
    return x


def lengths(x: Tensor) -> Tensor:
    """Count the tokens of each row that are no filling. x: [B, T] -> [B]."""
    return (x != PAD).sum(dim=1)


def trim(x: Tensor) -> Tensor:
    """Cut the columns that are filling in every row. x: [B, T] -> [B, T']."""
    if x.device.type == "xla":
        return x  # it compiles anew for each width
    return x[:, : max(1, int(lengths(x).max()))]
