"""A committee of linear models of n-grams: the mean of their vectors goes straight to the output.

With few examples of many kinds it is hard to beat (fastText: Joulin 2016, 1607.01759), and it reads
a sequence in a tenth of a transformer's time; several that are trained apart and vote err less than
one (Lakshminarayanan 2017, 1612.01474). In training some n-grams are hidden from each member, so
that none relies on a few.

Legend: B batch, T tokens, V vocabulary, N n-grams, M members, E width of an n-gram's vector.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .tokens import PAD
from .vocabulary import NGramTable


class Bags(nn.Module):
    """Map a sequence to one vector of each member. x: [B, T] int64 -> [B, M, outputs].

    Args:
        outputs: length of a vector, for example the number of classes.
        members: M, models that vote.
        ngrams: offsets of the tokens of each n-gram.
        rows: how many n-grams are known at most.
        inner: E, width of a row for each member.
        dropout: share of the n-grams, and of their mean, hidden in training.
    """

    def __init__(
        self,
        *,
        outputs: int,
        members: int,
        ngrams: Sequence[Sequence[int]],
        rows: int,
        inner: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.members, self.dropout = members, dropout
        self.table = NGramTable(offsets=ngrams, rows=rows, inner=members * inner)
        # not zero: the tables are, and two zeros in a row would never move
        self.head = nn.Parameter(0.2 * torch.randn(members, len(ngrams) * inner, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, M, outputs]."""
        real = x != PAD
        rows = self.table(x).unflatten(3, (self.members, -1))  # [B, T, N, M, E]
        keep = real[:, :, None, None, None] / real.sum(dim=1).view(-1, 1, 1, 1, 1)
        keep = F.dropout(keep.expand(*rows.shape[:4], 1), self.dropout, self.training)
        mean_BMF = (rows * keep).sum(dim=1).transpose(1, 2).flatten(2)
        return torch.einsum("bmf,mfo->bmo", mean_BMF, self.head)
