"""The encoder of n-gram counts: it sees what is said, not how long the filling is."""

import torch

from ..profile import ProfileEncoder
from ..tokens import pad


def test_neither_filling_nor_neighbours_matter() -> None:
    torch.manual_seed(0)
    net = ProfileEncoder(outputs=3, width=8, dropout=0.5).eval()
    alone, beside = net(pad([[5, 6, 7]])), net(pad([[9] * 12, [5, 6, 7]]))[1:]
    assert torch.allclose(alone, beside, atol=1e-6)
    assert not torch.allclose(alone, net(pad([[5, 6, 8]])), atol=1e-3)


def test_counts_are_hidden_in_training_only() -> None:
    net, x = ProfileEncoder(outputs=3, width=8, dropout=0.5), pad([[5, 6, 7, 8]])
    assert not torch.equal(net(x), net(x))
    assert torch.equal(net.eval()(x), net(x))
