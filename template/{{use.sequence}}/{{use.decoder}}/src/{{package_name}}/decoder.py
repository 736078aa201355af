"""The decoder of a sequence: from a code, all positions at once, and the n-grams wherever they are.

A position knows the code and its own number, so it needs to look at no other. The n-grams ask for
what is said, not where: that is what a short code can hold.

Legend: B batch, T tokens, D width, V vocabulary, N features of a vector, Z latent.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import norm, zero
from .errors import UserError
from .tokens import PAD, lengths
from .vectors import FEATURES, vectors


class Decoded(NamedTuple):
    """tokens: [B, T, V] logits; vector: [B, N] log(1 + count) of the n-grams, see vectors.py."""

    tokens: Tensor
    vector: Tensor


class Decoder(nn.Module):
    """Map a code to a sequence. z: [B, Z] -> tokens, uniform before training, and n-grams, none.

    Args:
        vocab: V.
        latent: Z.
        length: the greatest T.
        width: D, features of a position.
        inner: features that the n-grams are told from.
    """

    def __init__(self, *, vocab: int, latent: int, length: int, width: int, inner: int) -> None:
        super().__init__()
        self.length = length
        self.places = nn.Linear(latent, length * width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = zero(nn.Linear(4 * width, width, bias=False))
        self.head = zero(nn.Linear(width, vocab))
        self.inner, self.counts = nn.Linear(latent, inner), zero(nn.Linear(inner, FEATURES))

    def forward(self, z: Tensor, size: Sequence[int]) -> Decoded:
        """z: [B, Z]; size: (T,)."""
        (T,) = size
        if self.length < T:
            raise UserError(
                f"network.decoder.length={self.length} is less than the {T} tokens of an example: "
                f"set it to {T} or more"
            )
        rows = T * self.places.out_features // self.length  # of the first T positions
        h = F.linear(z, self.places.weight[:rows], self.places.bias[:rows]).unflatten(1, (T, -1))
        h = h + self.down(F.relu(self.up(norm(h))).square())
        return Decoded(self.head(norm(h)), self.counts(F.relu(self.inner(z))))


class TokensAndNGrams:
    """Mean cross-entropy of the tokens in nats, and squared error of the n-grams' vector.

    Args:
        weight: of the squared error, a sum over the vector.
    """

    def __init__(self, *, weight: float) -> None:
        self.weight = weight

    def losses(self, pred: Decoded, x: Tensor) -> Tensor:
        """x: [B, T] -> [B]."""
        each = F.cross_entropy(
            pred.tokens.flatten(0, 1), x.flatten(), ignore_index=PAD, reduction="none"
        ).view_as(x)
        wrong = (pred.vector - vectors(x)).square().sum(dim=1)
        return each.sum(dim=1) / lengths(x).clamp_min(1) + self.weight * wrong

    def mode(self, pred: Decoded) -> Tensor:
        """Return the likeliest token at each position: [B, T]."""
        return pred.tokens.argmax(dim=2)
