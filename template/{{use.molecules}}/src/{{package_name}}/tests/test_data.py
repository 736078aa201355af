"""Molecules: splits that share no chemistry, one spelling of many, and input of every sort."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rdkit import Chem

from .. import b3db
from ..config import build, compose
from ..datamodule import DataModule
from ..errors import UserError
from ..molecule import parse, scaffold, spell
from ..smiles import decode, encode
from ..view import SIZE, save, show, text_of


def make(**settings: Any) -> DataModule:
    words = [f"data.{name}={value}" for name, value in settings.items()]
    return build(compose("data=b3db", *words), "data")


@pytest.fixture(scope="module")
def b3db_data() -> DataModule:
    data = make(canonical=False)
    data.setup()
    return data


def flat(smiles: str) -> str:
    """Return the molecule without marks of stereochemistry."""
    mol = parse(smiles)
    assert mol is not None
    return Chem.MolToSmiles(mol, isomericSmiles=False)


def test_no_molecule_is_in_two_splits_even_with_other_stereo_marks(b3db_data: DataModule) -> None:
    splits = b3db_data.splits.values()
    flats = [{flat(text_of(x)) for x in split.x} for split in splits]
    every = set[str]().union(*flats)
    assert len(every) < 0.6 * sum(len(split.x) for split in splits)  # there are some
    assert sum(map(len, flats)) == len(every)


def test_the_cache_holds_what_rdkit_says(b3db_data: DataModule) -> None:
    test = b3db_data.splits["test"]
    for row in range(0, len(test.x), 97):
        mol = parse(text_of(test.x[row]))
        assert mol is not None
        assert scaffold(mol) == test.groups[row]
        assert Chem.MolToSmiles(mol) == text_of(test.x[row])


def test_a_scaffold_is_the_rings_and_what_links_them() -> None:
    mols = [parse(s) for s in ("CCc1ccccc1", "C[C@H]1CC[C@@H](O)CC1", "CCO")]
    assert [scaffold(mol) for mol in mols if mol] == ["c1ccccc1", "C1CCCCC1", ""]


def test_all_spellings_of_a_molecule_give_one() -> None:
    mol = parse("CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O")
    assert mol is not None
    many = Chem.MolToRandomSmilesVect(mol, 8, randomSeed=1)
    assert len(set(many)) > 5
    assert {spell(again) for text in many if (again := parse(text))} == {spell(mol)}


@pytest.mark.parametrize("canonical", [True, False])
def test_a_saved_molecule_reads_back_as_in_the_test(canonical: bool, tmp_path: Path) -> None:
    data = make(canonical=canonical)
    data.setup()
    row = data.splits["test"].x[5]
    save(row, tmp_path / "x.smi")
    assert torch.equal(data.read(tmp_path / "x.smi"), data.trim(row))


def test_a_molecule_is_read_as_it_is_or_as_training_knows_it() -> None:
    found = {name: make(canonical=name).read("OCC").tolist() for name in (True, False)}
    assert {name: decode(tokens) for name, tokens in found.items()} == {True: "CCO", False: "OCC"}


def test_molecules_are_drawn_and_what_is_none_is_written() -> None:
    pictures = [show(torch.tensor(encode(text))) for text in ("CCO", "C1CC", "[C@@H](" * 30)]
    assert {p.shape for p in pictures} == {(SIZE[1], SIZE[0], 3)}
    assert all((p[:, -3:] > 250).all() for p in pictures), "nothing is cut off at the right"
    assert all(100 < (p < 128).any(axis=2).sum() < 0.5 * p[:, :, 0].size for p in pictures)


def test_every_line_of_a_file_is_a_molecule(tmp_path: Path) -> None:
    data = make(canonical=False)
    (tmp_path / "a.smi").write_bytes(b"\xef\xbb\xbfCCO ethanol\r\n\r\nC1CC1 ring\r\n")
    (tmp_path / "b.csv").write_text('name,SMILES\n"x, y",CCN\n')
    (tmp_path / "c.txt").write_text("c1ccccc1")
    (tmp_path / "d.dat").write_text("not this")
    assert data.sources(str(tmp_path)) == ["CCO", "C1CC1", "CCN", "c1ccccc1"]
    stems = [getattr(line, "stem", "") for line in data.sources(str(tmp_path))]
    assert stems == ["a-1", "a-2", "b", "c"]
    assert data.sources("C/C=C/C") == ["C/C=C/C"]


def test_what_is_no_molecule_is_refused_only_where_it_must_be_one(tmp_path: Path) -> None:
    one, many = make(canonical=False), make(canonical=True)
    assert decode(one.read("C1CC?").tolist()) == "C1CC?"
    for wrong in ("C1CC", "hello", "C(C)(C)(C)(C)C", "CC("):
        with pytest.raises(UserError, match="is no molecule to RDKit"):
            many.read(wrong)
    for wrong in (" ", "C" * 5000):
        with pytest.raises(UserError, match=r"input"):
            one.read(wrong)


def test_what_is_no_file_of_molecules_is_refused(tmp_path: Path) -> None:
    data = make(canonical=False)
    (tmp_path / "empty.smi").touch()
    (tmp_path / "wide.smi").write_text("CCO", encoding="utf-16")
    (tmp_path / "two.smi").write_text("C\nCC")
    for name, why in (("empty", "no molecules"), ("wide", "no text"), ("two", "holds 2 molecules")):
        with pytest.raises(UserError, match=why):
            data.read(tmp_path / f"{name}.smi")
    assert data.sources(str(tmp_path / "empty.smi")) == [tmp_path / "empty.smi"]
    with pytest.raises(UserError, match="no such file"):
        data.sources(str(tmp_path / "missing.smi"))


def test_a_cache_that_is_damaged_or_cannot_be_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = b3db.Corpus(np.zeros((2, 5), np.uint8), np.zeros(2, int), np.array(["", "C1CC1"]))
    monkeypatch.setattr(b3db, "prepare", lambda: few)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert np.array_equal(b3db.load().x, few.x)
    b3db.cached().write_bytes(b3db.cached().read_bytes()[:-40])
    with pytest.raises(UserError, match="is damaged"):
        b3db.load()
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match="cannot be written"):
        b3db.load()
