"""The catalog: molecules of one kind, each once, as the table spells them."""

import pytest
from rdkit import Chem

from .. import catalog
from ..catalog import ORGANIC, Catalog
from ..datamodule import DataModule
from ..errors import UserError
from ..molecule import parse
from ..smiles import decode
from ..tokens import SPECIALS, lengths


def make(shortest: int, longest: int) -> Catalog:
    return Catalog(shortest=shortest, longest=longest, batch_size=8, batch_tokens=99)


@pytest.mark.parametrize("smiles", ["CCO", "C1=CC=CC=C1Br", "C[N+](=O)[O-]", "CC(Cl)C#N"])
def test_organic_molecules_are_taken(smiles: str) -> None:
    assert ORGANIC.fullmatch(smiles)


@pytest.mark.parametrize("smiles", ["", "CC.O", "[Na]Cl", "C[Si](C)C", "[2H]C", "CO[14CH3]"])
def test_salts_metals_and_isotopes_are_not(smiles: str) -> None:
    assert not ORGANIC.fullmatch(smiles)


def test_every_example_is_a_molecule_and_none_is_in_two_splits(data: DataModule) -> None:
    assert isinstance(data, Catalog)
    names = {name: set(data.groups(name)) for name in data.splits}
    assert not names["train"] & names["test"] | names["val"] & (names["train"] | names["test"])
    for split in data.splits.values():
        assert (split.x[:, 0] >= SPECIALS).all()
        length = lengths(split.x)
        assert (data.shortest, data.longest) == (length.min(), length.max())
    x, smiles = data.splits["test"].x[::20], data.groups("test")[::20]
    assert [decode(row) for row in x.tolist()] == smiles
    mols = [parse(each) for each in smiles]
    assert all(mols)
    assert len({Chem.MolToSmiles(mol) for mol in mols if mol}) == len(smiles)


def test_lengths_that_leave_too_little_are_refused() -> None:
    with pytest.raises(UserError, match=r"data.shortest=30 .* data.longest=20"):
        make(30, 20).load()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="the package chemicals"):
        make(16, 40).load()
