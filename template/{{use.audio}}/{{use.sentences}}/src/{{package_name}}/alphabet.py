"""An alphabet: the letters that occur in some texts, as tokens.

Token = place in the alphabet + 4. A letter that occurs nowhere could not be learnt.

Legend: U letters, V vocabulary.
"""

import unicodedata
from collections.abc import Iterable

from .errors import UserError
from .tokens import SPECIALS


class Alphabet:
    """Letters and their tokens.

    Args:
        letters: each once.
    """

    def __init__(self, letters: str) -> None:
        self.letters, self.size = letters, SPECIALS + len(letters)  # size: V
        self.number = {letter: SPECIALS + place for place, letter in enumerate(letters)}

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text of these letters: [U]."""
        return [self.number[letter] for letter in text]

    def decode(self, tokens: Iterable[int]) -> str:
        """Undo `encode`; PAD and other special tokens are nothing."""
        return "".join(self.letters[token - SPECIALS] for token in tokens if token >= SPECIALS)

    def strange(self, text: str) -> list[str]:
        """Return what is in a text and not in the alphabet."""
        return sorted(set(text) - set(self.letters))


def clean(text: str) -> str:
    """Return a text as it is learnt: small letters, each of one character, and single spaces."""
    return " ".join(unicodedata.normalize("NFC", text.lower()).split())


def refuse_other(found: Alphabet, wanted: Alphabet, setting: str) -> None:
    """Refuse a network made for other letters than the data have: raise UserError."""
    if found.letters != wanted.letters:
        raise UserError(
            f"{setting}={found.letters!r} contradicts the data, which are written with "
            f"{wanted.letters!r}: set {setting} to ${{data.alphabet}}"
        )
