"""The data: clips of real handwritten digits that move on straight lines, in eight directions.

The digits are those of scikit-learn, which brings them; no digit is in two splits.

Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (1998); as a task of videos:
    Srivastava 2015, 1502.04681 (Moving MNIST).
Legend: N clips, B batch, C = 1 channel, T = 8 frames, H = W = 32 pixels.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .datamodule import DataModule, Split
from .reader import FRAMES, SIZE, STILLS, SUFFIXES, read_clip

DIRECTIONS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")
COUNTS = {"test": 300, "val": 200}  # digits; the rest is for training, each in two clips
SPEED = (1.0, 2.0)  # pixels from frame to frame
ASIDE = 2.0  # pixels by which the middle of the way misses the middle of the picture, at most
WIDTH = 20.0  # pixels of a digit with its margin


class MovingDigits(DataModule):
    """Moving digits: x: [N, 1, 8, 32, 32] float32 in [-1, 1], y: the direction."""

    classes = DIRECTIONS
    suffixes, frames = SUFFIXES, STILLS

    def load(self) -> dict[str, Split]:
        """Return the three splits, all directions equally often; they never change."""
        from sklearn.datasets import load_digits  # slow to import

        pixels = np.asarray(load_digits(return_X_y=True)[0])
        images = torch.from_numpy(pixels).float().view(-1, 8, 8) / 16
        rng, splits = torch.Generator().manual_seed(0), {}
        rows = torch.randperm(len(images), generator=rng)
        for name, count in COUNTS.items():
            own, rows = rows[:count], rows[count:]
            splits[name] = clips(images, own, rng)
        return {"train": clips(images, rows.repeat(2), rng), **splits}

    def read(self, source: str | Path) -> Tensor:
        """Read a clip as x: [1, 8, 32, 32] in [-1, 1], bright on dark as the digits are.

        Any length, size and mode: of each frame the largest square in the middle is scaled to
        32x32, color becomes grey, and 8 frames are taken at equal distances. What is dark on bright
        paper is inverted (the border tells).

        Raises:
            UserError: naming the file, if it is no readable film.
        """
        x = read_clip(source).mean(dim=0, keepdim=True)
        border = torch.cat([x[..., 0, :], x[..., -1, :], x[..., 0], x[..., -1]], dim=2)
        return -x if border.median() > 0 else x


def clips(images: Tensor, rows: Tensor, generator: torch.Generator) -> Split:
    """Film some of the images, in each direction as many. images: [.., 8, 8]; rows: [N]."""
    y = torch.arange(len(rows)) % len(DIRECTIONS)
    x = film(images[rows], y, generator)
    return Split(x, y, [f"image-{row}" for row in rows.tolist()])


def film(ink: Tensor, direction: Tensor, generator: torch.Generator) -> Tensor:
    """Move each picture on a straight line through about the middle of the frame.

    Args:
        ink: [N, 8, 8] in [0, 1].
        direction: [N] int64, rows of DIRECTIONS.
        generator: draws speeds and places.

    Returns:
        [N, C, T, H, W] in [-1, 1].
    """
    num = len(ink)
    angle = direction * (2 * torch.pi / len(DIRECTIONS))  # clockwise: y points down
    way = torch.stack([angle.cos(), angle.sin()], dim=1)
    speed = SPEED[0] + (SPEED[1] - SPEED[0]) * torch.rand(num, 1, generator=generator)
    middle = ASIDE * (2 * torch.rand(num, 1, 2, generator=generator) - 1)
    time = (torch.arange(FRAMES) - (FRAMES - 1) / 2)[None, :, None]
    place = middle + time * (speed * way)[:, None]  # [N, T, 2] as x, y, from the frame's middle

    pixel = torch.arange(SIZE) - (SIZE - 1) / 2
    y, x = torch.meshgrid(pixel, pixel, indexing="ij")
    spot = torch.stack([x, y], dim=2) - place[:, :, None, None]  # [N, T, H, W, 2]
    grid = (2 / WIDTH * spot).flatten(1, 2)
    frames = F.grid_sample(ink[:, None], grid, align_corners=False, padding_mode="zeros")
    return 2 * frames.unflatten(2, (FRAMES, SIZE)) - 1
