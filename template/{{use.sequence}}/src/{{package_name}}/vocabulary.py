"""The n-grams of the training data, each with a row of a table of its own.

Tables of hashed n-grams (Bojanowski 2017, 1607.04606) let different n-grams share a row: with a
hundred thousand n-grams and not many more rows, most rows mean two things at once. Here the network
looks at the training examples once, before training, and numbers what occurs most often. What is
left over has no row, and adds nothing.

Legend: B batch, T tokens, N n-grams around a position, R rows, E width of a row.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .blocks import Table, hash_tokens
from .tokens import PAD

BITS = 50  # of an n-gram's code: that two of a million share one has a chance of 1 in 2,000
EMPTY = 2**62  # a code that no n-gram has
LEAST = 2  # how often an n-gram must occur: what is seen once tells nothing about what is new


class KnownNGrams(Table):
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
        """Know the most frequent n-grams of these examples. x: [B, T]."""
        # some examples at a time: the codes of all would take N times the memory of the text
        found = [self.encode(part)[part != PAD].flatten() for part in x.split(256)]
        codes, count = torch.cat(found).unique(return_counts=True)
        often = count.argsort(descending=True, stable=True)[: len(self.codes)]
        known = codes[often[count[often] >= LEAST]].sort().values
        self.codes.fill_(EMPTY)[: len(known)] = known

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, T, N, E]."""
        codes, last = self.encode(x), len(self.codes) - 1
        row = torch.searchsorted(self.codes, codes).clamp_max(last)
        return super().forward(row.where(self.codes[row] == codes, last + 1))
