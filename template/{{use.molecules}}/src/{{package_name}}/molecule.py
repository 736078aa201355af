"""What RDKit knows of a molecule: whether there is one, how it is written and its scaffold."""

from rdkit import Chem, rdBase
from rdkit.Chem.Scaffolds import MurckoScaffold


def parse(smiles: str) -> Chem.Mol | None:
    """Read a SMILES; None where it is empty, breaks the grammar or the rules of valence."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    return mol if mol is not None and mol.GetNumAtoms() else None


def spell(mol: Chem.Mol) -> str:
    """Write the canonical SMILES: one molecule has many, and all of them give this one."""
    return Chem.MolToSmiles(mol)


def scaffold(mol: Chem.Mol) -> str:
    """Return the SMILES of the rings and what links them (Bemis 1996); empty without rings.

    Stereo marks are dropped: mirror images share their scaffold.
    """
    return MurckoScaffold.MurckoScaffoldSmiles(mol=mol)
