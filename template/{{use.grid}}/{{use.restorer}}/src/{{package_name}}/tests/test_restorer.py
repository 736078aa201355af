"""The restorer: the identity before training, for pictures and for frames."""

import torch

from ..restorer import Residual

SIZES = dict(width=8, multiples=[1, 2], depth=1)


def test_residual_starts_as_the_identity() -> None:
    x = torch.randn(2, 1, 12, 12)
    assert torch.equal(Residual(dims=2, inputs=1, patch=[1, 1], **SIZES)(x), x)  # type: ignore[arg-type]


def test_frames_are_restored_too() -> None:
    x = torch.randn(1, 1, 4, 8, 8)
    assert Residual(dims=3, inputs=1, patch=[1, 2, 2], **SIZES)(x).shape == x.shape  # type: ignore[arg-type]
