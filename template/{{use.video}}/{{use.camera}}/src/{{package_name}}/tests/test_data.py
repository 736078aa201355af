"""Clips: splits by photograph, range, size, and what is saved of them."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..camera import MOTIONS
from ..data import Camera
from ..datamodule import DataModule
from ..view import save, show


def test_no_photograph_is_in_two_splits(data: DataModule) -> None:
    groups = [set(data.groups(name)) for name in ("train", "val", "test")]
    assert [len(group) for group in groups] == [6, 2, 3]
    assert len(set.union(*groups)) == 11


def test_every_photograph_shows_every_motion_as_often(data: DataModule) -> None:
    assert [len(data.splits[name].x) for name in ("train", "val", "test")] == [1836, 216, 459]
    for split in data.splits.values():
        assert len(split.groups) == len(split.x) == len(split.y)
        seen = {g: torch.bincount(split.y[[h == g for h in split.groups]]) for g in split.groups}
        assert all(counts.unique().numel() == 1 for counts in seen.values())


def test_pixels_reach_from_minus_one_to_one(data: DataModule) -> None:
    x = data.splits["train"].x
    assert (x.dtype, x.shape[1:]) == (torch.float32, (3, 8, 32, 32))
    assert -1 <= x.min() < -0.98
    assert 0.98 < x.max() <= 1
    assert (x.mean(dim=1)[:, 4].flatten(1).std(dim=1) > 0.06).all()  # something is to be seen


def test_only_a_camera_that_stands_still_shows_the_same_frames(data: DataModule) -> None:
    for split in data.splits.values():
        change = split.x.diff(dim=2).abs().flatten(1).mean(dim=1)
        still = split.y == MOTIONS.index("still")
        assert change[still].max() < 1e-6
        assert change[~still].min() > 1e-3


def test_loading_twice_gives_the_same(data: DataModule) -> None:
    again = Camera(turn=False, batch_size=4, num_classes=9, seed=7).load()
    assert torch.equal(again["test"].x, data.splits["test"].x)


def test_turning_keeps_the_pixels_and_not_their_places(data: DataModule) -> None:
    x, rng = data.splits["train"].x[:2], torch.Generator().manual_seed(0)
    turning = Camera(turn=True, batch_size=4)
    kinds = {turning.augment(x, rng).numpy().tobytes() for _ in range(100)}
    assert len(kinds) == 16  # four coins
    turned = turning.augment(x, rng)
    assert torch.equal(turned.flatten().sort().values, x.flatten().sort().values)
    assert Camera(turn=False, batch_size=4).augment(x, rng) is x


def test_a_saved_clip_reads_back_nearly_the_same(data: DataModule, tmp_path: Path) -> None:
    x = data.splits["test"].x[0]
    save(x, tmp_path / "x.gif")
    with Image.open(tmp_path / "x.gif") as picture:
        assert (picture.n_frames, picture.info["duration"], picture.info["loop"]) == (8, 120, 0)  # type: ignore[attr-defined]
    error = (data.read(tmp_path / "x.gif") - x).square().mean().item()
    assert 10 * np.log10(4 / error) > 35  # dB: a GIF has 256 colors
    strip = show(x)
    assert strip.shape == (68, 136, 3)
    assert np.abs(strip[35:67, 1:33] / 127.5 - 1 - x[:, 4].permute(1, 2, 0).numpy()).max() < 0.005
