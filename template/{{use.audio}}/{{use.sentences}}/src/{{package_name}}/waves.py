"""Waves of different lengths in one tensor: each is filled with silence, exact zeros, at its end.

Zeros at the end of a wave hold nothing to hear, so they are filling, whoever put them there.

Legend: B batch, N examples, L samples.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .files.column import Column


def fill(waves: Sequence[Tensor]) -> Tensor:
    """Fill waves up to the longest. waves: N of [L'] -> [N, L]."""
    return torch.nn.utils.rnn.pad_sequence(list(waves), batch_first=True)


def extent(x: Tensor) -> Tensor:
    """Count the samples up to the last that is not 0. x: [B, L] -> [B] int64."""
    place = torch.arange(1, x.shape[1] + 1, device=x.device)
    return torch.where(x != 0, place, 0).amax(dim=1)


def extents(x: Tensor | Column) -> Tensor:
    """Count the samples of each wave of a split, in memory or on disk: [N] int64."""
    return x.lengths if isinstance(x, Column) else extent(x)


def trim(x: Tensor) -> Tensor:
    """Cut the samples that are filling in every row. x: [B, L] -> [B, L']."""
    if x.device.type == "xla":
        return x  # it compiles anew for each width
    return x[:, : max(1, int(extent(x).max()))]
