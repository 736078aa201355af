"""The generator of signals on a grid: a U-Net that is told the time and the class.

Legend: B batch, C channels, *S sizes (H, W) or (T, H, W), D length of the condition.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .unet import UNet

WAVES = 16  # by which the time is told, from a quarter of a turn to 16 turns


class Velocity(nn.Module):
    """Map (x, t, y) to a velocity, which is 0 before training. x: [B, C, *S] -> [B, C, *S].

    Args:
        size: C, *S of what is generated.
        classes: number of classes; a class of this number stands for "unknown".
        condition: D, length of the vector that tells the blocks about time and class.
        **unet: what every U-Net takes besides.
    """

    frequencies: Tensor

    def __init__(self, *, size: Sequence[int], classes: int, condition: int, **unet) -> None:
        super().__init__()
        self.size, self.classes = tuple(size), classes
        channels, dims = size[0], len(size) - 1
        self.unet = UNet(dims=dims, inputs=channels, outputs=channels, condition=condition, **unet)
        turns = torch.linspace(math.log(0.25), math.log(16), WAVES).exp()
        self.register_buffer("frequencies", 2 * math.pi * turns, persistent=False)
        self.time = nn.Sequential(
            nn.Linear(2 * WAVES, condition), nn.SiLU(), nn.Linear(condition, condition)
        )
        self.label = nn.Embedding(classes + 1, condition)

    def forward(self, x: Tensor, t: Tensor, y: Tensor) -> Tensor:
        """x: [B, C, *S], t: [B] in [0, 1], y: [B] in [0, classes] -> [B, C, *S]."""
        angle = t[:, None] * self.frequencies
        told = self.time(torch.cat([angle.sin(), angle.cos()], dim=1)) + self.label(y)
        return self.unet(x, F.silu(told))
