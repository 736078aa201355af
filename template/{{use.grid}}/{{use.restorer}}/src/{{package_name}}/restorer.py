"""The restorer of a signal on a grid: what a U-Net finds is added to what it was given.

Legend: B batch, C channels, *S sizes (H, W) or (T, H, W).
"""

from torch import Tensor

from .unet import UNet


class Residual(UNet):
    """Add the U-Net's result to its input, so that it learns the noise only.

    x: [B, C, *S] -> [B, C, *S].
    """

    def __init__(self, *, inputs: int, **unet) -> None:
        super().__init__(inputs=inputs, outputs=inputs, **unet)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, *S] noisy -> [B, C, *S] restored."""
        return x + super().forward(x)
