"""SMILES as tokens: an atom, a bond, a branch or a ring number each (Schwaller 2018, 1711.04810).

The vocabulary is written down here, so that nothing is fitted to data. An atom in brackets that is
not in it is spelled out by its characters, so that decoding loses nothing. What nobody can read,
MASK, is written as `?`, which stands for nothing in SMILES, and read from it.
"""

import re
from collections.abc import Iterable

from .tokens import MASK, PAD, SPECIALS

COMMON = (
    *("C", "N", "O", "S", "P", "F", "Cl", "Br", "I", "c", "n", "o", "s"),
    *("(", ")", "=", "#", "-", "/", "\\", "1", "2", "3", "4", "5", "6"),
    *("[C@H]", "[C@@H]", "[C@]", "[C@@]", "[nH]", "[N+]", "[O-]", "[n+]"),
)
RARE = (
    *("B", "b", "p", "7", "8", "9", "%10", "%11", "%12", ".", "[N-]", "[S+]", "[S-]", "[o+]"),
    *("[S@]", "[S@@]", "[S@+]", "[S@@+]", "[N@+]", "[N@@+]", "[NH+]", "[NH2+]", "[NH3+]"),
    *("[C-]", "[Na+]", "[K+]", "[Cl-]", "[Br-]", "[I-]"),
)
CHARACTERS = sorted(set("ADEGHKLMRTUVWXYZadefghiklmrtuy0$%*+:@[]~") - {*COMMON, *RARE})
TOKENS = ("", "<", ">", "?", *COMMON, *RARE, *CHARACTERS)  # the first four never occur in SMILES
VOCAB = len(TOKENS)
NUMBERS = {token: number for number, token in enumerate(TOKENS) if number >= SPECIALS}
PATTERN = re.compile(r"\[[^\[\]]+\]|Br|Cl|%\d\d|.", re.DOTALL)


def encode(text: str) -> list[int]:
    """Return the tokens of a SMILES, right or wrong."""
    tokens = []
    for part in PATTERN.findall(text):
        each = [part] if part in NUMBERS else part
        tokens += [NUMBERS.get(one, MASK) for one in each]
    return tokens


def decode(tokens: Iterable[int]) -> str:
    """Undo `encode`; PAD is nothing."""
    return "".join(TOKENS[token] for token in tokens if token != PAD)
