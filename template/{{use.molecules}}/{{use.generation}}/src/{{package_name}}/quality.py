"""What is asked of new molecules: are they valid, different and new (MOSES: Polykovskiy 2020).

Marks of stereochemistry are left out: a mirror image of a known molecule is not new here.

Legend: N samples, T tokens.
"""

from pathlib import Path

from rdkit import Chem
from rdkit.Chem import Crippen, Descriptors, rdMolDescriptors
from torch import Tensor

from .generation import save_sheet
from .molecule import parse
from .report import pyplot
from .smiles import decode
from .view import show

UNIT = "token"
COLUMNS = 6  # of the sheet
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
    folder: Path, x: Tensor, bits: Tensor, names: list[str], test: Tensor
) -> list[tuple[str, Path]]:
    """Draw the first samples, and properties of all beside those of the test split.

    Args:
        folder: of the pictures.
        x: [N, T] samples.
        bits: [M, T + 1] of each token, and the end, of the first M, not needed here.
        names: their classes.
        test: [K, T'].
    """
    sheet = save_sheet(folder / "samples.png", [show(row) for row in x[: len(names)]], COLUMNS)
    plt = pyplot()
    figure, axes = plt.subplots(1, len(PROPERTIES), figsize=(4 * len(PROPERTIES), 3))
    sets = {"test": molecules(test), "samples": molecules(x)}
    for axis, (name, measure) in zip(axes, PROPERTIES.items(), strict=True):
        values = [[measure(mol) for mol in mols] for mols in sets.values()]
        low, high = min(map(min, filter(None, values))), max(map(max, filter(None, values)))
        for label, each in zip(sets, values, strict=True):
            if each:
                axis.hist(each, 20, (low, high), density=True, alpha=0.5, label=label)
        axis.set(xlabel=name, yticks=[])
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(target := folder / "properties.png", dpi=110)
    plt.close(figure)
    return [("Samples, as they come", sheet), ("Properties of samples and test", target)]
