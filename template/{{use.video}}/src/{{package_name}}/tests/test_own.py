"""Films of your own: of every sort in, the broken ones named."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ..config import build
from ..files.folder import Folder
from .conftest import configured


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Make a folder with 12 good films in each of two classes."""
    rng = np.random.default_rng(0)
    for number in range(24):
        frames = [
            Image.fromarray(rng.integers(0, 256, (20 + number, 40, 3), dtype=np.uint8))
            for _ in range(1 + number % 12)
        ]
        target = tmp_path / ("wave", "clap")[number % 2] / f"{number}.webp"
        target.parent.mkdir(exist_ok=True)
        frames[0].save(target, save_all=True, append_images=frames[1:])
    return tmp_path


def test_every_sort_is_used_or_named(films: Path) -> None:
    odd = films / "wave"
    (odd / "empty.gif").touch()
    (odd / "text.mp4").write_text("no film", "utf-8")
    (odd / "notes.txt").write_text("no film", "utf-8")
    cut = (odd / "10.webp").read_bytes()
    (odd / "cut.webp").write_bytes(cut[: len(cut) // 3])
    Image.new("L", (5, 90), 77).save(odd / "still.png")
    (odd / "frames").mkdir()
    for number in (2, 10, 1):  # in the order of their numbers
        Image.new("RGB", (50, 40), (25 * number, 0, 0)).save(odd / "frames" / f"f{number}.jpg")
    cfg = configured("data=folder", f"data.path={films}", "data.labels=required")
    data: Folder = build(cfg, "data", seed=0)
    data.setup()
    bad = ("empty.gif", "text.mp4", "notes.txt", "cut.webp")
    assert {name for name, _ in data.left_out} == {f"wave/{name}" for name in bad}
    assert sum(len(split.x) for split in data.splits.values()) == 26
    red = data.read(odd / "frames")[0].flatten(1).mean(dim=1)
    assert (red.diff() >= -0.01).all()
    assert red[0] < red[4] < red[-1]
    assert data.splits["train"].x[:2].shape[2:] == (8, 32, 32)


def test_a_folder_of_frames_is_one_film_to_predict_on(films: Path, tmp_path: Path) -> None:
    data: Folder = build(configured("data=folder", f"data.path={films}"), "data", seed=0)
    several = data.sources(str(films / "wave"))  # numbered, but each is a film
    assert [Path(source).suffix for source in several] == [".webp"] * 12
    for name, suffix in (("one", "png"), ("two", "jpg")):
        (tmp_path / "takes" / name).mkdir(parents=True)
        for number in range(3):
            path = tmp_path / "takes" / name / f"{number}.{suffix}"
            Image.new("RGB", (50, 40), (80 * number, 0, 0)).save(path)
    assert data.sources(str(tmp_path / "takes" / "one")) == [tmp_path / "takes" / "one"]
    both = data.sources(str(tmp_path / "takes"))
    assert both == [tmp_path / "takes" / "one", tmp_path / "takes" / "two"]
    red = [data.read(source)[0].flatten(1).mean(dim=1) for source in both]
    assert all(x[0] < x[4] < x[-1] for x in red)
