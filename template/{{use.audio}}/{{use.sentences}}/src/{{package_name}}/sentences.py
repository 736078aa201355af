"""Sentences: a few digits in words, and their letters as tokens.

Token = place in the alphabet + 4. The alphabet is what the digits are written with: a letter that
occurs nowhere could not be learnt.

Legend: U letters, V vocabulary.
"""

import random
from collections.abc import Iterable

from .tokens import SPECIALS
from .voices import WORDS

ALPHABET = "".join(sorted(set(" ".join(WORDS))))
VOCAB = SPECIALS + len(ALPHABET)
FEWEST, MOST = 3, 5  # words of a sentence: 111,000 different ones


def encode(text: str) -> list[int]:
    """Return the tokens of a text of letters in `ALPHABET`: [U]."""
    return [ALPHABET.index(letter) + SPECIALS for letter in text]


def decode(tokens: Iterable[int]) -> str:
    """Undo `encode`; PAD and other special tokens are nothing."""
    return "".join(ALPHABET[token - SPECIALS] for token in tokens if token >= SPECIALS)


def draw(rng: random.Random, count: int) -> list[str]:
    """Draw sentences of 3 to 5 digits, no two equal, so that no split knows one of another."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(rng.choices(WORDS, k=rng.randint(FEWEST, MOST)))] = None
    return list(found)
