"""A signal on a grid as a vector: its values, one after the other.

Legend: B batch, *S shape of one example, N length of a vector.
"""

from collections.abc import Sequence

from torch import Tensor


def vectors(x: Tensor) -> Tensor:
    """Return what PCA and distances are computed on. x: [B, *S] -> [B, N]."""
    return x.flatten(1)


def expected(pred: Tensor) -> Tensor:
    """Return the vector that a decoder's output stands for. pred: [B, *S] -> [B, N]."""
    return pred.flatten(1)


def signals(vector: Tensor, size: Sequence[int]) -> Tensor:
    """Undo `vectors`. vector: [B, N], size: *S -> [B, *S]."""
    return vector.unflatten(1, tuple(size))


def ended(guess: Tensor, x: Tensor) -> Tensor:
    """End where the example does: every signal has the same size. Both [B, *S] -> [B, *S]."""
    return guess
