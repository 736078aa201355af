"""The restorer: any size in and out, and the identity before training."""

import pytest
import torch

from ..restorer import Residual, UNet

SIZES = dict(width=8, multiples=[1, 2], depth=1)


@pytest.mark.parametrize("size", [(28, 28), (17, 30)])
def test_keeps_any_size(size: tuple[int, int]) -> None:
    net = UNet(dims=2, inputs=3, outputs=2, patch=[2, 2], **SIZES)  # type: ignore[arg-type]
    assert net(torch.randn(2, 3, *size)).shape == (2, 2, *size)


def test_residual_starts_as_the_identity() -> None:
    x = torch.randn(2, 1, 12, 12)
    assert torch.equal(Residual(dims=2, inputs=1, patch=[1, 1], **SIZES)(x), x)  # type: ignore[arg-type]


def test_frames_are_restored_too() -> None:
    x = torch.randn(1, 1, 4, 8, 8)
    assert Residual(dims=3, inputs=1, patch=[1, 2, 2], **SIZES)(x).shape == x.shape  # type: ignore[arg-type]
