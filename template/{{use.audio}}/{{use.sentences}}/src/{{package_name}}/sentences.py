"""Sentences: a few digits in words."""

import random

from .voices import WORDS

FEWEST, MOST = 3, 5  # words of a sentence: 111,000 different ones


def draw(rng: random.Random, count: int) -> list[str]:
    """Draw sentences of 3 to 5 digits, no two equal, so that no split knows one of another."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(rng.choices(WORDS, k=rng.randint(FEWEST, MOST)))] = None
    return list(found)
