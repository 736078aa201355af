"""The data: organic molecules that somebody has made, from the package chemicals.

Its table holds a SMILES of PubChem's for each: without aromatic atoms, each ring with a number of
its own, in one order. That is kept, so nothing has to be read by RDKit. Left out are salts,
metals, isotopes and charges beside those that a formula needs, and marks of stereochemistry.

Legend: N examples, T tokens.
"""

import importlib.util
import re
from pathlib import Path

import numpy as np
import torch

from .datamodule import Split
from .errors import UserError
from .molecules import Smiles
from .smiles import PATTERN, encode
from .tokens import pad

TABLE = Path("Identifiers", "chemical identifiers pubchem large.tsv")
COLUMN = 4  # of the SMILES
ORGANIC = re.compile(r"(?:Br|Cl|[BCNOSPFI]|\[N\+\]|\[O-\]|[=#()]|[1-9])+")
COUNTS = {"test": 1000, "val": 1000}  # molecules; the rest is for training
LEAST = 5000  # molecules, below which nothing is left to learn from


class Catalog(Smiles):
    """SMILES as tokens: x: [N, T] int64 in [0, V), no classes.

    Args:
        shortest, longest: tokens of a molecule.
        **data: what every data module of SMILES takes.
    """

    def __init__(self, *, shortest: int, longest: int, **data) -> None:
        super().__init__(canonical=False, **data)
        self.shortest, self.longest = shortest, longest

    def load(self) -> dict[str, Split]:
        """Return the three splits of the molecules; they depend on the lengths alone.

        Raises:
            UserError: if hardly any molecule is of such a length.
        """
        smiles = [s for s in table(find()) if self.fits(s)]
        if len(smiles) < LEAST:
            raise UserError(
                f"data.shortest={self.shortest} and data.longest={self.longest} leave "
                f"{len(smiles)} molecules: widen them, most have 10 to 50 tokens"
            )
        np.random.default_rng(0).shuffle(smiles)
        splits, start = {}, 0
        for name, size in (*COUNTS.items(), ("train", len(smiles))):
            own = smiles[start : start + size]
            x, start = pad([encode(s) for s in own]), start + size
            splits[name] = Split(x, torch.zeros(len(own), dtype=torch.long), own)
        return splits

    def fits(self, smiles: str) -> bool:
        """Say whether a molecule is of the length that is asked for."""
        return self.shortest <= len(PATTERN.findall(smiles)) <= self.longest


def table(path: Path) -> list[str]:
    """Read the organic molecules, each once."""
    with path.open(encoding="utf-8") as file:
        found = {line.split("\t", COLUMN + 1)[COLUMN] for line in file}
    return sorted(smiles for smiles in found if ORGANIC.fullmatch(smiles))


def find() -> Path:
    """Find the table by its path: importing the package takes seconds."""
    package = importlib.util.find_spec("chemicals")
    if package is None or not package.submodule_search_locations:
        raise UserError(
            "data: the package chemicals, which brings the molecules, is missing: "
            "install it (uv sync)"
        )
    return Path(package.submodule_search_locations[0]) / TABLE
