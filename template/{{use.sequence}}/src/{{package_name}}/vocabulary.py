"""The n-grams of the training data, each with a row of a table of its own.

With little data they hand a network what it would otherwise spend its minute on finding. Where
n-grams are hashed into a table (Bojanowski 2017, 1607.04606), different ones share a row: a hundred
thousand of them, in not many more rows, mean mostly two things at once. Here the network looks at
the training examples once, before training, and numbers what occurs most often. What is left over
has no row, and adds nothing.

Legend: B batch, T tokens, D width of a trunk, N n-grams around each, R rows, E width of a row.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import Table
from .tokens import PAD

BITS = 50  # of an n-gram's code: that two of a million share one has a chance of 1 in 2,000
EMPTY = 2**62  # a code that no n-gram has
LEAST = 2  # how often an n-gram must occur: what is seen once tells nothing about what is new


def hash_tokens(x: Tensor, offsets: Sequence[int], buckets: int) -> Tensor:
    """Give each position a number that depends on the tokens at these offsets from it alone.

    Args:
        x: [B, T] int64.
        offsets: for example (-1, 0), the token before and the token itself; outside lies PAD.
        buckets: how many numbers there are.

    Returns:
        codes: [B, T] in [0, buckets). Different n-grams may share a number.
    """
    T, before, after = x.shape[1], max(0, -min(offsets)), max(0, *offsets)
    wide, code = F.pad(x, (before, after), value=PAD), torch.zeros_like(x)
    for offset in offsets:  # an overflow wraps, which suits a hash
        code = code * 1_000_003 + wide[:, before + offset : before + offset + T] + 1
    return ((code ^ (code >> 17)) * 0x9E3779B1 >> 7) % buckets


class NGramTable(Table):
    """A vector for each known n-gram around each position. x: [B, T] int64 -> [B, T, N, E].

    Args:
        offsets: N n-grams, each the offsets of its tokens.
        rows: R, how many n-grams are known at most.
        inner: E, width of a row.
    """

    codes: Tensor  # [R], ascending

    def __init__(self, *, offsets: Sequence[Sequence[int]], rows: int, inner: int) -> None:
        # zero: an n-gram that training never saw must add nothing, rather than noise
        super().__init__(rows + 1, inner, std=0.0, padding_idx=rows)
        self.offsets = offsets
        self.register_buffer("codes", torch.full((rows,), EMPTY))

    def encode(self, x: Tensor) -> Tensor:
        """Give the n-grams around each position numbers. x: [B, T] -> [B, T, N] int64."""
        kinds = enumerate(self.offsets)
        codes = [hash_tokens(x, offsets, 1 << BITS) + (n << BITS) for n, offsets in kinds]
        return torch.stack(codes, dim=2)

    def fit(self, x: Tensor) -> None:
        """Know the most frequent n-grams of these examples. x: [..., T]."""
        # some examples at a time: the codes of all would take N times the memory of the text
        found = [self.encode(part)[part != PAD].flatten() for part in x.flatten(0, -2).split(256)]
        codes, count = torch.cat(found).unique(return_counts=True)
        often = count.argsort(descending=True, stable=True)[: len(self.codes)]
        known = codes[often[count[often] >= LEAST]].sort().values
        self.codes.fill_(EMPTY)[: len(known)] = known

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, T, N, E]."""
        codes, last = self.encode(x), len(self.codes) - 1
        row = torch.searchsorted(self.codes, codes).clamp_max(last)
        return super().forward(row.where(self.codes[row] == codes, last + 1))


class NGrams(nn.Module):
    """The n-grams around each position, mixed to the width of a trunk. x: [B, T] -> [B, T, D].

    Args:
        width: D.
        forget: share of the n-grams that are hidden in training, as if they had never been seen.
        **table: see NGramTable.
    """

    def __init__(self, *, width: int, forget: float = 0.0, **table) -> None:
        super().__init__()
        self.forget = forget
        self.table = NGramTable(**table)
        self.mix = nn.Linear(len(self.table.offsets) * self.table.embedding_dim, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] int64 -> [B, T, D]."""
        h_BTNE = self.table(x)
        if self.training and self.forget:
            # without dropout's factor: at evaluation, too, an n-gram that is new adds nothing
            h_BTNE = h_BTNE * (torch.rand_like(h_BTNE[..., :1]) >= self.forget)
        return self.mix(h_BTNE.flatten(2))
