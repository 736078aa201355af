"""Look at images: as pixels for a plot, as a PNG file for a person."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from .pixels import to_bytes

SUFFIX = ".png"


def show(x: Tensor) -> np.ndarray:
    """Return pixels to draw. x: [1, H, W] or [3, H, W] in [-1, 1] -> uint8 [H, W, 3]."""
    return to_bytes(x)


def save(x: Tensor, path: Path) -> None:
    """Write a PNG. x: [1, H, W] or [3, H, W] in [-1, 1]."""
    pixels = show(x)
    Image.fromarray(pixels[:, :, 0] if len(x) == 1 else pixels).save(path)
