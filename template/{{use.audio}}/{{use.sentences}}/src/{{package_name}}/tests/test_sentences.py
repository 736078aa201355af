"""Sentences and waves: letters there and back, and filling that changes nothing."""

import random

import torch

from ..alphabet import Alphabet, clean
from ..sentences import WORDS, draw
from ..tokens import PAD, SPECIALS
from ..waves import extent, fill, trim


def test_letters_there_and_back() -> None:
    alphabet = Alphabet("".join(sorted(set(" ".join(WORDS)))))
    for word in WORDS:
        assert alphabet.decode([*alphabet.encode(f"{word} one"), PAD, PAD]) == f"{word} one"
    assert alphabet.encode(alphabet.letters) == list(range(SPECIALS, alphabet.size))
    assert alphabet.strange("one, two!") == ["!", ","]


def test_a_text_is_cleaned() -> None:
    assert clean(" E\u0301te\u0301\n ONE ") == "\u00e9t\u00e9 one"


def test_no_sentence_is_drawn_twice() -> None:
    texts = draw(random.Random(0), 2000)
    assert len(set(texts)) == 2000
    assert {len(text.split()) for text in texts} == {3, 4, 5}
    assert texts == draw(random.Random(0), 2000)


def test_filled_waves_are_found_again() -> None:
    waves = [torch.tensor([0.1, 0.0, 0.2]), torch.tensor([0.0, 0.3]), torch.zeros(2)]
    x = fill(waves)
    assert x.shape == (3, 3)
    assert extent(x).tolist() == [3, 2, 0]
    assert torch.equal(trim(torch.nn.functional.pad(x, (0, 5))), x)
    assert trim(torch.zeros(1, 4)).shape == (1, 1)
