"""U-Nets that clean films, from all neighbors of a pixel or from those in its own frame.

They start from the mean of each pixel's neighborhood, about the best blur there is, and learn what
it takes away: that is less than the noise is, and so learnt sooner.

Legend: B batch, C channels, T H W frames, height, width.
"""

from torch import Tensor, nn

from .unet import UNet

MEAN = {2: nn.AvgPool2d, 3: nn.AvgPool3d}


class Smooth(UNet):
    """Add the U-Net's result to the mean of the 3x3x3 (3x3) pixels around each.

    x: [B, C, *S] -> [B, C, *S].
    """

    def __init__(self, *, dims: int, inputs: int, **unet) -> None:
        super().__init__(dims=dims, inputs=inputs, outputs=inputs, **unet)
        self.mean = MEAN[dims](3, stride=1, padding=1, count_include_pad=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, *S] noisy -> [B, C, *S] restored."""
        return self.mean(x) + super().forward(x)


class FrameByFrame(Smooth):
    """Restore each frame by itself. x: [B, C, T, H, W] -> the same shape."""

    def __init__(self, **unet) -> None:
        super().__init__(dims=2, **unet)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, T, H, W] noisy -> [B, C, T, H, W] restored."""
        frames = super().forward(x.transpose(1, 2).flatten(0, 1))
        return frames.unflatten(0, (x.shape[0], x.shape[2])).transpose(1, 2)
