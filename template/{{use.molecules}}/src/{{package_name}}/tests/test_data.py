"""Molecules: splits that share no chemistry, spellings of one molecule, and input of every sort."""

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
from ..tokens import PAD
from ..view import SIZE, save, show, text_of


def make(**settings: Any) -> DataModule:
    words = [f"data.{name}={value}" for name, value in settings.items()]
    return build(compose("data=b3db", *words), "data")


@pytest.fixture(scope="module")
def b3db_data() -> DataModule:
    data = make(spellings=0)
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


def test_spellings_are_of_one_molecule() -> None:
    mol = parse("CC(C)Cc1ccc(cc1)[C@@H](C)C(=O)O")
    assert mol is not None
    many = spell(mol, 8)
    assert len(set(many)) > 5
    assert {Chem.CanonSmiles(smiles) for smiles in many} == {many[0]}
    assert spell(mol, 3) == many[:4]
    again = parse(many[5])
    assert again is not None
    assert spell(again, 8) == many


def test_training_shows_one_spelling_of_each_molecule() -> None:
    data = make(spellings=3)
    x = torch.tensor([[[5, 6, PAD], [7, 8, 9], [5, 5, 5], [6, 6, 6]]]).expand(50, -1, -1)
    shown = data.augment(x, torch.Generator().manual_seed(0))
    assert shown.shape == (50, 1, 3)
    assert {tuple(row) for row in shown[:, 0].tolist()} == {tuple(row) for row in x[0].tolist()}
    assert torch.equal(make(spellings=0).augment(x[:, 0], torch.Generator()), x[:, 0])


@pytest.mark.parametrize("spellings", [0, 3])
def test_a_saved_molecule_reads_back_as_in_the_test(spellings: int, tmp_path: Path) -> None:
    data = make(spellings=spellings)
    data.setup()
    row = data.splits["test"].x[5]
    save(row, tmp_path / "x.smi")
    assert torch.equal(data.read(tmp_path / "x.smi"), data.trim(row))


def test_as_many_spellings_as_are_prepared() -> None:
    with pytest.raises(UserError, match=r"data.spellings=9 is not allowed"):
        make(spellings=9)


def test_molecules_are_drawn_and_what_is_none_is_written() -> None:
    pictures = [show(torch.tensor(encode(text))) for text in ("CCO", "C1CC", "[C@@H](" * 30)]
    assert {p.shape for p in pictures} == {(SIZE[1], SIZE[0], 3)}
    assert all((p[:, -3:] > 250).all() for p in pictures), "nothing is cut off at the right"
    assert all(100 < (p < 128).any(axis=2).sum() < 0.5 * p[:, :, 0].size for p in pictures)


def test_every_line_of_a_file_is_a_molecule(tmp_path: Path) -> None:
    data = make(spellings=0)
    (tmp_path / "a.smi").write_bytes(b"\xef\xbb\xbfCCO ethanol\r\n\r\nC1CC1 ring\r\n")
    (tmp_path / "b.csv").write_text('name,SMILES\n"x, y",CCN\n')
    (tmp_path / "c.txt").write_text("c1ccccc1")
    (tmp_path / "d.dat").write_text("not this")
    assert data.sources(str(tmp_path)) == ["CCO", "C1CC1", "CCN", "c1ccccc1"]
    stems = [getattr(line, "stem", "") for line in data.sources(str(tmp_path))]
    assert stems == ["a-1", "a-2", "b", "c"]
    assert data.sources("C/C=C/C") == ["C/C=C/C"]


def test_what_is_no_molecule_is_refused_only_where_it_must_be_one(tmp_path: Path) -> None:
    one, many = make(spellings=0), make(spellings=2)
    assert decode(one.read("C1CC?").tolist()) == "C1CC?"
    for wrong in ("C1CC", "hello", "C(C)(C)(C)(C)C", "CC("):
        with pytest.raises(UserError, match="is no molecule to RDKit"):
            many.read(wrong)
    for wrong in (" ", "C" * 5000):
        with pytest.raises(UserError, match=r"input"):
            one.read(wrong)


def test_what_is_no_file_of_molecules_is_refused(tmp_path: Path) -> None:
    data = make(spellings=0)
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
    few = b3db.Corpus(np.zeros((2, 9, 5), np.uint8), np.zeros(2, int), np.array(["", "C1CC1"]))
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
