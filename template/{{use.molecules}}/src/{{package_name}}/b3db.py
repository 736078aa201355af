"""The blood-brain barrier database B3DB: read by RDKit once, then kept in a cache.

Legend: N molecules, T tokens.
"""

import csv
import importlib.metadata
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .errors import UserError
from .smiles import TOKENS, encode
from .tokens import pad

RECIPE = 2  # raise it when anything changes that the cache depends on
CLASSES = ("BBB-", "BBB+")  # does not cross the barrier, does


class Corpus(NamedTuple):
    """All molecules.

    x: [N, T] uint8, the canonical SMILES; y: [N] int64; scaffolds: [N] strings.
    """

    x: np.ndarray
    y: np.ndarray
    scaffolds: np.ndarray


def load() -> Corpus:
    """Return the molecules, from the cache where they have been prepared before.

    Raises:
        UserError: a package is missing, or the cache cannot be used.
    """
    path = cached()
    if not path.exists():
        print("RDKit reads the molecules of B3DB, once (3 s)", flush=True)
        corpus = prepare()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # beside its target, so that replace() is atomic: two processes that make it at once
            # both leave it whole
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                np.savez_compressed(Path(folder) / path.name, **corpus._asdict())
                (Path(folder) / path.name).replace(path)
        except OSError as error:
            raise UserError(
                f"data: {path} cannot be written ({error.strerror}): "
                "set XDG_CACHE_HOME to a folder that can"
            ) from None
    try:
        with path.open("rb") as file:
            return Corpus(**np.load(file, allow_pickle=False))
    except Exception as error:  # zipfile, zlib and numpy each have their own
        raise UserError(f"{path} is damaged ({error}): delete it and run again") from None


def cached() -> Path:
    """Say where the molecules are kept: named by all that they depend on."""
    version = "-".join(f"{name}{installed(name)}" for name in ("qc-b3db", "rdkit"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "what-next" / f"molecules-{RECIPE}-{version}.npz"


def installed(package: str) -> str:
    """Return the version of a package, without importing it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        raise UserError(f"data: the package {package} is missing: install it (uv sync)") from None


def table() -> list[dict[str, str]]:
    """Read the table of B3DB, which lies in the package beside code that is not run."""
    package = importlib.util.find_spec("B3DB")
    assert package and package.submodule_search_locations, "the package is installed"
    path = Path(package.submodule_search_locations[0]) / "B3DB_classification.tsv"
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def prepare() -> Corpus:
    """Read, write and number every molecule; two of 7,807 are no molecules to RDKit."""
    from .molecule import parse, scaffold, spell  # slow to import, and not needed with a cache

    assert len(TOKENS) <= 256, "a token fits in a byte"
    tokens, y, scaffolds = [], [], []
    for row in table():
        if (mol := parse(row["SMILES"])) is not None:
            tokens.append(encode(spell(mol)))
            y.append(CLASSES.index(row["BBB+/BBB-"]))
            scaffolds.append(scaffold(mol))
    return Corpus(pad(tokens).numpy().astype(np.uint8), np.array(y), np.array(scaffolds))
