"""Look at molecules: drawn as chemists draw them, or as SMILES in a .smi file."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rdkit.Chem.Draw import rdMolDraw2D
from torch import Tensor

from .molecule import parse
from .smiles import decode

SUFFIX = ".smi"
SIZE = (360, 260)  # pixels, width and height
SIZES = (18, 14, 11)  # of letters, in pixels: the largest in which a SMILES fits
MARGIN = 8  # pixels


def text_of(x: Tensor) -> str:
    """Return the SMILES of one molecule. x: [T]."""
    return decode(x.tolist())


def show(x: Tensor) -> np.ndarray:
    """Draw the molecule, or what is none as text. x: [T] int64 -> uint8 [H, W, 3]."""
    smiles = text_of(x)
    if (mol := parse(smiles)) is not None:
        canvas = rdMolDraw2D.MolDraw2DCairo(*SIZE)
        rdMolDraw2D.PrepareAndDrawMolecule(canvas, mol)
        canvas.FinishDrawing()
        picture = Image.open(io.BytesIO(canvas.GetDrawingText())).convert("RGB")
    else:
        picture = Image.new("RGB", SIZE, "white")
        draw, place = ImageDraw.Draw(picture), (MARGIN, MARGIN)
        for size in SIZES:
            font = ImageFont.load_default(size)
            text = "\n".join(wrapped(smiles, font.getlength))
            if draw.multiline_textbbox(place, text, font=font)[3] <= SIZE[1] - MARGIN:
                break
        draw.multiline_text(place, text, fill="black", font=font)
    return np.asarray(picture)


def wrapped(text: str, width: Callable[[str], float]) -> list[str]:
    """Break a text wherever a line is full. width: of a text, in pixels."""
    lines = [""]
    for letter in text:
        if width(lines[-1] + letter) > SIZE[0] - 2 * MARGIN:
            lines.append("")
        lines[-1] += letter
    return lines


def save(x: Tensor, path: Path) -> None:
    """Write the SMILES to a file. x: [T] int64."""
    path.write_text(text_of(x) + "\n", encoding="utf-8")
