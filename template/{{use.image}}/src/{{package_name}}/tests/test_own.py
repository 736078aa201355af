"""Pictures of your own: of every sort in, the broken ones named."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ..config import build
from ..errors import UserError
from ..files.folder import Folder
from .conftest import configured


def own(path: Path, *overrides: str) -> Folder:
    """Build the data of a folder, as `train data=folder` would."""
    cfg = configured("data=folder", f"data.path={path}", "data.labels=required", *overrides)
    return build(cfg, "data", seed=0)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Make a folder with 15 good pictures in each of two classes."""
    rng = np.random.default_rng(0)
    for number in range(30):
        pixels = rng.integers(0, 256, (20 + number, 50, 3), dtype=np.uint8)
        target = tmp_path / ("cat", "dog")[number % 2] / f"{number}.png"
        target.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(target)
    return tmp_path


def test_every_sort_is_used_or_named(pictures: Path) -> None:
    odd = pictures / "cat"
    whole = (odd / "0.png").read_bytes()
    (odd / "empty.png").touch()
    (odd / "cut.png").write_bytes(whole[: len(whole) // 2])
    (odd / "text.jpg").write_text("no picture", "utf-8")
    (odd / "notes.txt").write_text("no picture", "utf-8")
    (odd / "folder.png").mkdir()
    good = Image.open(pictures / "dog" / "29.png")
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 2**16, (9, 9), dtype=np.uint16)).save(odd / "deep.png")
    good.convert("CMYK").save(odd / "cmyk.jpg")
    good.convert("RGBA").quantize(9).save(odd / "palette.png", transparency=0)
    good.rotate(90).save(odd / "misnamed.jpg", "png")
    good.save(odd / "moving.gif", save_all=True, append_images=[good.rotate(9)])
    Image.new("1", (1, 1)).save(odd / "dot.bmp")
    data = own(pictures)
    data.setup()
    assert {name for name, _ in data.left_out} == {
        f"cat/{name}" for name in ("empty.png", "cut.png", "text.jpg", "notes.txt")
    }
    names = [name for split in data.splits.values() for name in split.groups]
    for name in ("deep.png", "cmyk.jpg", "palette.png", "misnamed.jpg", "moving.gif", "dot.bmp"):
        assert f"cat/{name}" in names
    x = data.splits["train"].x[:]
    assert (x.shape[1:], x.dtype) == ((3, 32, 32), torch.float32)
    assert -1 <= x.min() < 0 < x.max() <= 1


@pytest.mark.parametrize(("size", "channels"), [(20, 1), (48, 3)])
def test_size_and_channels_are_settings(pictures: Path, size: int, channels: int) -> None:
    data = own(pictures, f"data.size={size}", f"data.channels={channels}")
    assert data.read(pictures / "cat" / "0.png").shape == (channels, size, size)
    with pytest.raises(UserError, match=r"data\.channels=2"):
        own(pictures, "data.channels=2")


def test_an_upright_picture_is_read_as_its_camera_says(tmp_path: Path) -> None:
    pixels = np.zeros((32, 32), dtype=np.uint8)
    pixels[:16] = 255  # bright above
    exif = Image.Exif()
    exif[0x0112] = 3  # held upside down
    Image.fromarray(pixels).save(tmp_path / "x.png", exif=exif)
    x = own(tmp_path).read(tmp_path / "x.png")
    assert x[0, 4, 4] < x[0, 28, 4]


def test_a_run_keeps_what_follows_from_the_data(pictures: Path) -> None:
    data = own(pictures)
    assert data.discover() == {"path": str(pictures), "num_classes": 2}
    data.setup()
    assert torch.equal(data.held("val").x, data.splits["val"].x[:])
