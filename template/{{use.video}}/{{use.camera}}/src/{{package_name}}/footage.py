"""Clips in color: read from any film, turned at random in training.

Legend: N examples, B batch, C = 3 channels, T = 8 frames, H = W = 32 pixels.
"""

from pathlib import Path

import torch
from torch import Tensor

from .datamodule import DataModule
from .reader import STILLS, SUFFIXES, read_clip


class Footage(DataModule):
    """Clips: x: [N, 3, 8, 32, 32] float32 in [-1, 1].

    Args:
        turn: mirror, transpose and play backwards training clips, which gives them other motions.
        **data: what every data module takes.
    """

    suffixes, frames = SUFFIXES, STILLS

    def __init__(self, *, turn: bool, **data) -> None:
        super().__init__(**data)
        self.turn = turn

    def read(self, source: str | Path) -> Tensor:
        """Read a clip as x: [3, 8, 32, 32] in [-1, 1].

        Any length, size and mode: of each frame the largest square in the middle is scaled to
        32x32, and 8 frames are taken at equal distances; of fewer than 8 some are shown twice, and
        a single picture stands still.

        Raises:
            UserError: naming the file, if it is no readable film.
        """
        return read_clip(source)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Mirror, transpose, play backwards: a coin each for the batch. x: [B, C, T, H, W]."""
        if not self.turn:
            return x
        # by `where`, not `if`: XLA would compile a step for each way that the coins can fall
        *flips, transpose = torch.rand(4, generator=generator, device=x.device).lt(0.5)
        for axis, coin in zip((2, 3, 4), flips, strict=True):
            x = x.flip(axis).where(coin, x)
        return x.transpose(3, 4).where(transpose, x)
