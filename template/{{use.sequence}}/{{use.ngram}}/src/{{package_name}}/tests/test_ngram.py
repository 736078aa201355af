"""The n-gram model, against probabilities counted by hand."""

import pytest
import torch

from ..ngram import WittenBell


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
