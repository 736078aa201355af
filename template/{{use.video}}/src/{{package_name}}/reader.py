"""Read films of the user's own: pictures by Pillow, video files by PyAV if it is installed.

Legend: C = 3 channels, T = 8 frames, H = W = 32 pixels.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageSequence
from torch import Tensor

from .errors import UserError
from .pixels import plain

FRAMES, SIZE = 8, 32  # of every clip in this project: T, and H = W
PICTURES = (".gif", ".png", ".apng", ".webp")
STILLS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")  # frames in a folder
FILMS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm")
SUFFIXES = PICTURES + FILMS


def read_clip(source: str | Path) -> Tensor:
    """Read 8 frames at equal distances. Returns [C, T, H, W] in [-1, 1].

    Raises:
        UserError: naming the file, if it is no readable film.
    """
    path = Path(source)
    kind = film_frames if path.suffix.lower() in FILMS else picture_frames
    if path.is_dir():
        kind = folder_frames
    try:
        frames = list(kind(path))  # 3 kB each: they are scaled as they come
    except UserError:
        raise
    except Exception as error:  # decoders raise whatever they stumble over in a damaged file
        cause = str(error).split("\n")[0] if isinstance(error, OSError) else "it is damaged"
        raise UserError(f"input={source} is no readable film: {cause}") from None
    if not frames:
        cause = "it is a folder without pictures" if path.is_dir() else "it has no frames"
        raise UserError(f"input={source} is no readable film: {cause}")
    spots = torch.linspace(0, len(frames) - 1, FRAMES).round().long().tolist()
    pixels = np.stack([np.asarray(frames[spot], dtype=np.float32) for spot in spots])
    return torch.from_numpy(pixels).permute(3, 0, 1, 2) / 127.5 - 1


def picture_frames(path: Path) -> Iterator[Image.Image]:
    """Yield the frames of a GIF, animated PNG or WebP, or the one of a still picture."""
    with Image.open(path) as picture:
        for frame in ImageSequence.Iterator(picture):
            yield fit_square(frame)


def folder_frames(path: Path) -> Iterator[Image.Image]:
    """Yield the pictures of a folder in the order of their numbers."""
    files = [file for file in path.iterdir() if file.suffix.lower() in STILLS]
    for file in sorted(files, key=lambda file: (len(file.stem), file.stem)):
        with Image.open(file) as picture:
            yield fit_square(picture)


def film_frames(path: Path) -> Iterator[Image.Image]:
    """Yield the frames of a video file."""
    try:
        av = importlib.import_module("av")  # 100 MB, so that only who needs it has it
    except ImportError:
        raise UserError(
            f"input={path}: video files are read by the package av, which is not installed: "
            "install it (uv add av), or give a GIF"
        ) from None
    with av.open(str(path)) as film:
        if not film.streams.video:
            raise ValueError("it has no pictures, only sound")
        for frame in film.decode(video=0):
            yield fit_square(frame.to_image())


def fit_square(picture: Image.Image) -> Image.Image:
    """Cut the largest square out of the middle and scale it to 32x32 pixels."""
    picture = plain(picture).convert("RGB")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    return picture.resize((SIZE, SIZE), Image.Resampling.BOX if side > SIZE else None, box)
