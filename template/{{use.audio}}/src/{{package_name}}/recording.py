"""Recordings: any format, rate, length and number of channels as one wave, and at any speed.

Legend: B batch, L samples at 8 kHz.
"""

from pathlib import Path

import numpy as np
import soundfile
import torch
import torch.nn.functional as F
import torchaudio
from torch import Tensor

from .errors import UserError

RATE_HZ = 8000  # of everything in this project: telephone quality, which is enough for words
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".opus", ".aiff", ".aif")
COARSE_HZ = 25  # rates are rounded to multiples: the filter of an odd one would take gigabytes


def read(source: str | Path) -> Tensor:
    """Read a recording as x: [L] float32, its channels averaged, its rate changed to 8 kHz.

    Raises:
        UserError: naming the file and what is wrong with it.
    """
    try:
        frames, rate_hz = soundfile.read(str(source), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError, MemoryError) as error:
        cause = "it is a folder" if Path(source).is_dir() else str(error).split(": ", 1)[-1]
        raise UserError(f"input={source} is no readable recording: {cause}") from None
    if not len(frames):
        raise UserError(f"input={source} is an empty recording: it holds no sample")
    if not np.isfinite(frames).all():
        raise UserError(f"input={source} holds samples that are no numbers (NaN or infinite)")
    x = torch.from_numpy(frames.mean(axis=1))
    rate_hz = max(COARSE_HZ, COARSE_HZ * round(rate_hz / COARSE_HZ))
    return torchaudio.functional.resample(x, rate_hz, RATE_HZ)


def fit(x: Tensor, length: int, by: Tensor | None = None) -> Tensor:
    """Bring a wave to a length: the loudest stretch of a long one, a short one in silence.

    x: [L] -> [length]; the stretch is the one of the greatest energy, in `by` [L] if it is given.
    """
    if len(x) > length:
        energy = F.pad((x if by is None else by).double().square().cumsum(dim=0), (1, 0))
        start = int((energy[length:] - energy[:-length]).argmax())
        return x[start : start + length]
    left = (length - len(x)) // 2
    return F.pad(x, (left, length - len(x) - left))


def play(x: Tensor, speed: float, length: int | None = None) -> Tensor:
    """Play waves faster or slower, which moves their pitch, too. [B, L] -> [B, L / speed].

    Args:
        x: [B, L].
        speed: 1 is as they are; two decimals count.
        length: that they are cut or filled with silence to, if any: [B, length].
    """
    there = x.device
    if there.type == "xla":  # to which all that follows would be another graph at each speed
        x = x.cpu()
    x = torchaudio.functional.resample(x, round(100 * speed), 100)
    if length is not None:
        x = F.pad(x[:, :length], (0, max(0, length - x.shape[1])))
    return x.to(there)
