"""Look at clips: as a film strip for a plot, as an animated GIF for a person."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from .pixels import to_bytes

SUFFIX = ".gif"
ROW = 4  # frames in a row of a film strip
FRAME_MS = 120  # about a second for a clip; a GIF counts in hundredths


def show(x: Tensor) -> np.ndarray:
    """Return a film strip to draw, four frames in each row, with white between them.

    x: [3, T, H, W] in [-1, 1] -> uint8 [T / 4 * (H + 2), 4 * (W + 2), 3].
    """
    border = ((1, 1), (1, 1), (0, 0))
    frames = [np.pad(to_bytes(f), border, constant_values=255) for f in x.unbind(dim=1)]
    rows = [frames[start : start + ROW] for start in range(0, len(frames), ROW)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def save(x: Tensor, path: Path) -> None:
    """Write an animated GIF that loops. x: [3, T, H, W] in [-1, 1].

    A GIF has 256 colors for each frame: enough for 35 dB and more, but not exact.
    """
    frames = [Image.fromarray(to_bytes(frame)) for frame in x.unbind(dim=1)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0)
