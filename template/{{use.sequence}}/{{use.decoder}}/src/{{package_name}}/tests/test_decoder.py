"""The decoder of sequences: uniform at first, and no position that depends on the length."""

import math

import pytest
import torch

from ..decoder import Decoder, TokensAndNGrams
from ..errors import UserError
from ..tokens import PAD, pad
from ..vectors import FEATURES, expected, vectors


def make() -> Decoder:
    torch.manual_seed(0)
    return Decoder(vocab=20, latent=3, length=11, width=8, inner=8)


def test_starts_uniform_and_without_ngrams() -> None:
    out = make()(torch.randn(2, 3), (7,))
    assert out.tokens.shape == (2, 7, 20)
    assert not out.tokens.any()
    assert not out.vector.any()


def test_a_position_is_the_same_at_any_length() -> None:
    net, z = make(), torch.randn(2, 3)
    torch.nn.init.normal_(next(net.head.parameters()))
    assert torch.allclose(net(z, (5,)).tokens, net(z, (11,)).tokens[:, :5], atol=1e-6)
    with pytest.raises(UserError, match=r"length=11 is less than the 12 tokens"):
        net(z, (12,))


def test_filling_costs_nothing() -> None:
    x = pad([[5, 6, 7]])
    longer = torch.nn.functional.pad(x, (0, 2), value=PAD)
    net, likelihood = make(), TokensAndNGrams(weight=0.0)
    one, two = (likelihood.losses(net(torch.zeros(1, 3), r.shape[1:]), r) for r in (x, longer))
    assert one.item() == two.item() == pytest.approx(math.log(20))


def test_the_true_counts_cost_nothing() -> None:
    x = pad([[5, 6, 7, 5, 6]])
    pred, likelihood = make()(torch.zeros(1, 3), (5,)), TokensAndNGrams(weight=1.0)
    uniform = likelihood.losses(pred._replace(vector=vectors(x)), x)
    assert uniform.item() == pytest.approx(math.log(20))
    off = likelihood.losses(pred._replace(vector=vectors(x) + 1), x)
    assert (off - uniform).item() == pytest.approx(FEATURES, rel=1e-4)
    assert expected(pred) is pred.vector


def test_pairs_and_triples_are_counted_wherever_they_are() -> None:
    one, two = vectors(pad([[9, 9, 5, 6, 7]])), vectors(pad([[5, 6, 7, 9, 9]]))
    assert one.shape == (1, FEATURES)
    # 5 tokens: 5 pairs and 5 triples, those at the begin with what is not there
    assert one.expm1().sum().item() == pytest.approx(10)
    assert ((one > 0) & (two > 0)).sum() >= 3  # 5 6, 6 7, 5 6 7
