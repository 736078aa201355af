"""Look at molecules: drawn as chemists draw them, or as SMILES in a .smi file."""

import io
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rdkit.Chem.Draw import rdMolDraw2D
from torch import Tensor

from .molecule import parse
from .smiles import decode

SUFFIX = ".smi"
SIZE = (360, 260)  # pixels, width and height
COLUMNS = 28  # characters of a SMILES in a line


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
        lines = textwrap.wrap(smiles, COLUMNS, break_on_hyphens=False)
        font = ImageFont.load_default(18)
        ImageDraw.Draw(picture).multiline_text((8, 8), "\n".join(lines), fill="black", font=font)
    return np.asarray(picture)


def save(x: Tensor, path: Path) -> None:
    """Write the SMILES to a file. x: [T] int64."""
    path.write_text(text_of(x) + "\n", encoding="utf-8")
