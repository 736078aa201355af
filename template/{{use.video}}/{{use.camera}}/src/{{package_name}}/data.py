"""The data: clips that a simulated camera films over eleven real photographs of scikit-image.

The photographs are in the public domain, or CC0, and arrive with the package. Splits are by
photograph: no part of a picture that is tested on was trained on.

Legend: N examples, B batch, C = 3 channels, T = 8 frames, H = W = 32 pixels.
"""

import importlib.util
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .camera import MOTIONS, film
from .datamodule import DataModule, Split
from .errors import UserError
from .pixels import plain
from .reader import SUFFIXES, read_clip

PHOTOS = {  # file names in scikit-image; the licence of each is in the card of the README
    "train": (
        "astronaut.png",
        "brick.png",
        "camera.png",
        "coffee.png",
        "hubble_deep_field.jpg",
        "retina.jpg",
    ),
    "val": ("clock_motion.png", "grass.png"),
    "test": ("chelsea.png", "gravel.png", "rocket.jpg"),
}
CLIPS = {"train": 34, "val": 12, "test": 17}  # of each motion over each photograph


class Camera(DataModule):
    """Camera motions: x: [N, 3, 8, 32, 32] float32 in [-1, 1], y: the motion.

    Args:
        turn: mirror, transpose and play backwards training clips, which gives them other motions.
        **data: what every data module takes.
    """

    classes = MOTIONS
    suffixes = SUFFIXES

    def __init__(self, *, turn: bool, **data) -> None:
        super().__init__(**data)
        self.turn = turn

    def load(self) -> dict[str, Split]:
        """Return the three splits, all motions equally often over each photograph."""
        folder, rng, splits = find(), torch.Generator().manual_seed(0), {}
        for split, names in PHOTOS.items():
            y = torch.arange(len(MOTIONS)).repeat(CLIPS[split])
            x = torch.cat([film(photograph(folder / name), y, rng) for name in names])
            groups = [name for name in names for _ in range(len(y))]
            splits[split] = Split(x, y.repeat(len(names)), groups)
        return splits

    def read(self, source: str | Path) -> Tensor:
        """Read a clip as x: [3, 8, 32, 32] in [-1, 1].

        Any length, size and mode: of each frame the largest square in the middle is scaled to
        32x32, and 8 frames are taken at equal distances; of fewer than 8 some are shown twice, and
        a single picture stands still.

        Raises:
            UserError: naming the file, if it is no readable film.
        """
        return read_clip(source)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Mirror, transpose, play backwards: a coin each for the batch. x: [B, C, T, H, W]."""
        if not self.turn:
            return x
        backwards, upside, mirror, transpose = torch.rand(
            4, generator=generator, device=x.device
        ).lt(0.5)
        x = x.flip([axis for axis, coin in ((2, backwards), (3, upside), (4, mirror)) if coin])
        return x.transpose(3, 4) if transpose else x


def photograph(path: Path) -> Tensor:
    """Return a photograph at half its size, so that no frame flickers: [C, h, w] in [-1, 1]."""
    with Image.open(path) as picture:
        pixels = np.array(plain(picture).convert("RGB").reduce(2), dtype=np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1) / 127.5 - 1


def find() -> Path:
    """Find the photographs by their path: importing scikit-image takes seconds."""
    package = importlib.util.find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        raise UserError(
            "data: the package scikit-image, which brings the photographs, is missing: "
            "install it (uv sync)"
        )
    return Path(package.submodule_search_locations[0]) / "data"
