"""The quality of new molecules, against sets that are known beforehand."""

from pathlib import Path

import pytest
import torch

from ..catalog import Catalog
from ..datamodule import DataModule, Split
from ..quality import draw, most_alike, quality
from ..smiles import encode
from ..tokens import pad


def tokens(*smiles: str) -> torch.Tensor:
    return pad([encode(each) for each in smiles])


def test_valid_unique_and_novel_are_counted() -> None:
    train = tokens("CCO", "N[C@@H](C)C(=O)O")
    made = tokens("CCO", "OCC", "CCN", "C1CC", "N[C@H](C)C(=O)O", "CCN")
    found = quality({"model": made}, train)
    assert found["model/valid"] == 5 / 6  # one ring stays open
    assert found["model/unique"] == 3 / 5  # ethanol, ethylamine, alanine
    assert found["model/novel"] == 1 / 3  # a mirror image is not new


def test_nothing_valid_is_nothing_new() -> None:
    found = quality({"model": tokens("C1CC", "C(")}, tokens("CCO"))
    assert found == {"model/valid": 0.0, "model/unique": 0.0, "model/novel": 0.0}


def test_a_molecule_is_most_like_itself_however_it_is_spelled() -> None:
    train = tokens("CCO", "C1=CC=CC=C1C", "CC(=O)NC")
    rows, alike = most_alike(tokens("CNC(C)=O", "OCC"), train)
    assert rows.tolist() == [2, 0]
    assert alike.tolist() == [1.0, 1.0]
    rows, alike = most_alike(tokens("C1=CC=CC=C1CC"), train)
    assert rows.tolist() == [1]
    assert 0.2 < alike.item() < 1


@pytest.mark.parametrize("smiles", [["C1CC"], ["CCO"], ["CCO"] * 7 + ["C(("] * 3])
def test_any_number_of_samples_is_drawn(
    smiles: list[str], data: DataModule, tmp_path: Path
) -> None:
    x, few = tokens(*smiles), Catalog(shortest=16, longest=40, batch_size=8, batch_tokens=99)
    few.splits = {n: Split(s.x[:50], s.y[:50], s.groups[:50]) for n, s in data.splits.items()}
    drawn = draw(tmp_path, x, torch.zeros(len(x), 1 + x.shape[1]), [""] * len(x), few)
    assert all(picture.exists() for _, picture in drawn)
    assert len(drawn) == (2 if smiles == ["C1CC"] else 3)
