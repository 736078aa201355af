"""The denoiser's network: wave to spectrum, a U-Net says what of it is speech, and back to a wave.

Legend: B batch, L samples, F bins, T frames.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .recording import RATE_HZ
from .spectrum import analyze, magnitude, quiet, synthesize
from .unet import UNet


class Masker(UNet):
    """Weaken the noisy bins of a wave's spectrum. x: [B, L] -> [B, L], the same before training.

    The U-Net sees the logarithm of each magnitude, and how far it is above the noise in its bin.

    Args:
        window: samples of a frame, at the end of which a Hann window is 0.
        hop: samples from frame to frame.
        stretch_s: seconds that are restored at a time: longer waves are cut and cross-faded, so
            memory is flat and noise may change.
        **unet: what the U-Net takes.
    """

    def __init__(self, *, window: int, hop: int, stretch_s: float, **unet) -> None:
        super().__init__(dims=2, inputs=2, outputs=1, **unet)
        self.window, self.hop, self.stretch = window, hop, round(stretch_s * RATE_HZ)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, L] noisy -> [B, L] restored."""
        return self.restore(x) if x.shape[1] <= self.stretch else self.in_stretches(x)

    def restore(self, x: Tensor) -> Tensor:
        """Restore a wave as a whole. x: [B, L] -> [B, L]."""
        scale = x.square().mean(dim=1, keepdim=True).sqrt() + 1e-5
        spectrum = analyze(x / scale, self.window, self.hop)
        level = magnitude(spectrum)
        seen = torch.stack([level.log() / 3, (level / quiet(level)).log()], dim=1)
        # without the highest bin their number is a power of 2; it is treated as its neighbor is
        gain = F.pad(1 + super().forward(seen[:, :, :-1])[:, 0], (0, 0, 0, 1), mode="replicate")
        return synthesize(gain * spectrum, self.hop, x.shape[1]) * scale

    def in_stretches(self, x: Tensor) -> Tensor:
        """Restore a long wave in stretches that overlap by half. x: [B, L] -> [B, L]."""
        half = self.stretch // 2
        fade = torch.hann_window(2 * half, device=x.device) + 1e-4  # the outermost have no partner
        out, weight = torch.zeros_like(x), torch.zeros_like(x[:1])
        for start in range(0, x.shape[1] - half, half):
            here = slice(start, start + 2 * half)
            part = x[:, here]
            out[:, here] += fade[: part.shape[1]] * self.restore(part)
            weight[:, here] += fade[: part.shape[1]]
        return out / weight
