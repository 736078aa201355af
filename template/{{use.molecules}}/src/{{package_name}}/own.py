"""Molecules of your own: `data=folder data.path=...`."""

from pathlib import Path

from torch import Tensor

from .errors import UserError
from .files.folder import Folder
from .files.rows import Row
from .molecule import parse, scaffold
from .molecules import Smiles


class Own(Folder, Smiles):
    """Molecules in the rows of a table with a column of SMILES, or in the lines of a .smi.

    Args:
        longest: tokens of a molecule; a larger one is left out.
        **data: what molecules and every folder take.
    """

    grouped = "scaffold"
    lists = (".smi", ".txt")

    def __init__(self, *, longest: int, **data) -> None:
        super().__init__(**data)
        self.longest = longest

    def group_of(self, row: Row) -> str:
        """Name the scaffold of a molecule; what has none or is none is by itself."""
        if self.columns["group"]:
            return row.group
        mol = parse(str(row.source))
        return (scaffold(mol) if mol is not None else "") or row.group

    def example(self, source: str | Path) -> Tensor:
        """Read a SMILES as x: [T], canonical: misprints are made in training, not read."""
        x = self.parsed(str(source), f"input={source}", canonical=True)
        if len(x) > self.longest:
            raise UserError(
                f"input={source} has {len(x):,} tokens, more than data.longest={self.longest}"
            )
        return x
