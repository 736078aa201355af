"""The texts that belong to recordings: their letters make the alphabet.

Legend: U letters.
"""

from typing import Any

import torch
from torch import Tensor

from .alphabet import Alphabet, clean
from .errors import UserError
from .files.labels import Labels

MOST_LETTERS = 500  # different ones


class Said(Labels):
    """Turn texts into letters.

    Args:
        kind: "required".
        column: of a table that holds them, for messages.
        alphabet: of a run before; None: what is noted makes it.
    """

    lacking = "nothing says what is said in it"

    def __init__(self, kind: str, column: str, alphabet: str | None) -> None:
        super().__init__(kind, column)
        self.alphabet, self.given = Alphabet(alphabet or ""), alphabet is not None

    def note(self, label: str) -> None:
        """Count the letters of a text in."""
        self.noted.update(clean(label))
        if len(self.noted) > MOST_LETTERS:
            raise UserError(
                f"data.label={self.column} has more than {MOST_LETTERS} different letters: an "
                "alphabet is needed, not one character for each word"
            )

    def settle(self, order: list[str], where: str) -> dict[str, Any]:
        """Make the alphabet; return it as a setting."""
        if not self.given:
            self.alphabet = Alphabet("".join(sorted(self.noted)))
        return {"alphabet": self.alphabet.letters}

    def lacks(self, label: str) -> bool:
        """Say whether there is no text."""
        return not clean(label)

    def of(self, label: str) -> Tensor:
        """Return the letters of a text: [U].

        Raises:
            UserError: if they are of another alphabet.
        """
        text = clean(label)
        if strange := self.alphabet.strange(text):
            raise UserError(f"its text has {' '.join(map(repr, strange))}: not in data.alphabet")
        return torch.tensor(self.alphabet.encode(text))

    def check(self, y: Any, where: str) -> None:
        """Refuse nothing: every letter occurs somewhere."""
