"""The encoder: shapes, a uniform start, and examples that do not mix."""

import torch

from ..encoder import Encoder


def make(size: tuple[int, int] | None = None) -> Encoder:
    torch.manual_seed(0)
    return Encoder(
        dims=2, inputs=1, outputs=5, width=8, multiples=[1, 2], depth=1, patch=[1, 1], dropout=0.0,
        size=size,
    )  # fmt: skip


def test_starts_at_zero_for_any_size() -> None:
    for size in ((28, 28), (13, 31)):
        assert make()(torch.randn(3, 1, *size)).tolist() == [[0.0] * 5] * 3


def test_examples_do_not_mix() -> None:
    net, x = make().eval(), torch.randn(3, 1, 16, 16)
    torch.nn.init.normal_(next(net.head.parameters()))
    other = x.clone()
    other[1] = 0
    assert torch.allclose(net(x)[[0, 2]], net(other)[[0, 2]], atol=1e-6)
    assert not torch.allclose(net(x)[1], net(other)[1], atol=1e-3)


def test_a_head_that_sees_each_place_tells_where_something_is() -> None:
    x = torch.zeros(2, 1, 13, 31)
    x[0, 0, 2:4, 4:6] = x[1, 0, 8:10, 20:22] = 1.0  # the same, at another place
    averaged, placed = make().eval().features(x), make((13, 31)).eval().features(x)
    assert torch.allclose(averaged[0], averaged[1], atol=0.05)
    assert placed.shape == (2, 16 * 7 * 16)
    assert not torch.allclose(placed[0], placed[1], atol=0.05)
