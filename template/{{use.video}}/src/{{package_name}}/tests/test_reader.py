"""Films of every sort, length and size become clips; what is none is refused in one line."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ..errors import UserError
from ..reader import FILMS, read_clip
from ..view import save


def pictures(count: int, mode: str = "RGB", size: tuple[int, int] = (90, 60)) -> list[Image.Image]:
    """Frames of one grey level each, that rises from black to white."""
    levels = np.linspace(0, 255, max(2, count)).astype(int)[:count]
    return [Image.new("L", size, int(level)).convert(mode) for level in levels]


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_every_mode_length_and_size_reads_alike(mode: str, suffix: str, tmp_path: Path) -> None:
    for count, size in ((1, (90, 60)), (5, (20, 300)), (29, (64, 64))):
        frames = pictures(count, mode, size)
        path = tmp_path / f"{count}.{suffix}"
        # lossless is for WebP, which would blur; the others do not know it
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=50, lossless=True)
        x = read_clip(path)
        assert x.shape == (3, 8, 32, 32)
        level = x.mean(dim=(0, 2, 3))
        assert level[0].item() == pytest.approx(-1, abs=0.02)
        assert level[-1].item() == pytest.approx(-1 if count == 1 else 1, abs=0.02)
        assert (level.diff() >= 0).all()


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.gif").touch()
    (tmp_path / "text.gif").write_text("not a film")
    slope = torch.linspace(-1, 1, 32)
    waves = [(slope * frequency + slope[:, None]).sin() for frequency in range(8)]
    save(torch.stack(waves).expand(3, -1, -1, -1), tmp_path / "whole.gif")
    whole = (tmp_path / "whole.gif").read_bytes()
    for share in (0.02, 0.3, 0.5, 0.9):
        (tmp_path / f"cut{share}.gif").write_bytes(whole[: int(share * len(whole))])
    cut = [path.name for path in tmp_path.glob("cut*")]
    for name in [*cut, "empty.gif", "text.gif", "missing.gif"]:
        with pytest.raises(UserError, match=f"{name} is no readable film: .") as caught:
            read_clip(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="folder"):
        read_clip(tmp_path)


def test_video_files_need_a_package_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "x.mp4").write_bytes(b"film")
    with pytest.raises(UserError, match=r"x.mp4.*uv add av"):
        read_clip(tmp_path / "x.mp4")


@pytest.mark.parametrize("suffix", FILMS)
def test_video_files_read_like_pictures(suffix: str, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / f"x{suffix}"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libvpx-vp9" if suffix == ".webm" else "mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for picture in pictures(20, size=(96, 64)):
            film.mux(stream.encode(av.VideoFrame.from_image(picture)))
        film.mux(stream.encode())
    level = read_clip(path).mean(dim=(0, 2, 3))
    assert level[0] < -0.9
    assert level[-1] > 0.9
    assert (level.diff() > 0).all()
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(UserError, match="no readable film"):
        read_clip(path)
