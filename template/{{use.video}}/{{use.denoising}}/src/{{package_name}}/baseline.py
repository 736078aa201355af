"""The baseline of video denoising: the best Gaussian blur over time and space."""

import itertools
from typing import Self

import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from .datamodule import DataModule, Split
from .denoiser import Denoiser

TIMES = (0.0, 0.4, 0.6, 0.8, 1.0)  # standard deviations in frames
SPACES = (0.4, 0.5, 0.6, 0.8, 1.0)  # in pixels


class Blur:
    """A Gaussian filter with the widths that are best on the validation split."""

    name = "Gaussian blur"

    def __init__(self) -> None:
        self.time = self.space = 0.0

    def fit(self, data: DataModule, task: Denoiser) -> Self:
        """Try every pair of widths under the noise of training; keep the one of highest PSNR."""
        held = data.held("val")
        few = Split(held.x[::3], held.y[::3], [])  # enough to tell widths apart
        x, x_noisy = few.x, task.made_noisy(few, torch.Generator().manual_seed(0))

        def error(widths: tuple[float, float]) -> float:
            """Return the mean logarithm of the squared error, as in the mean of PSNR."""
            left = (blur(x_noisy, *widths) - x).square().flatten(1).mean(dim=1)
            return left.log().mean().item()

        self.time, self.space = min(itertools.product(TIMES, SPACES), key=error)
        return self

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H, W] noisy -> the same shape."""
        return blur(x, self.time, self.space)


def blur(x: Tensor, time: float, space: float) -> Tensor:
    """Filter clips; the edges are mirrored. x: [B, C, T, H, W]."""
    widths = (0, 0, time, space, space)
    return torch.from_numpy(gaussian_filter(x.cpu().numpy(), widths)).to(x.device)
