"""Images: range, size, and files of every sort."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ..datamodule import DataModule
from ..errors import UserError
from ..view import save, show


def test_the_split_is_stratified_and_complete(data: DataModule) -> None:
    assert [len(data.splits[name].x) for name in ("train", "val", "test")] == [3500, 500, 1000]
    for split in data.splits.values():
        assert len(set(torch.bincount(split.y).tolist())) == 1


def test_pixels_reach_from_minus_one_to_one(data: DataModule) -> None:
    x = data.splits["train"].x
    assert (x.dtype, x.shape[1:]) == (torch.float32, (1, 28, 28))
    assert (x.min().item(), x.max().item()) == (-1.0, 1.0)


def test_a_saved_image_reads_back_the_same(data: DataModule, tmp_path: Path) -> None:
    x = data.splits["test"].x[0]
    save(x, tmp_path / "x.png")
    assert torch.allclose(data.read(tmp_path / "x.png"), x, atol=1e-6)
    assert show(x).shape == (28, 28, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_mode_and_size_reads_alike(mode: str, data: DataModule, tmp_path: Path) -> None:
    dark = np.full((90, 60), 255, dtype=np.uint8)
    dark[20:70, 25:35] = 0  # a dark stroke on bright paper
    picture = Image.fromarray(dark)
    if mode == "I;16":
        picture = Image.fromarray(dark.astype(np.uint16) * 257)
    elif mode != "L":
        picture = picture.convert(mode)
    path = tmp_path / ("x.jpg" if mode == "CMYK" else "x.png")
    picture.save(path)
    x = data.read(path)
    assert x.shape == (1, 28, 28)
    assert x[0, 14, 14] > 0.8  # ink became bright
    assert x[0, 0, 0] < -0.8


def test_what_is_no_picture_is_refused(data: DataModule, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("not a picture")
    whole = tmp_path / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)).save(whole)
    (tmp_path / "cut.png").write_bytes(whole.read_bytes()[:300])
    for name in ("empty.png", "text.png", "cut.png", "missing.png"):
        with pytest.raises(UserError, match=name):
            data.read(tmp_path / name)
    with pytest.raises(UserError, match="folder"):
        data.read(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        data.sources(str(tmp_path / "nowhere"))
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match="folder without"):
        data.sources(str(tmp_path / "none"))


def test_shifts_keep_the_ink(data: DataModule) -> None:
    x = data.splits["train"].x[:50]
    data = type(data)(batch_size=8, num_classes=10, shift=2, size=28, channels=1)  # type: ignore[call-arg]
    moved = data.augment(x, torch.Generator().manual_seed(0))
    assert moved.shape == x.shape
    assert not torch.equal(moved, x)
    ink = ((x + 1).flatten(1).sum(dim=1), (moved + 1).flatten(1).sum(dim=1))
    assert torch.allclose(*ink, rtol=0.1)
