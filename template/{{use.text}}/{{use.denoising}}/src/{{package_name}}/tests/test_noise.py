"""Typing errors: as many as promised, of the kinds that the channel says."""

import torch

from ..fidelity import fidelity
from ..noise import Typos
from ..tokens import MASK, PAD
from ..utf8 import encode


def test_the_channel_is_a_distribution() -> None:
    channel = Typos(rate=0.1, most=0.3).channel()
    assert torch.allclose(channel[4:].sum(dim=1), torch.tensor(1.0), atol=1e-5)


def test_errors_come_as_often_as_the_channel_says() -> None:
    noise = Typos(rate=0.3, most=0.3).eval()
    x = torch.full((200, 500), ord("g") + 4)
    seen = torch.bincount(noise(x, torch.Generator().manual_seed(0)).flatten(), minlength=260)
    expected = noise.channel()[ord("g") + 4]
    assert torch.allclose(seen / x.numel(), expected, atol=5e-3)


def test_filling_is_never_hit_and_parts_of_characters_become_unreadable() -> None:
    noise = Typos(rate=1.0, most=1.0).eval()
    x = torch.tensor([[*encode("\u00fc".encode()), PAD]])
    assert noise(x, torch.Generator().manual_seed(0)).tolist() == [[MASK, MASK, PAD]]


def test_errors_are_counted_over_bytes() -> None:
    x = torch.tensor([[5, 6, 7, 8], [5, PAD, PAD, PAD]])
    guess = torch.tensor([[5, 6, 7, 9], [5, 9, 9, 9]])
    wrong, every = fidelity(guess, x)["byte_error"]
    assert (wrong.tolist(), every.tolist()) == ([1, 0], [4, 1])
