"""Noise for molecules: misprints, token by token.

Legend: B batch, T tokens, V vocabulary.
"""

import torch
from torch import Tensor, nn

from .smiles import COMMON, VOCAB
from .tokens import MASK, PAD, SPECIALS


class Misprints(nn.Module):
    """Hit some tokens: half become unreadable, half any of the common atoms, bonds and marks.

    Args:
        rate: share of the tokens that are hit.
        most: in training the share is drawn between `rate` and this, for each row.
    """

    def __init__(self, *, rate: float, most: float) -> None:
        super().__init__()
        self.rate, self.most = rate, most

    def forward(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, T] int64 -> [B, T]."""
        rate: float | Tensor = self.rate
        if self.training:
            share = torch.rand(len(x), 1, generator=generator, device=x.device)
            rate = self.rate + (self.most - self.rate) * share
        # one call, position by position: filling behind a row then changes nothing in it
        draw = torch.rand(*x.shape, 3, generator=generator, device=x.device)
        hit, kind, which = draw.unbind(dim=2)
        other = SPECIALS + (len(COMMON) * which).long()  # the common ones come first
        wrong = torch.where(kind < 0.5, MASK, other)
        return torch.where((hit < rate) & (x != PAD), wrong, x)

    def channel(self) -> Tensor:
        """Return the probability of what is seen (column) for each token (row): [V, V]."""
        found = (1 - self.rate) * torch.eye(VOCAB)
        found[:, MASK] += self.rate / 2
        found[:, SPECIALS : SPECIALS + len(COMMON)] += self.rate / 2 / len(COMMON)
        found[PAD] = torch.nn.functional.one_hot(torch.tensor(PAD), VOCAB)
        return found
