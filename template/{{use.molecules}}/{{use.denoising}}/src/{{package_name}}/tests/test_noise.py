"""Misprints: as many as promised, of the kinds that the channel says; and how they are judged."""

import torch

from ..fidelity import fidelity
from ..noise import Misprints
from ..smiles import VOCAB, encode
from ..tokens import MASK, PAD, pad


def test_the_channel_is_a_distribution() -> None:
    channel = Misprints(rate=0.1, most=0.3).channel()
    assert torch.allclose(channel.sum(dim=1)[4:], torch.tensor(1.0), atol=1e-5)


def test_errors_come_as_often_as_the_channel_says() -> None:
    noise, (c,) = Misprints(rate=0.3, most=0.3).eval(), encode("c")
    x = torch.full((200, 500), c)
    seen = torch.bincount(noise(x, torch.Generator().manual_seed(0)).flatten(), minlength=VOCAB)
    assert torch.allclose(seen / x.numel(), noise.channel()[c], atol=5e-3)


def test_training_has_more_errors_and_filling_none() -> None:
    noise, x = Misprints(rate=0.1, most=0.5), torch.full((200, 500), 5)
    x[:, 400:] = PAD
    share = (noise(x, torch.Generator().manual_seed(0)) != x).float().mean(dim=0)
    assert 0.26 < share[:400].mean() < 0.32
    assert share[400:].sum() == 0


def test_errors_are_counted_over_tokens_and_molecules_are_valid_or_not() -> None:
    x = pad([encode("C1CCC1"), encode("CCO")])
    guess = x.clone()
    guess[0, 5] = MASK
    guess[1, 3:] = 9  # filling is not judged
    found = fidelity(guess, x)
    wrong, every = found["token_error"]
    assert (wrong.tolist(), every.tolist()) == ([1, 0], [6, 3])
    assert isinstance(found["valid"], torch.Tensor)
    assert found["valid"].tolist() == [0.0, 1.0]
