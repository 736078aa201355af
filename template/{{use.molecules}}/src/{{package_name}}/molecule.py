"""What RDKit knows of a molecule: whether there is one, its spellings and its scaffold."""

from rdkit import Chem, rdBase
from rdkit.Chem.Scaffolds import MurckoScaffold


def parse(smiles: str) -> Chem.Mol | None:
    """Read a SMILES; None where it is empty, breaks the grammar or the rules of valence."""
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    return mol if mol is not None and mol.GetNumAtoms() else None


def spell(mol: Chem.Mol, count: int) -> list[str]:
    """Write the canonical SMILES and then `count` random ones (Bjerrum 2017, 1703.07076).

    A random one starts at any atom and follows the bonds in any order. The same molecule gives the
    same spellings, and of fewer always the first.
    """
    canonical = Chem.MolToSmiles(mol)
    mol = Chem.MolFromSmiles(canonical)  # the random ones depend on the order of the atoms
    return [canonical, *Chem.MolToRandomSmilesVect(mol, count, randomSeed=1)]


def scaffold(mol: Chem.Mol) -> str:
    """Return the SMILES of the rings and what links them (Bemis 1996); empty without rings.

    Stereo marks are dropped: mirror images share their scaffold.
    """
    return MurckoScaffold.MurckoScaffoldSmiles(mol=mol)
