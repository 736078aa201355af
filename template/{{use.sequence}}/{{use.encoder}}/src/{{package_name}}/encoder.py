"""The encoder of a sequence: n-grams, a transformer, its mean and maximum, and a linear head.

Legend: B batch, T tokens, D width, V vocabulary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .blocks import NGrams, Table, Trunk, zero
from .tokens import PAD


class Encoder(nn.Module):
    """Map a sequence to a vector. x: [B, T] int64 -> [B, outputs].

    Args:
        vocab: V, number of different tokens.
        outputs: length of the vector, for example the number of classes.
        width: D, features of a position.
        depth: number of blocks.
        heads: of the attention, a divisor of the width.
        taps: positions that the convolution of a block sees, an odd number; 0 for none.
        ngrams: offsets of the tokens of each n-gram.
        buckets: rows of each n-gram's table.
        inner: width of these rows.
        dropout: share of the features hidden in training.
    """

    def __init__(
        self,
        *,
        vocab: int,
        outputs: int,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        ngrams: Sequence[Sequence[int]],
        buckets: int,
        inner: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.token = Table(vocab, width, std=0.5)
        self.ngrams = NGrams(offsets=ngrams, buckets=buckets, inner=inner, width=width)
        self.trunk = Trunk(width=width, depth=depth, heads=heads, taps=taps, dropout=dropout)
        self.drop, self.head = nn.Dropout(dropout), zero(nn.Linear(2 * width, outputs))

    def features(self, x: Tensor) -> Tensor:
        """Take the mean and the maximum over the positions. x: [B, T] -> [B, 2 D]."""
        real = x != PAD
        h = self.trunk(self.token(x) + self.ngrams(x), real)
        mean = (h * real[:, :, None]).sum(dim=1) / real.sum(dim=1, keepdim=True)
        return torch.cat([mean, h.masked_fill(~real[:, :, None], -torch.inf).amax(dim=1)], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, outputs]."""
        return self.head(self.drop(self.features(x)))
