"""Texts with their recordings, to learn to speak.

Legend: N examples, B batch, L samples at 8 kHz, U letters with a silence before (BOS) and one
behind (EOS).
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from .alphabet import Alphabet, clean
from .buckets import Bucketed
from .errors import UserError
from .tokens import BOS, EOS, PAD, trim

LONGEST = 200  # letters of a user's text: about 12 s


class Script(Bucketed):
    """Spoken texts: x: [N, U] letters, y: [N, L] waves.

    Args:
        alphabet: of the texts.
        **data: what every data module takes.
    """

    suffixes = (".txt",)
    literal = True
    filling = PAD

    def __init__(self, *, alphabet: str | None, **data) -> None:
        super().__init__(**data)
        self.alphabet = Alphabet(alphabet or "")

    def trim(self, x: Tensor) -> Tensor:
        """Cut the columns that are filling in every row. x: [B, U] -> [B, U']."""
        return trim(x)

    def sight(self, split: str, row: int) -> Tensor:
        """Return the wave of one example, which is what can be seen and heard: [L]."""
        return self.splits[split].y[row]

    def read(self, source: str | Path) -> Tensor:
        """Read a text, or a file that holds one, as x: [U].

        Raises:
            UserError: for letters that no text of the training has, or too many or none at all.
        """
        content = str(source)
        if isinstance(source, Path):
            try:
                content = source.read_text("utf-8", errors="replace")
            except OSError as error:
                raise UserError(f"input={source} cannot be read: {error.strerror}") from None
        text = clean(content)
        name = f"input={source}" if len(str(source)) < 80 else f"input={str(source)[:80]}..."
        if not text:
            raise UserError(f"{name} holds no text: give words or a .txt file with some")
        if strange := self.alphabet.strange(text):
            raise UserError(
                f"{name}: {' '.join(map(repr, strange))} never occurred in training; allowed are "
                f"{' '.join(self.alphabet.letters.strip())}, and the space"
            )
        if len(text) > LONGEST:
            raise UserError(f"{name} has {len(text)} letters, more than {LONGEST}: split it")
        return torch.tensor(frame(self.alphabet.encode(text)))


def frame(letters: Iterable[int]) -> list[int]:
    """Return the tokens of a text, a silence before and one behind."""
    return [BOS, *letters, EOS]
