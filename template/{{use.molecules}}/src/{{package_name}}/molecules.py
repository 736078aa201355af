"""Molecules as tokens: batches of like length, and SMILES of the user's own.

Legend: N examples, B batch, T tokens.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from .buckets import Bucketed
from .errors import UserError
from .molecule import parse, spell
from .smiles import encode
from .tokens import PAD

LONGEST = 1024  # tokens of a user's molecule: the cost of attention is quadratic


class Line(str):
    """One molecule of a file: its SMILES, and what to call a file that is made of it."""

    stem: str

    def __new__(cls, text: str, stem: str) -> Self:
        """Make a str that remembers where it stood."""
        line = super().__new__(cls, text)
        line.stem = stem
        return line


class Smiles(Bucketed):
    """SMILES as tokens: x: [N, T] int64 in [0, V), y: crosses the barrier; group: the scaffold.

    One molecule has many SMILES; those of B3DB are canonical.

    Args:
        batch_tokens: the most tokens in a batch, filling included.
        canonical: whether to write anew, and so to check, what a user gives; a SMILES with
            misprints is no molecule, and is taken as it is.
        **data: what every data module takes; `batch_size` is the most molecules in a batch.
    """

    suffixes = (".smi", ".txt", ".csv")
    literal = True
    filling = PAD

    def __init__(self, *, batch_tokens: int, canonical: bool, **data) -> None:
        super().__init__(**data)
        self.batch_tokens, self.canonical = batch_tokens, canonical

    def trim(self, x: Tensor) -> Tensor:
        """Cut the columns that are filling in every example. x: [..., T] -> [..., T']."""
        return x[..., : max(1, int((x != PAD).sum(dim=-1).max()))]

    def sources(self, given: str) -> list[str | Path]:
        """List the molecules of a file or folder; take what is no path for the SMILES itself."""
        found = []
        for source in super().sources(given):
            if not isinstance(source, Path):
                return [source]
            try:
                found += molecules(source)
            except UserError:
                found.append(source)  # `read` will say what is wrong with it
        return found

    def read(self, source: str | Path) -> Tensor:
        """Read a SMILES, or a file that holds one, as x: [T].

        Raises:
            UserError: if it is no molecule although it is to be canonical, is none or more than
                one, or has more than 1,024 tokens.
        """
        name, text = f"input={source}", str(source).strip()
        if isinstance(source, Path):
            text, *more = molecules(source)
            if more:
                raise UserError(f"{name} holds {1 + len(more)} molecules: give one of them")
        if not text:
            raise UserError("input is empty: give a SMILES, for example input=CCO")
        return self.parsed(text, name, canonical=self.canonical)

    def parsed(self, text: str, name: str, *, canonical: bool) -> Tensor:
        """Return the tokens of a SMILES: [T]."""
        name = name if len(name) < 80 else f"{name[:80]}..."
        if (length := len(encode(text))) > LONGEST:
            raise UserError(f"{name} has {length:,} tokens, more than {LONGEST:,}: too long")
        if not canonical:
            return torch.tensor(encode(text))
        if (mol := parse(text)) is None:
            raise UserError(
                f"{name} is no molecule to RDKit: check brackets, ring numbers and valences; "
                "allowed is a SMILES, for example input=CCO, or a .smi, .txt or .csv file of them"
            )
        return torch.tensor(encode(spell(mol)))


def molecules(path: Path) -> list[Line]:
    """Read the molecules of a file: the first word of each line, or of a .csv the column `smiles`.

    Raises:
        UserError: if it cannot be read, or there is none in it.
    """
    name = f"input={path}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is no text in UTF-8: save it as such") from None
    except OSError as error:
        raise UserError(f"{name} cannot be read: {error.strerror}") from None
    column, found = 0, []
    for number, cells in enumerate(rows(text, path.suffix.lower() == ".csv")):
        heads = [cell.strip().lower() for cell in cells]
        if not number and "smiles" in heads:
            column = heads.index("smiles")
        elif len(cells) > column and cells[column].strip():
            found.append(cells[column].strip())
    if not found or "\0" in text:
        raise UserError(f"{name} holds no molecules: give one SMILES a line, such as CCO")
    if len(found) == 1:
        return [Line(found[0], path.stem)]
    return [Line(smiles, f"{path.stem}-{n}") for n, smiles in enumerate(found, start=1)]


def rows(text: str, is_csv: bool) -> Iterator[list[str]]:
    """Part each line of a file into its cells."""
    lines = text.splitlines()
    yield from csv.reader(lines) if is_csv else map(str.split, lines)
