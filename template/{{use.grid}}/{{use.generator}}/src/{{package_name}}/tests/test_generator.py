"""The generator: zero before training, then a function of all that it is told."""

import pytest
import torch

from ..generator import Velocity


def make(size: tuple[int, ...], patch: list[int]) -> Velocity:
    torch.manual_seed(0)
    return Velocity(
        size=size, classes=3, condition=16, width=8, multiples=[1, 2], depth=1, patch=patch
    )


@pytest.mark.parametrize(
    ("size", "patch"), [((1, 12, 12), [2, 2]), ((2, 4, 8, 8), [1, 2, 2])], ids=["2d", "3d"]
)
def test_starts_at_zero_and_hears_time_and_class(size: tuple[int, ...], patch: list[int]) -> None:
    net, x = make(size, patch), torch.randn(2, *size)
    t, y = torch.tensor([0.2, 0.7]), torch.tensor([0, 3])
    assert not net(x, t, y).any()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    out = net(x, t, y)
    assert out.shape == x.shape
    for other in (net(x, t + 0.1, y), net(x, t, y - y), net(x.flip(1, -1), t, y)):
        assert not torch.allclose(out[1], other[1], atol=1e-3)
    assert torch.allclose(out[0], net(x, t, y - y)[0], atol=1e-5)  # examples do not mix
