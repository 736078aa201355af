"""Examples on disk: indexed as a tensor is."""

import pickle
from pathlib import Path

import pytest
import torch

from ..files.column import Column, Writer


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
