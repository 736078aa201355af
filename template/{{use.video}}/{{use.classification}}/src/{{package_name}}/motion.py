"""Networks for motion: what is seen in each frame, beside what changes to the next.

Motion shows in how changes over time go with slopes over space. Where neither is brought to unit
variance, both drown in brightness and color, and training stays at chance for long. Changes between
frames as input are from temporal segment networks (Wang 2016, 1608.00859).

Legend: B batch, C channels, T H W frames, height, width.
"""

import torch
from torch import Tensor

from .encoder import Encoder

FAINT = 0.03  # of the range from -1 to 1: noise below this is not made larger


class MotionEncoder(Encoder):
    """Encode a clip's grey levels and their changes. x: [B, C, T, H, W] -> [B, outputs]."""

    def __init__(self, **encoder) -> None:
        super().__init__(dims=3, inputs=2, **encoder)

    def features(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H, W] -> [B, D]."""
        return super().features(see(x))


class FrameEncoder(Encoder):
    """Encode the middle frame of a clip, to show what is left without motion.

    x: [B, C, T, H, W] -> [B, outputs].
    """

    def __init__(self, **encoder) -> None:
        super().__init__(dims=2, inputs=1, **encoder)

    def features(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H, W] -> [B, D]."""
        middle = x.shape[2] // 2
        return super().features(contrast(x[:, :, middle].mean(dim=1, keepdim=True)))


def see(x: Tensor) -> Tensor:
    """Return grey levels and their changes to the next frame, each of unit variance in a clip.

    x: [B, C, T, H, W] -> [B, 2, T, H, W]; after the last frame nothing changes.
    """
    grey = contrast(x.mean(dim=1, keepdim=True))
    change = grey.diff(dim=2, append=grey[:, :, -1:])
    return torch.cat([grey, scale(change)], dim=1)


def contrast(x: Tensor) -> Tensor:
    """Bring each example to zero mean and unit variance. x: [B, C, *S]."""
    return scale(x - x.flatten(1).mean(dim=1).view(-1, *[1] * (x.ndim - 1)))


def scale(x: Tensor) -> Tensor:
    """Divide each example by its standard deviation, unless that is tiny. x: [B, C, *S]."""
    return x / x.flatten(1).std(dim=1).clamp_min(FAINT).view(-1, *[1] * (x.ndim - 1))
