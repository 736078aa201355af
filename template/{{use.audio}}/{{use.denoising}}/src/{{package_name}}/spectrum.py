"""Short-time spectra of waves and back, and how loud the noise in them is.

Legend: B batch, L samples, F = window / 2 + 1 bins, T = 1 + L // hop frames.
"""

import torch
from torch import Tensor

FLOOR = 1e-4  # of a magnitude, where its logarithm is taken; speech of unit power has 1 to 100
QUIET = 0.2  # share of the frames, the quietest, that hold little but noise


def analyze(x: Tensor, window: int, hop: int) -> Tensor:
    """x: [B, L] -> complex [B, F, T]."""
    shape = torch.hann_window(window, device=x.device)
    # silence around the wave: a wave of a few samples has no mirror image
    return torch.stft(x, window, hop, window=shape, pad_mode="constant", return_complex=True)


def synthesize(spectrum: Tensor, hop: int, length: int) -> Tensor:
    """Undo `analyze`. spectrum: complex [B, F, T] -> [B, L] with L = length."""
    window = 2 * (spectrum.shape[1] - 1)
    shape = torch.hann_window(window, device=spectrum.device)
    return torch.istft(spectrum, window, hop, window=shape, length=length)


def quiet(magnitude: Tensor) -> Tensor:
    """Estimate the noise in each bin: the mean of its quietest frames. [B, F, T] -> [B, F, 1]."""
    count = max(1, round(QUIET * magnitude.shape[2]))
    return magnitude.topk(count, dim=2, largest=False, sorted=False).values.mean(
        dim=2, keepdim=True
    )


def compress(spectrum: Tensor) -> Tensor:
    """Bring loud and soft nearer to each other, as ears do: |s|^0.3, the phase kept.

    Richter 2023, 2208.05830. spectrum: complex [B, F, T] -> [B, F, T, 2].
    """
    return torch.view_as_real(spectrum * spectrum.abs().clamp_min(FLOOR) ** -0.7)
