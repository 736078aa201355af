"""Look at text: as a small picture for a plot, as a .txt file for a person."""

from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .utf8 import decode

SUFFIX = ".txt"
COLUMNS, LINES = 34, 4  # characters that a picture shows
CELL = (8, 17)  # pixels of a character, width and height


def show(x: Tensor) -> np.ndarray:
    """Write the text into a picture, always of one size. x: [T] int64 -> uint8 [H, W, 3]."""
    text = decode(x.tolist()).decode(errors="replace")
    lines = [text[i : i + COLUMNS] for i in range(0, len(text), COLUMNS)]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1][:-1] + "\u2026"]
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    # the basic layout: the other one refuses some of what a model may write
    font = ImageFont.truetype(
        str(fonts / "DejaVuSansMono.ttf"), 13, layout_engine=ImageFont.Layout.BASIC
    )
    picture = Image.new("RGB", (CELL[0] * COLUMNS + 8, CELL[1] * LINES + 8), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((4, 4 + CELL[1] * number), line, fill="black", font=font)
    return np.asarray(picture)


def save(x: Tensor, path: Path) -> None:
    """Write the text to a file, in UTF-8 where it is valid. x: [T] int64."""
    path.write_bytes(decode(x.tolist()) + b"\n")
