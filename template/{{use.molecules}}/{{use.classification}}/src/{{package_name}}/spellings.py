"""One molecule has many SMILES: read several of them and average (Bjerrum 2017, 1703.07076).

Legend: B batch, S spellings, T tokens.
"""

from torch import Tensor, nn

from .bags import Bags
from .encoder import Encoder


class Spellings(nn.Module):
    """Before a network of [B, T] in the list of bases: its mean output over the spellings."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, S, T] int64 -> [B, ...], what the network returns."""
        return super().forward(x.flatten(0, 1)).unflatten(0, x.shape[:2]).mean(dim=1)


class SpellingBags(Spellings, Bags):
    """A committee of linear models of n-grams. x: [B, S, T] int64 -> [B, M, outputs]."""


class SpellingEncoder(Spellings, Encoder):
    """A transformer, and a linear model of n-grams. x: [B, S, T] int64 -> [B, outputs]."""
