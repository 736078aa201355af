"""Look at images: as pixels for a plot, as a PNG file for a person."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

SUFFIX = ".png"


def show(x: Tensor) -> np.ndarray:
    """Return pixels to draw. x: [1, H, W] or [3, H, W] in [-1, 1] -> uint8 [H, W, 3]."""
    pixels = ((x.detach().cpu().clamp(-1, 1) + 1) * 127.5).round().byte().numpy()
    return np.repeat(pixels, 3 // len(pixels), axis=0).transpose(1, 2, 0)


def save(x: Tensor, path: Path) -> None:
    """Write a PNG. x: [1, H, W] or [3, H, W] in [-1, 1]."""
    pixels = show(x)
    Image.fromarray(pixels[:, :, 0] if len(x) == 1 else pixels).save(path)
