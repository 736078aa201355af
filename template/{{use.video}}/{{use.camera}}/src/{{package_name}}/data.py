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
from .datamodule import Split
from .errors import UserError
from .footage import Footage
from .pixels import plain

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


class Camera(Footage):
    """Camera motions, y: the motion."""

    classes = MOTIONS

    def load(self) -> dict[str, Split]:
        """Return the three splits, all motions equally often over each photograph."""
        folder, rng, splits = find(), torch.Generator().manual_seed(0), {}
        for split, names in PHOTOS.items():
            y = torch.arange(len(MOTIONS)).repeat(CLIPS[split])
            x = torch.cat([film(photograph(folder / name), y, rng) for name in names])
            groups = [name for name in names for _ in range(len(y))]
            splits[split] = Split(x, y.repeat(len(names)), groups)
        return splits


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
