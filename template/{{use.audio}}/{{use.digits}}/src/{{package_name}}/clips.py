"""Recordings as clips: of one length, or whole; moved, made louder, played faster in training.

Legend: B batch, N examples, L samples at 8 kHz.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .datamodule import DataModule
from .errors import UserError
from .recording import RATE_HZ, SUFFIXES, fit, play, read
from .voices import PEAK


class Clips(DataModule):
    """Clips: x: [N, L] float32 in [-1, 1] at 8 kHz.

    Args:
        running: whether a clip is full of sound, and files are read at any length and as loud as
            they are; else something is somewhere in silence, and the loudest stretch of a file is
            read.
        seconds: length of that stretch.
        shift_s: largest move of a training clip in seconds, in each direction; what leaves at one
            end comes in at the other.
        level_db: largest change of its level, in each direction.
        speeds: a training batch is played at one of them, which moves pitch and formants as other
            throats do (Ko 2015, Audio augmentation for speech recognition).
        **data: what every data module takes.
    """

    suffixes = SUFFIXES

    def __init__(
        self,
        *,
        running: bool,
        seconds: float,
        shift_s: float,
        level_db: float,
        speeds: Sequence[float],
        **data,
    ) -> None:
        super().__init__(**data)
        self.running, self.length = running, round(seconds * RATE_HZ)
        self.shift, self.level_db = round(shift_s * RATE_HZ), level_db
        self.speeds = speeds

    def read(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L] at 8 kHz, of one channel.

        Running speech comes whole and as loud as it is. A single word is what the loudest second
        holds, centered in silence if the recording is shorter, its peak as in training.

        Raises:
            UserError: naming the file and what is wrong with it.
        """
        x = read(source)
        if self.running:
            return x
        peak = x.abs().max()
        if not peak:
            raise UserError(f"input={source} is silent: every sample is 0")
        return fit(x, self.length) * (sum(PEAK) / 2 / peak)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Play a batch faster or slower, move each clip, change its level. x: [B, L] -> [B, L]."""
        at = generator.device  # what is drawn there is known without waiting for another
        pick = int(torch.randint(len(self.speeds), (), generator=generator, device=at))
        x = play(x, self.speeds[pick], x.shape[1])
        on = {"generator": generator, "device": x.device}
        shift = torch.randint(-self.shift, self.shift + 1, (len(x), 1), **on)
        source = (torch.arange(x.shape[1], device=x.device) - shift) % x.shape[1]
        level_db = self.level_db * (2 * torch.rand(len(x), 1, **on) - 1)
        return x.gather(1, source) * 10 ** (level_db / 20)
