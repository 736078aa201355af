"""The generator of sequences: a causal transformer that tells what follows each token.

Legend: B batch, T tokens, D width, V vocabulary.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .blocks import GAIN, Table, Trunk, zero
from .tokens import BOS, PAD
from .vocabulary import NGrams


class Causal(nn.Module):
    """Map tokens to logits of the token after each. x: [B, T] int64 -> [B, T, V].

    A sequence begins with a token of its class, which every position is told. Before training all
    tokens are alike.

    Args:
        vocab: V, number of different tokens.
        classes: number of classes; their tokens are V, V + 1, ...; without any all begin with BOS.
        width: D, features of a position.
        depth: number of blocks.
        heads: of the attention, a divisor of the width.
        taps: positions that the convolution of a block sees, an odd number; 0 for none.
        ngrams: offsets of the tokens of each n-gram, none above 0.
        rows: how many n-grams are known at most.
        inner: width of an n-gram's vector.
        forget: share of the n-grams hidden in training.
        dropout: share of the features hidden in training.
    """

    def __init__(
        self,
        *,
        vocab: int,
        classes: int,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        ngrams: Sequence[Sequence[int]],
        rows: int,
        inner: int,
        forget: float,
        dropout: float,
    ) -> None:
        super().__init__()
        assert max(max(offsets) for offsets in ngrams) <= 0, "an n-gram would see what follows"
        self.vocab, self.classes = vocab, classes
        self.token = Table(vocab + classes, width, std=0.5)
        self.label = Table(vocab + classes, width, std=0.0)
        self.ngrams = NGrams(offsets=ngrams, rows=rows, inner=inner, width=width, forget=forget)
        self.trunk = Trunk(
            width=width, depth=depth, heads=heads, taps=taps, dropout=dropout, causal=True
        )
        self.head = zero(nn.Linear(width, vocab, bias=False))

    def begin(self, y: Tensor) -> Tensor:
        """Return the token that a sequence of each class begins with. y: [B] -> [B]."""
        return y + self.vocab if self.classes else torch.full_like(y, BOS)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, T, V]."""
        h = self.token(x) + self.label(x[:, :1]) + self.ngrams(x)
        return GAIN * self.head(self.trunk(h, x != PAD))
