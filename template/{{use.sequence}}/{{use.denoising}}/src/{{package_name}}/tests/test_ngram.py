"""The n-gram corrector and the objective, against values that are known beforehand."""

import math

import pytest
import torch

from ..baseline import NoisyChannel
from ..likelihood import CrossEntropy
from ..ngram import WittenBell
from ..tokens import PAD


def test_probabilities_sum_to_one() -> None:
    rows = torch.randint(5, (20, 12), generator=torch.Generator().manual_seed(0))
    model = WittenBell(rows, order=2, num=5)
    assert torch.allclose(model.log_p.exp().sum(dim=1), torch.tensor(1.0))


def test_a_count_by_hand() -> None:
    # a b a: of nothing known, p(a) = (2 + 2 * 1/2) / (3 + 2) = 3/5; after b (seen once, then a):
    # (1 + 1 * 3/5) / (1 + 1) = 4/5
    model = WittenBell(torch.tensor([[0, 1, 0]]), order=1, num=2)
    after_b = model.push(torch.tensor(0), torch.tensor(1))
    assert model(after_b).exp()[0].item() == pytest.approx(4 / 5)


def test_unknown_histories_fall_back_to_shorter_ones() -> None:
    model = WittenBell(torch.tensor([[0, 1, 0, 1, 2]]), order=2, num=3)
    known = model.push(torch.tensor(0), torch.tensor(2))  # 2 was last: nothing was seen after it
    other = model.push(known, torch.tensor(1))
    shorter = model.push(torch.tensor(0), torch.tensor(1)) % model.base
    assert torch.equal(model(other), model(shorter))


def test_a_wide_beam_finds_the_likeliest_sequence() -> None:
    torch.manual_seed(0)
    corrector = NoisyChannel(name="test", orders=[1], beam=27)
    corrector.tokens = torch.tensor([4, 5, PAD])
    channel = torch.rand(6, 3).log()
    channel[:, 2] = -torch.inf  # what training never saw
    corrector.log_channel = channel
    model = WittenBell(torch.tensor([[0, 1, 1, 0, 1]]), order=1, num=3)
    x = torch.tensor([[4, 5, 4]])

    def score(path: list[int]) -> float:
        history, total = torch.tensor(0), 0.0
        for symbol, seen in zip(path, x[0].tolist(), strict=True):
            total += float(model(history)[symbol] + channel[seen, symbol])
            history = model.push(history, torch.tensor(symbol))
        return total

    every = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    best = max(every, key=score)
    assert corrector.search(model, x)[0].tolist() == [corrector.tokens[s] for s in best]


def test_uniform_logits_cost_the_logarithm_of_the_vocabulary() -> None:
    x = torch.tensor([[5, 6, PAD], [7, PAD, PAD]])
    losses = CrossEntropy().losses(torch.zeros(2, 3, 20), x)
    assert losses.tolist() == pytest.approx([math.log(20)] * 2)
