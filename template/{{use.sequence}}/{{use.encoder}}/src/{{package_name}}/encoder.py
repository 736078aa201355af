"""The encoder of a sequence: a transformer on n-grams, and beside it a linear model of the same.

With few examples a linear model of n-grams is hard to beat, so the network holds one: the mean of
the n-grams' vectors goes straight to the output (Joulin 2016, 1607.01759), and the transformer adds
what a sum cannot say. In training some n-grams are hidden from both: neither may rely on one.

Legend: B batch, T tokens, D width, V vocabulary, N n-grams, E width of their tables.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .blocks import Table, Trunk, zero
from .tokens import PAD
from .vocabulary import NGrams


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
        rows: how many n-grams are known at most.
        inner: width of an n-gram's vector.
        dropout: share of the features, and of the n-grams, hidden in training.
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
        rows: int,
        inner: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.token = Table(vocab, width, std=0.5)
        self.ngrams = NGrams(offsets=ngrams, rows=rows, inner=inner, width=width)
        self.trunk = Trunk(width=width, depth=depth, heads=heads, taps=taps, dropout=dropout)
        self.drop, self.head = nn.Dropout(dropout), zero(nn.Linear(2 * width, outputs))
        # not zero as the head: the tables are, and two zeros in a row would never move
        self.bag = nn.Linear(len(ngrams) * inner, outputs, bias=False)
        nn.init.normal_(self.bag.weight, std=0.2)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, outputs]."""
        real, rows = x != PAD, self.ngrams.table(x)
        # a share of them as a whole, one vector each
        rows = (rows * self.drop(torch.ones_like(rows[..., :1]))).flatten(2)  # [B, T, N E]
        h = self.trunk(self.token(x) + self.ngrams.mix(rows), real)
        highest = h.masked_fill(~real[:, :, None], -torch.inf).amax(dim=1)
        features = torch.cat([mean(h, real), highest], dim=1)
        return self.head(self.drop(features)) + self.bag(self.drop(mean(rows, real)))


def mean(h: Tensor, real: Tensor) -> Tensor:
    """Average over the positions that are no filling. h: [B, T, D], real: [B, T] -> [B, D]."""
    return (h * real[:, :, None]).sum(dim=1) / real.sum(dim=1, keepdim=True)
