"""Look at waves: as a spectrogram for a plot, as a WAV file for a person to hear."""

from pathlib import Path

import matplotlib
import numpy as np
import soundfile
from torch import Tensor

from .mel import LogMel
from .recording import RATE_HZ

SUFFIX = ".wav"
BANDS = 64
RANGE = 2.2  # of the log-mel that colors span, below the loudest: about 40 dB


def show(x: Tensor) -> np.ndarray:
    """Return the log-mel spectrogram, low tones at the bottom. x: [L] -> uint8 [M, T, 3]."""
    mel = LogMel(bands=BANDS)(x.detach().float().cpu()[None])[0, 0].flip(0)
    bright = ((mel - mel.max()) / RANGE + 1).clamp_min(0)
    return np.uint8(255 * matplotlib.colormaps["magma"](bright.numpy())[:, :, :3])  # type: ignore[return-value]


def save(x: Tensor, path: Path) -> None:
    """Write a 16-bit WAV, made quieter as a whole where it would clip. x: [L]."""
    x = x.detach().cpu()
    soundfile.write(path, (x / x.abs().max().clamp_min(1)).numpy(), RATE_HZ, subtype="PCM_16")
