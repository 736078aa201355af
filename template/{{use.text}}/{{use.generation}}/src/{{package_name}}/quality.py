"""What is asked of samples of text, and how they are looked at.

Legend: N samples, T bytes.
"""

from pathlib import Path

import matplotlib
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .datamodule import DataModule
from .utf8 import decode

UNIT = "byte"
COPY = 20  # bytes in a row that nobody writes twice by chance
COLUMNS = 96  # characters of a line
CELL = (8, 18)  # pixels of a character, width and height
MOST = 8.0  # bits: the darkest


def quality(made: dict[str, Tensor], train: Tensor) -> dict[str, float]:
    """Return the share of the samples' pieces of 20 bytes that are not in training.

    Args:
        made: [N, T] samples of each side.
        train: [M, T'].

    Returns:
        {"side/novelty": in [0, 1]}.
    """
    known, found = {piece for row in train.tolist() for piece in pieces(row)}, {}
    for side, x in made.items():
        new = [piece not in known for row in x.tolist() for piece in pieces(row)]
        found[f"{side}/novelty"] = sum(new) / max(1, len(new))
    return found


def pieces(row: list[int]) -> list[bytes]:
    """Cut a text into all its pieces of 20 bytes."""
    text = decode(row)
    return [text[i : i + COPY] for i in range(len(text) - COPY + 1)]


def draw(
    folder: Path, x: Tensor, bits: Tensor, names: list[str], data: DataModule
) -> list[tuple[str, Path]]:
    """Write samples on cells that are the redder the more bits a character costs.

    Args:
        folder: of the picture.
        x: [N, T] samples.
        bits: [M, T + 1] of each byte, and the end, of the first M.
        names: their classes.
        data: with its splits loaded, not needed here.
    """
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    # the basic layout: the other one refuses some of what a model may write
    font = ImageFont.truetype(
        str(fonts / "DejaVuSansMono.ttf"), 13, layout_engine=ImageFont.Layout.BASIC
    )
    margin = max(map(len, names)) + 2
    size = (CELL[0] * (margin + COLUMNS) + 8, CELL[1] * len(names) + 8)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for line, (row, costs, name) in enumerate(zip(x.tolist(), bits.tolist(), names, strict=False)):
        top = 4 + CELL[1] * line
        pen.text((4, top), name, fill="gray", font=font)
        shown = characters(decode(row), costs)
        if len(shown) > COLUMNS:
            shown = [*shown[: COLUMNS - 1], ("\u2026", 0.0)]
        for column, (character, cost) in enumerate(shown):
            left = 4 + CELL[0] * (margin + column)
            pale = 255 - int(200 * min(1.0, cost / MOST))
            box = (left, top, left + CELL[0] - 1, top + CELL[1] - 1)
            pen.rectangle(box, fill=(255, pale, pale))
            pen.text((left, top), character, fill="black", font=font)
    target = folder / "samples.png"
    picture.save(target)
    return [("Samples; the redder a character, the less the model expected it", target)]


def characters(text: bytes, costs: list[float]) -> list[tuple[str, float]]:
    """Sum the costs of the bytes of each character."""
    found, at = [], 0
    for character in text.decode(errors="surrogateescape"):
        num = len(character.encode(errors="surrogateescape"))
        shown = character if character.isprintable() else "\ufffd"
        found.append((shown, sum(costs[at : at + num])))
        at += num
    return found
