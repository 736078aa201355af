"""A sequence as a vector: how often each pair and each triple of tokens occurs in it.

Where they occur does not count, so sequences that say the same in other words lie near each other.

Legend: B batch, T tokens, N length of a vector.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .tokens import PAD
from .vocabulary import hash_tokens

if TYPE_CHECKING:
    from .decoder import Decoded

FEATURES = 2048  # N; n-grams that share a number are counted together
NGRAMS = ((-1, 0), (-2, -1, 0))


def vectors(x: Tensor) -> Tensor:
    """Return what PCA and distances are computed on: log(1 + count). x: [B, T] -> [B, N]."""
    count = torch.zeros(x.shape[0], FEATURES, device=x.device)
    for offsets in NGRAMS:
        count.scatter_add_(1, hash_tokens(x, offsets, FEATURES), (x != PAD).float())
    return count.log1p()


def expected(pred: "Decoded") -> Tensor:
    """Return the vector that a decoder's output stands for: [B, N]."""
    return pred.vector


def signals(vector: Tensor, size: Sequence[int]) -> None:
    """Say that counts do not tell an order: there is no way back to a sequence."""


def ended(guess: Tensor, x: Tensor) -> Tensor:
    """End where the example does: a code is not asked for the length. Both [B, T] -> [B, T]."""
    return guess.where(x != PAD, PAD)
