"""Pixels as numbers: pictures of any mode in, pictures of 8 bits out.

Legend: C channels, H W pixels.
"""

import numpy as np
from PIL import Image
from torch import Tensor


def plain(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency, in 8 bits: what is clear becomes white.

    More than 8 bits are scaled so that the brightest pixel is white, since Pillow would clip them.
    """
    if picture.mode in ("I;16", "I", "F"):
        deep = np.asarray(picture, dtype=np.float32)
        picture = Image.fromarray((255 * deep / max(1.0, float(deep.max()))).astype(np.uint8))
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture


def to_bytes(x: Tensor) -> np.ndarray:
    """Return pixels to draw. x: [C, H, W] in [-1, 1], C = 1 or 3 -> uint8 [H, W, 3]."""
    pixels = ((x.detach().cpu().clamp(-1, 1) + 1) * 127.5).round().byte().numpy()
    return np.repeat(pixels, 3 // len(pixels), axis=0).transpose(1, 2, 0)
