"""Short-time spectra of waves and back, and how loud the noise in them is.

Legend: B batch, L samples, W window, F = W / 2 + 1 bins, T = 1 + L // hop frames.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import UserError
from .mel import power

FLOOR = 1e-4  # of a magnitude, where its logarithm is taken; speech of unit power has 1 to 100
QUIET = 0.2  # share of the frames, the quietest, that hold little but noise


def analyze(x: Tensor, window: int, hop: int) -> Tensor:
    """x: [B, L] -> complex [B, F, T]."""
    shape = torch.hann_window(window, device=x.device)
    # silence around the wave: a wave of a few samples has no mirror image
    return torch.stft(x, window, hop, window=shape, pad_mode="constant", return_complex=True)


def synthesize(spectrum: Tensor, hop: int, length: int) -> Tensor:
    """Undo `analyze`. spectrum: complex [B, F, T] -> [B, L] with L = length.

    In steps that XLA and ONNX have, too, as they have not of `torch.istft`.

    Raises:
        UserError: if frames overlap by less than half.
    """
    window = 2 * (spectrum.shape[1] - 1)
    if not 0 < 2 * hop <= window:
        raise UserError(f"hop={hop} is not allowed: 1 to {window // 2}, half of window={window}")
    shape = torch.hann_window(window, device=spectrum.device)
    frames = torch.fft.irfft(spectrum.transpose(1, 2), window) * shape
    weights = shape.square().expand(1, spectrum.shape[2], -1)
    wave, weight = (
        overlap(each, hop)[:, window // 2 : window // 2 + length] for each in (frames, weights)
    )
    return wave / weight


def overlap(frames: Tensor, hop: int) -> Tensor:
    """Add frames up, each `hop` samples after the one before. [B, T, W] -> [B, W + hop (T - 1)].

    As many zeros follow as W lacks of a multiple of the hop.
    """
    parts = F.pad(frames, (0, -frames.shape[2] % hop)).unflatten(2, (-1, hop)).unbind(dim=2)
    moved = [F.pad(part, (0, 0, i, len(parts) - 1 - i)) for i, part in enumerate(parts)]
    return torch.stack(moved).sum(dim=0).flatten(1)


def magnitude(spectrum: Tensor) -> Tensor:
    """Return |s| or FLOOR, what is more, by real numbers: XLA has no complex `abs`.

    spectrum: complex [...] -> [...] float.
    """
    return power(spectrum).clamp_min(FLOOR**2).sqrt()


def quiet(level: Tensor) -> Tensor:
    """Estimate the noise in each bin: the mean of its quietest frames. [B, F, T] -> [B, F, 1]."""
    count = max(1, round(QUIET * level.shape[2]))
    return level.topk(count, dim=2, largest=False, sorted=False).values.mean(dim=2, keepdim=True)


def compress(spectrum: Tensor) -> Tensor:
    """Bring loud and soft nearer to each other, as ears do: |s|^0.3, the phase kept.

    Richter 2023, 2208.05830. spectrum: complex [B, F, T] -> [B, F, T, 2].
    """
    return torch.view_as_real(spectrum * power(spectrum).clamp_min(FLOOR**2) ** -0.35)
