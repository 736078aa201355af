"""The restorer: guesses are tokens, filling stays filling, and trust is in what was observed."""

import math

import torch

from ..restorer import Restorer
from ..tokens import MASK, PAD, SPECIALS, pad


def make(*, trust: float = 0.0) -> Restorer:
    torch.manual_seed(0)
    return Restorer(
        vocab=20, width=8, depth=1, heads=2, taps=3, ngrams=[[-1, 1]], rows=30, inner=4,
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


def test_no_position_sees_its_own_truth() -> None:
    network, x = make(), torch.randint(SPECIALS, 20, (1, 9))
    network.ngrams.table.fit(x.repeat(2, 1))
    for parameter in network.parameters():  # also what starts at zero
        torch.nn.init.normal_(parameter, std=0.5)
    h = network.read(x)
    for place in range(9):
        guess = x.clone()
        guess[0, place] = SPECIALS + (guess[0, place] - SPECIALS + 1) % 16
        pred = network.once(x, h, guess)
        changed = (pred != network.once(x, h, x)).any(dim=2)[0].nonzero()[:, 0].tolist()
        assert place not in changed
        assert changed  # its neighbors do see it


def test_it_learns_from_guesses_between_what_is_observed_and_the_truth() -> None:
    network, seen = make().train(), []
    network.ngrams.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    x, truth = torch.full((400, 50), 5), torch.full((400, 50), 6)
    network.teach(x, truth)
    share = (seen[0] == truth).float().mean(dim=1)
    assert ((seen[0] == x) | (seen[0] == truth)).all()
    assert abs(share.mean() - 0.5) < 0.06
    assert share.min() < 0.1
    assert share.max() > 0.9
