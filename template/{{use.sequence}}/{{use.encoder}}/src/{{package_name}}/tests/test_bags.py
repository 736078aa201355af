"""The committee: a uniform start, members that learn apart, and no say for what is filled in."""

import torch
import torch.nn.functional as F

from ..bags import Bags
from ..tokens import pad


def make(*, members: int = 2, dropout: float = 0.0) -> Bags:
    torch.manual_seed(0)
    net = Bags(outputs=3, members=members, ngrams=[[0], [-1, 0]], rows=30, inner=4, dropout=dropout)
    net.table.fit(pad([[5, 6, 7], [5, 6, 7, 8]]).repeat(2, 1))
    return net


def test_starts_at_zero_for_each_member() -> None:
    pred = make()(pad([[5, 6], [7]]))
    assert pred.shape == (2, 2, 3)
    assert not pred.any()


def test_neither_filling_nor_neighbours_matter() -> None:
    net = make()
    torch.nn.init.normal_(net.table.weight)
    alone, beside = net(pad([[5, 6, 7]])), net(pad([[9] * 12, [5, 6, 7]]))[1:]
    assert torch.allclose(alone, beside, atol=1e-5)
    assert not torch.allclose(alone, net(pad([[5, 6, 8]])), atol=1e-3)


def test_the_loss_of_a_member_moves_its_own_weights_only() -> None:
    net = make()
    F.cross_entropy(net(pad([[5, 6, 7]]))[:, 0], torch.tensor([1])).backward()
    assert net.table.weight.grad is not None
    own, other = net.table.weight.grad.chunk(2, dim=1)  # the rows of a table, half for each member
    assert own.any()
    assert not other.any()


def test_hidden_ngrams_are_made_up_for_on_average() -> None:
    net = make(members=1, dropout=0.5)
    torch.nn.init.normal_(net.table.weight)
    x = pad([[5, 6, 7, 8]])
    with torch.no_grad():
        drawn = torch.stack([net.train()(x) for _ in range(4000)])
        # of 4,000 draws the mean is about 1/63 of a standard deviation off
        assert ((drawn.mean(dim=0) - net.eval()(x)).abs() < 0.1 * drawn.std(dim=0)).all()
