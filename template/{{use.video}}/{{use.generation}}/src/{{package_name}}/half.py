"""Clips at half their height and width: a quarter of the values, and the motion is still there.

Legend: B batch, C channels, T = 8 frames, H = W = 32 pixels.
"""

import torch.nn.functional as F
from torch import Tensor


class Half:
    """Average pixels two by two, and spread them out again."""

    def encode(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H, W] -> [B, C, T, H / 2, W / 2]."""
        return F.avg_pool3d(x, (1, 2, 2))

    def decode(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H / 2, W / 2] -> [B, C, T, H, W]."""
        return F.interpolate(x, scale_factor=(1.0, 2.0, 2.0), mode="trilinear")
