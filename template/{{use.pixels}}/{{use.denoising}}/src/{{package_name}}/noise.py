"""Noise for images."""

import torch
from torch import Tensor


class Gaussian:
    """Add independent Gaussian noise to each pixel and clip to the range that a picture can have.

    Args:
        sigma: standard deviation, for pixels in [-1, 1].
    """

    def __init__(self, *, sigma: float) -> None:
        self.sigma = sigma

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, C, H, W] in [-1, 1] -> the same shape and range."""
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        return (x + self.sigma * noise).clamp(-1, 1)
