"""The encoder: a uniform start, and no say for what is filled in or for the other examples."""

import torch

from ..encoder import Encoder, mean
from ..tokens import pad


def make() -> Encoder:
    torch.manual_seed(0)
    net = Encoder(
        vocab=20, outputs=3, width=8, depth=1, heads=2, taps=3,
        ngrams=[[-1, 0]], rows=30, inner=4, dropout=0.0,
    )  # fmt: skip
    net.ngrams.table.fit(pad([[5, 6, 7], [5, 6, 8]]).repeat(2, 1))
    return net


def test_starts_at_zero() -> None:
    assert make()(pad([[5, 6], [7]])).tolist() == [[0.0] * 3] * 2


def test_neither_filling_nor_neighbours_matter() -> None:
    net = make().eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    alone, beside = net(pad([[5, 6, 7]])), net(pad([[9] * 12, [5, 6, 7]]))[1:]
    assert torch.allclose(alone, beside, atol=1e-5)
    assert not torch.allclose(alone, net(pad([[5, 6, 8]])), atol=1e-3)


def test_filling_is_not_averaged() -> None:
    h, real = torch.tensor([[[1.0], [3.0], [100.0]]]), torch.tensor([[True, True, False]])
    assert mean(h, real).tolist() == [[2.0]]


def test_every_ngram_learns_from_the_first_step_on() -> None:
    # before it tables and head are zero: what comes after one of them must not be
    net, x = make(), pad([[5, 6, 7]])
    net(x)[:, 0].sum().backward()
    table = net.ngrams.table
    moved = table(x).detach().clone()
    assert table.weight.grad is not None
    table.weight.data -= table.weight.grad
    assert (table(x) != moved).all()
