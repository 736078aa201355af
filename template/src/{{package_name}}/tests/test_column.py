"""Examples on disk: indexed as a tensor is."""

import pickle
from pathlib import Path

import pytest
import torch

from ..files.column import Chosen, Column, Writer


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("ragged", [True, False])
def test_a_column_is_indexed_like_a_tensor(tmp_path: Path, real: bool, ragged: bool) -> None:
    rng = torch.Generator().manual_seed(0)
    rows = [torch.randint(1, 90, (2 + i % 4 * ragged,), generator=rng) for i in range(20)]
    rows = [row.float() / 64 if real else row for row in rows]
    whole = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    with Writer(tmp_path / "column") as writer:
        for row in rows:
            writer.add(row)
    column: Column = pickle.loads(pickle.dumps(writer.column()))
    assert len(column) == 20
    assert torch.equal(column[3], rows[3])
    for index in (torch.tensor([7, 0, 19, 3]), slice(None), torch.arange(20) % 4 == 3):
        assert torch.equal(column[index], whole[index])
    assert column[torch.tensor([1])].dtype == (torch.float32 if real else torch.int64)
    few = column.some(4 * int(column.lengths.max()) * (4 if real else 8))
    assert few.tolist() == [0, 6, 13, 19]
    assert column.some(10**6).tolist() == list(range(20))


@pytest.mark.parametrize("ragged", [True, False])
def test_chosen_rows_of_two_columns_are_a_column(tmp_path: Path, ragged: bool) -> None:
    parts, rows = [], []
    for number in range(3):
        with Writer(tmp_path / f"{number}") as writer:
            for i in range(4 * number):  # the first is empty
                rows.append(torch.arange(1, 3 + i % 3 * ragged) + 10 * number + i)
                writer.add(rows[-1])
        parts.append(writer.column())
    picked = torch.tensor([11, 0, 7, 4, 3])
    found = Chosen(parts, picked)
    whole = torch.nn.utils.rnn.pad_sequence([rows[i] for i in picked], batch_first=True)
    assert len(found) == 5 and torch.equal(found[:], whole)
    assert torch.equal(found[torch.tensor([4, 1])][:, :2], whole[[4, 1], :2])
    assert torch.equal(found[2], rows[7]) and found.lengths[2] == len(rows[7])
    assert found.some(1).tolist() == [0, 4]
    again = pickle.loads(pickle.dumps(found))
    assert torch.equal(again[:], whole) and all(part.values is not None for part in again.parts)
