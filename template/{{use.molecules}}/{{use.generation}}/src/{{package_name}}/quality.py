"""What is asked of new molecules: are they valid, different and new (MOSES: Polykovskiy 2020).

Marks of stereochemistry are left out: a mirror image of a known molecule is not new here.

Legend: N samples, T tokens.
"""

from pathlib import Path

import torch
from rdkit import Chem, DataStructs
from rdkit.Chem import Crippen, Descriptors, rdFingerprintGenerator, rdMolDescriptors
from torch import Tensor

from .datamodule import DataModule
from .generation import save_sheet
from .molecule import parse
from .reports.pictures import pyplot
from .smiles import decode
from .view import show

UNIT = "token"
COLUMNS, PAIRS = 6, 18  # of the sheets, and molecules beside what is most like them
PROPERTIES = {
    "weight (Da)": Descriptors.MolWt,  # type: ignore[attr-defined]
    "logP (Crippen)": Crippen.MolLogP,  # type: ignore[attr-defined]
    "rings": rdMolDescriptors.CalcNumRings,
}


def quality(made: dict[str, Tensor], train: Tensor) -> dict[str, float]:
    """Return the share of valid, of these of different, and of these of new molecules.

    Args:
        made: [N, T] samples of each side.
        train: [M, T'].

    Returns:
        {"side/valid", "side/unique", "side/novel": in [0, 1]}.
    """
    known, found = set(flat(molecules(train))), {}
    for side, x in made.items():
        valid = flat(molecules(x))
        unique = set(valid)
        found[f"{side}/valid"] = len(valid) / len(x)
        found[f"{side}/unique"] = len(unique) / max(1, len(valid))
        found[f"{side}/novel"] = len(unique - known) / max(1, len(unique))
    return found


def molecules(x: Tensor) -> list[Chem.Mol]:
    """Read what are molecules. x: [N, T]."""
    return [mol for row in x.tolist() if (mol := parse(decode(row))) is not None]


def flat(mols: list[Chem.Mol]) -> list[str]:
    """Write molecules in one way each, without marks of stereochemistry."""
    return [Chem.MolToSmiles(mol, isomericSmiles=False) for mol in mols]


def draw(
    folder: Path, x: Tensor, bits: Tensor, names: list[str], data: DataModule
) -> list[tuple[str, Path]]:
    """Draw the first samples, new ones above what is most like them, and properties of all.

    Args:
        folder: of the pictures.
        x: [N, T] samples.
        bits: [M, T + 1] of each token, and the end, of the first M, not needed here.
        names: their classes.
        data: with its splits loaded.
    """
    first = save_sheet(folder / "samples.png", [show(row) for row in x[: len(names)]], COLUMNS)
    found = [("Samples, as they come", first)]
    train, test = data.held("train").x, data.held("test").x
    valid = [row for row in x if molecules(row[None])]
    columns = min(COLUMNS, len(valid))
    if columns:
        new = torch.stack(valid[: min(PAIRS, len(valid) // columns * columns)])
        rows, alike = most_alike(new, train)
        lines = zip(new.split(columns), train[rows].split(columns), strict=True)
        pairs = [show(row) for line in lines for part in line for row in part]
        near = save_sheet(folder / "nearest.png", pairs, columns)
        caption = "Samples, and below each the training example that is most like it"
        found.append((f"{caption} (Tanimoto {alike.median():.2f} in the middle)", near))
    sets = {"test": molecules(test), "samples": molecules(x)}
    return [*found, ("Properties of samples and test", draw_properties(folder, sets))]


def most_alike(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Find the training example that shares most of the neighborhoods of atoms with each sample.

    By the Tanimoto coefficient of Morgan fingerprints (Rogers 2010, doi 10.1021/ci100050t).

    Args:
        x: [N, T] molecules.
        train: [M, T'] molecules.

    Returns:
        rows [N] of `train`, and the coefficients [N].
    """
    make = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    mine, known = (make.GetFingerprints(molecules(some)) for some in (x, train))
    alike = [DataStructs.BulkTanimotoSimilarity(one, list(known)) for one in mine]
    best = torch.tensor(alike).max(dim=1)
    return best.indices, best.values


def draw_properties(folder: Path, sets: dict[str, list[Chem.Mol]]) -> Path:
    """Draw a histogram of each property for each set of molecules."""
    plt = pyplot()
    figure, axes = plt.subplots(1, len(PROPERTIES), figsize=(4 * len(PROPERTIES), 3))
    for axis, (name, measure) in zip(axes, PROPERTIES.items(), strict=True):
        values = {label: [measure(mol) for mol in mols] for label, mols in sets.items() if mols}
        every = [value for own in values.values() for value in own]
        for label, own in values.items():
            bounds = min(every), max(every)
            axis.hist(own, 20, range=bounds, density=True, alpha=0.5, label=label)
        axis.set(xlabel=name, yticks=[])
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(target := folder / "properties.png", dpi=110)
    plt.close(figure)
    return target
