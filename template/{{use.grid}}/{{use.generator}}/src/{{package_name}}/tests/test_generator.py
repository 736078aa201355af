"""The generator: zero before training, then a function of all that it is told."""

import pytest
import torch

from ..generator import Velocity


def make(size: tuple[int, ...], patch: list[int], *, skip: bool = False) -> Velocity:
    torch.manual_seed(0)
    unet = {"width": 8, "multiples": [1, 2], "depth": 1, "patch": patch}
    return Velocity(size=size, classes=3, condition=16, skip=skip, **unet)


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


def test_what_skips_the_network_is_a_multiple_of_the_signal() -> None:
    net, x = make((2, 4, 8, 8), [1, 4, 4], skip=True), torch.randn(3, 2, 4, 8, 8)
    t, y = torch.tensor([0.2, 0.7, 0.7]), torch.tensor([0, 1, 2])
    assert not net(x, t, y).any()
    assert isinstance(net.skip, torch.nn.Linear)
    torch.nn.init.normal_(net.skip.weight)
    ratio = (net(x, t, y) / x).flatten(1)
    assert torch.allclose(ratio, ratio[:, :1].expand_as(ratio), atol=1e-5)
    assert torch.allclose(ratio[1], ratio[2])  # of the time alone
    assert not torch.allclose(ratio[0], ratio[1], atol=1e-3)
