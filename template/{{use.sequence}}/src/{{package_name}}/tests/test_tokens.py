"""Tokens and batches of them: what is filled in can be cut again, and no row is lost."""

import torch

from ..buckets import cut_batches
from ..tokens import PAD, lengths, pad, trim


def test_trim_undoes_filling() -> None:
    x = pad([[5, 6, 7], [8]])
    assert x.tolist() == [[5, 6, 7], [8, PAD, PAD]]
    assert lengths(x).tolist() == [3, 1]
    assert torch.equal(trim(torch.nn.functional.pad(x, (0, 4))), x)


def test_every_row_is_in_one_batch_of_limited_size() -> None:
    found = torch.randint(1, 300, (500,), generator=torch.Generator().manual_seed(0))
    for rng in (None, torch.Generator().manual_seed(1)):
        batches = cut_batches(found, rows=64, tokens=1024, generator=rng)
        assert torch.equal(torch.cat(batches).sort().values, torch.arange(500))
        assert all(len(b) <= 64 for b in batches)
        assert all(len(b) * int(found[b].max()) <= 1024 for b in batches)


def test_the_number_of_batches_does_not_depend_on_the_draw() -> None:
    found = torch.randint(1, 300, (500,), generator=torch.Generator().manual_seed(0))
    seeds = (torch.Generator().manual_seed(s) for s in range(4))
    assert len({len(cut_batches(found, rows=64, tokens=1024, generator=g)) for g in seeds}) == 1
