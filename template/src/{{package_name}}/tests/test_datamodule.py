"""The splits are what they claim to be, and batches come in the promised order."""

import hashlib
from types import SimpleNamespace

import pytest
import torch
from pytorch_lightning.accelerators import XLAAccelerator

from ..datamodule import DataModule
from ..errors import UserError
from ..training.draws import drawing


def digests(x: torch.Tensor) -> list[str]:
    return [hashlib.blake2b(row.numpy().tobytes(), digest_size=16).hexdigest() for row in x]


def test_no_group_straddles_splits(data: DataModule) -> None:
    train, val, test = (set(data.groups(name)) for name in ("train", "val", "test"))
    assert not train & val
    assert not train & test
    assert not val & test


def test_no_test_example_is_in_training(data: DataModule) -> None:
    assert not set(digests(data.splits["train"].x)) & set(digests(data.splits["test"].x))


def test_loading_twice_gives_the_same(data: DataModule) -> None:
    again = data.load()
    for name, split in data.splits.items():
        assert torch.equal(split.x, again[name].x)
        assert torch.equal(split.y, again[name].y)


def test_every_class_is_in_every_split(data: DataModule) -> None:
    for split in data.splits.values():
        assert len(split.x) == len(split.y) == len(split.groups)
        if data.classes:
            assert set(split.y.tolist()) == set(range(len(data.classes)))


def test_an_epoch_shows_each_training_example_once_in_an_order_of_its_own(data: DataModule) -> None:
    first, second = (torch.cat(data.order("train", epoch)) for epoch in (0, 1))
    assert torch.equal(first.sort().values, torch.arange(len(data.splits["train"].x)))
    assert torch.equal(first, torch.cat(data.order("train", 0)))
    assert not torch.equal(first, second)


def test_batches_hold_their_rows(data: DataModule) -> None:
    batch = next(iter(data.val_dataloader()))
    split = data.splits["val"]
    assert torch.equal(batch.y, split.y[batch.index])
    assert torch.equal(batch.x, data.trim(split.x[batch.index]))


def test_more_processes_than_batches_are_refused(
    data: DataModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "trainer", SimpleNamespace(global_rank=0, world_size=100_000))
    with pytest.raises(UserError, match=r"val has \d+ examples in \d+ batches"):
        data.loader("val")


def test_a_tpu_gets_batches_of_one_shape(data: DataModule, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=SimpleNamespace()))
    loop.epoch_loop.batch_progress.current = SimpleNamespace(ready=0)
    words = {"global_rank": 0, "world_size": 1, "current_epoch": 0, "fit_loop": loop}
    trainer = SimpleNamespace(accelerator=object.__new__(XLAAccelerator), **words)
    monkeypatch.setattr(data, "trainer", trainer)
    loader = data.loader("train")
    some = [batch for batch, _ in zip(loader, range(9), strict=False)]
    assert len({tuple(part.shape for part in batch) for batch in some}) == 1
    assert len(loader) * len(some[0].index) > 0.8 * len(data.splits["train"].x)
    with drawing(torch.device("xla")):  # draws on the CPU and moves
        rng = torch.Generator().manual_seed(3)
        assert torch.rand(2, generator=rng, device="meta").device.type == "meta"
    assert not torch.equal(rng.get_state(), torch.Generator().manual_seed(3).get_state())


def test_augmenting_keeps_the_shape_and_is_reproducible(data: DataModule) -> None:
    x = next(iter(data.train_dataloader())).x
    one, two = (data.augment(x, torch.Generator().manual_seed(3)) for _ in range(2))
    assert one.dtype == x.dtype
    assert len(one) == len(x)
    assert torch.equal(one, two)
