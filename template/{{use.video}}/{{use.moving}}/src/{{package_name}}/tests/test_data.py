"""Moving digits: which way they go, how often, and files as examples."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ..data import ASIDE, DIRECTIONS, SPEED, MovingDigits, film
from ..datamodule import DataModule
from ..errors import UserError
from ..view import save

STEPS = {"right": (1, 0), "down": (0, 1), "left": (-1, 0), "up": (0, -1)}


def places(x: torch.Tensor) -> torch.Tensor:
    """Find the middle of the ink. x: [N, 1, T, H, W] -> [N, T, 2] as x, y."""
    ink = (x[:, 0] + 1).double()
    line = torch.arange(32, dtype=torch.float64) - 15.5
    across, upward = ((ink.sum(dim=dim) * line).sum(dim=2) for dim in (2, 3))
    return torch.stack([across, upward], dim=2) / ink.sum(dim=(2, 3))[:, :, None]


def test_a_digit_goes_where_its_class_says(data: DataModule) -> None:
    split = data.splits["val"]
    change = places(split.x).diff(dim=1).mean(dim=1)
    for number, name in enumerate(DIRECTIONS):
        way = sum((np.array(STEPS[word]) for word in name.split()), np.zeros(2))
        along = change[split.y == number] @ torch.from_numpy(way / np.linalg.norm(way))
        assert SPEED[0] - 0.15 < along.min() and along.max() < SPEED[1] + 0.15  # some leave a bit
        assert ((along / change[split.y == number].norm(dim=1)) > 0.97).all()


def test_the_way_passes_near_the_middle() -> None:
    dot = torch.zeros(80, 8, 8)
    dot[:, 3:5, 3:5] = 1
    x = film(dot, torch.arange(80) % 8, torch.Generator().manual_seed(0))
    assert x.min() == -1 and x.max() <= 1
    middle = places(x)[:, 3:5].mean(dim=1)
    assert middle.abs().max() <= ASIDE + 1e-3
    assert middle.abs().max() > 0.8 * ASIDE


def test_no_digit_is_in_two_splits_and_directions_are_as_frequent(data: DataModule) -> None:
    assert {n: len(s.x) for n, s in data.splits.items()} == dict(train=2594, test=300, val=200)
    groups = [set(data.groups(name)) for name in data.splits]
    assert len(set.union(*groups)) == sum(map(len, groups)) == 1797
    for split in data.splits.values():
        counts = torch.bincount(split.y)
        assert counts.max() - counts.min() <= 1
        assert split.x.shape[1:] == (1, 8, 32, 32)


def test_loading_twice_gives_the_same(data: DataModule) -> None:
    again = MovingDigits(batch_size=4, num_classes=8, seed=7).load()
    assert all(torch.equal(again[name].x, split.x) for name, split in data.splits.items())


def test_a_saved_clip_reads_back_nearly_the_same(data: DataModule, tmp_path: Path) -> None:
    x = data.splits["test"].x[0]
    save(x, tmp_path / "x.gif")
    assert (data.read(tmp_path / "x.gif") - x).abs().mean() < 0.01
    save(-x, tmp_path / "paper.gif")  # dark on bright
    assert (data.read(tmp_path / "paper.gif") - x).abs().mean() < 0.01
    Image.new("RGBA", (70, 50), (0, 0, 0, 255)).save(tmp_path / "still.png")
    assert data.read(tmp_path / "still.png").unique().tolist() == [-1]
    with pytest.raises(UserError, match="no readable film"):
        data.read(tmp_path / "missing.gif")
