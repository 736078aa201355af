"""Recordings with their texts, to learn to write down what is said.

Legend: N examples, B batch, L samples at 8 kHz, U letters.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .alphabet import Alphabet
from .buckets import Bucketed
from .recording import SUFFIXES, play
from .spoken import read_spoken
from .waves import extents, trim


class Hearing(Bucketed):
    """Spoken texts: x: [N, L] float32 in [-1, 1], y: [N, U] their letters.

    Args:
        alphabet: of the texts.
        level_db: largest change of a training clip's level, in each direction.
        speeds: at which training batches are played, one of them drawn for each: voices differ in
            pitch and formants, and few voices train (Ko 2015, Interspeech).
        **data: what every data module takes.
    """

    suffixes = SUFFIXES
    filling = 0.0  # silence

    def __init__(
        self, *, alphabet: str | None, level_db: float, speeds: Sequence[float], **data
    ) -> None:
        super().__init__(**data)
        self.alphabet = Alphabet(alphabet or "")
        self.level_db, self.speeds = level_db, speeds

    def extents(self, split: str) -> Tensor:
        """Measure each recording in samples: [N]."""
        return extents(self.splits[split].x)

    def trim(self, x: Tensor) -> Tensor:
        """Cut the samples that are filling in every row. x: [B, L] -> [B, L']."""
        return trim(x)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Play a batch faster or slower, make each clip louder or softer. [B, L] -> [B, L']."""
        at = generator.device  # what is drawn there is known without waiting for another
        pick = int(torch.randint(len(self.speeds), (), generator=generator, device=at))
        # where batches have one shape, as wide as the slowest takes
        slowest = -(-100 * x.shape[1] // round(100 * min(self.speeds))) if self.static else None
        x = play(x, self.speeds[pick], slowest)
        level = 2 * torch.rand(len(x), 1, generator=generator, device=x.device) - 1
        return x * 10 ** (self.level_db * level / 20)

    def read(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L]: see read_spoken."""
        return read_spoken(source)
