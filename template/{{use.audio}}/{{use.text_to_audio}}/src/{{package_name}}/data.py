"""The data: sentences of 3 to 5 digits, spoken by one voice of the synthesiser espeak-ng.

Synthetic speech, not recordings. No sentence of the test is in training or in validation.

Legend: N examples, L samples at 8 kHz, U letters with a silence before (BOS) and one behind (EOS).
"""

import random
from pathlib import Path

import torch
from torch import Tensor

from .buckets import cut_batches
from .datamodule import DataModule, Split
from .errors import UserError
from .espeak import Utterance
from .sentences import ALPHABET, draw, encode
from .speech import speak
from .tokens import BOS, EOS, PAD, lengths, pad, trim
from .voices import PEAK
from .waves import fill

COUNTS = {"test": 100, "val": 100, "train": 1000}
VOICE, PACE, PITCH = "en-us+m3", 160, 50  # words a minute; 0 to 99
LONGEST = 200  # letters of a user's text: about 12 s


class Voice(DataModule):
    """Spoken sentences: x: [N, U] letters, y: [N, L] waves; group: the sentence.

    Args:
        **data: what every data module takes.
    """

    suffixes = (".txt",)
    literal = True
    filling = PAD

    def prepare_data(self) -> None:
        """Make the corpus where it is not in the cache."""
        speak("voice", [u for utterances in plan().values() for u in utterances])

    def load(self) -> dict[str, Split]:
        """Return the three splits, by sentence; they never change."""
        script, splits = plan(), {}
        waves = iter(speak("voice", [u for part in script.values() for u in part]))
        for name, utterances in script.items():
            texts = [u.text for u in utterances]
            y = fill([next(waves) * (sum(PEAK) / 2) for _ in texts])
            splits[name] = Split(pad([frame(text) for text in texts]), y, texts)
        return splits

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch, of like length; training shuffles by (seed, epoch)."""
        rng = None
        if split == "train":
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        size, letters = self.batch_size, lengths(self.splits[split].x)
        return cut_batches(letters, rows=size, tokens=size * int(letters.max()), generator=rng)

    def trim(self, x: Tensor) -> Tensor:
        """Cut the columns that are filling in every row. x: [B, U] -> [B, U']."""
        return trim(x)

    def sight(self, split: str, row: int) -> Tensor:
        """Return the wave of one example, which is what can be seen and heard: [L]."""
        return self.splits[split].y[row]

    def read(self, source: str | Path) -> Tensor:
        """Read a text, or a file that holds one, as x: [U].

        Raises:
            UserError: for letters that no digit is written with, or too many or none at all.
        """
        content = str(source)
        if isinstance(source, Path):
            try:
                content = source.read_text("utf-8", errors="replace")
            except OSError as error:
                raise UserError(f"input={source} cannot be read: {error.strerror}") from None
        text = " ".join(content.lower().split())
        name = f"input={source}" if len(str(source)) < 80 else f"input={str(source)[:80]}..."
        if not text:
            raise UserError(f"{name} holds no text: give words or a .txt file with some")
        if strange := sorted(set(text) - set(ALPHABET)):
            raise UserError(
                f"{name}: {' '.join(map(repr, strange))} never occurred in training; allowed are "
                f"the letters of the digits in words, {' '.join(ALPHABET.strip())}, and the space"
            )
        if len(text) > LONGEST:
            raise UserError(f"{name} has {len(text)} letters, more than {LONGEST}: split it")
        return torch.tensor(frame(text))


def frame(text: str) -> list[int]:
    """Return the tokens of a text, a silence before and one behind."""
    return [BOS, *encode(text), EOS]


def plan() -> dict[str, list[Utterance]]:
    """Say what is spoken in each split."""
    texts = draw(random.Random(0), sum(COUNTS.values()))
    return {
        name: [Utterance(texts.pop(), VOICE, PACE, PITCH) for _ in range(count)]
        for name, count in COUNTS.items()
    }
