"""One molecule has many SMILES: read several of them and average (Bjerrum 2017, 1703.07076).

Legend: B batch, S spellings, T tokens.
"""

from torch import Tensor

from .encoder import Encoder


class SpellingEncoder(Encoder):
    """The mean output over the spellings of a molecule. x: [B, S, T] int64 -> [B, outputs]."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, S, T] -> [B, outputs]."""
        return super().forward(x.flatten(0, 1)).view(*x.shape[:2], -1).mean(dim=1)
