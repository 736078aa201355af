"""The generator: uniform before training, and blind for what follows."""

import torch

from ..generator import Causal
from ..tokens import BOS


def make(classes: int) -> Causal:
    torch.manual_seed(0)
    net = Causal(
        vocab=20, classes=classes, width=8, depth=2, heads=2, taps=3,
        ngrams=[[-1, 0], [-2, -1, 0]], rows=30, inner=4, forget=0.0, dropout=0.0,
    ).eval()  # fmt: skip
    net.ngrams.table.fit(torch.tensor([[21, 5, 6, 7, 8, 9]]).repeat(2, 1))
    return net


def test_starts_uniform() -> None:
    assert not make(3)(torch.tensor([[20, 5, 6]])).any()


def test_what_follows_does_not_matter_and_what_was_before_does() -> None:
    net = make(3)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    x = torch.tensor([[21, 5, 6, 7, 8, 9]])
    for place in range(6):
        other = x.clone()
        other[0, place] = 22 if place == 0 else 15
        changed = (net(x) - net(other)).abs().amax(dim=2)[0]
        assert changed[:place].sum() < 1e-5
        assert changed[place:].min() > 1e-4


def test_a_class_is_a_token_of_its_own() -> None:
    y = torch.tensor([0, 2])
    assert make(3).begin(y).tolist() == [20, 22]
    assert make(0).begin(y).tolist() == [BOS, BOS]
