"""The U-Net: any size in and out, zero before training."""

import pytest
import torch

from ..unet import UNet

SIZES = dict(width=8, multiples=[1, 2], depth=1)


@pytest.mark.parametrize("size", [(28, 28), (17, 30)])
def test_keeps_any_size(size: tuple[int, int]) -> None:
    net = UNet(dims=2, inputs=3, outputs=2, patch=[2, 2], **SIZES)  # type: ignore[arg-type]
    out = net(torch.randn(2, 3, *size))
    assert out.shape == (2, 2, *size)
    assert not out.any()
