"""The restorer: guesses are tokens, filling stays filling, and trust is in what was observed."""

import math

import torch

from ..restorer import Restorer
from ..tokens import MASK, PAD, SPECIALS, pad


def make(*, trust: float = 0.0) -> Restorer:
    torch.manual_seed(0)
    return Restorer(
        vocab=20, width=8, depth=1, heads=2, taps=3, ngrams=[[-1, 1]], buckets=30, inner=4,
        dropout=0.0, guesses=2, trust=trust,
    ).eval()  # fmt: skip


def test_starts_uniform_over_what_can_be_meant() -> None:
    p = make()(pad([[5, 6]])).softmax(dim=2)
    assert torch.allclose(p[:, :, SPECIALS:], torch.tensor(1 / 16))
    assert p[:, :, :SPECIALS].sum() == 0


def test_filling_stays_and_nothing_special_is_guessed() -> None:
    guess = make()(pad([[5, MASK, 7], [8]])).argmax(dim=2)
    assert guess[1, 1:].tolist() == [PAD, PAD]
    assert (guess[0] >= SPECIALS).all()


def test_trust_is_added_to_the_logit_of_the_observed_token() -> None:
    p = make(trust=math.log(3))(pad([[5, 6]])).softmax(dim=2)
    assert torch.allclose(p[0, 0, 5], torch.tensor(3 / 18))  # 3 against 15 others
