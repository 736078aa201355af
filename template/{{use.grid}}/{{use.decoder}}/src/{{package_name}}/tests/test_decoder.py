"""The decoder: any size comes out, and nothing before training."""

import pytest
import torch

from ..decoder import Decoder


@pytest.mark.parametrize(
    ("dims", "size", "patch"),
    [(2, (28, 28), [2, 2]), (2, (13, 31), [1, 1]), (3, (5, 9, 14), [1, 2, 2])],
)
def test_gives_back_any_size(dims: int, size: tuple[int, ...], patch: list[int]) -> None:
    net = Decoder(
        dims=dims, latent=3, outputs=2, size=size, width=8, multiples=[1, 2], depth=1, patch=patch
    )
    out = net(torch.randn(4, 3), (2, *size))
    assert out.shape == (4, 2, *size)
    assert not out.any()


def test_codes_do_not_mix() -> None:
    net, z = Decoder(
        dims=2, latent=3, outputs=1, size=(9, 9), width=8, multiples=[1, 2], depth=1, patch=[1, 1]
    ), torch.randn(3, 3)  # fmt: skip
    for parameter in net.head.parameters():
        torch.nn.init.normal_(parameter)
    other = z.clone()
    other[1] = 0
    one, two = net(z, (1, 9, 9)), net(other, (1, 9, 9))
    assert torch.allclose(one[[0, 2]], two[[0, 2]], atol=1e-6)
    assert not torch.allclose(one[1], two[1], atol=1e-3)
