"""What audio denoising minimizes: distortion in decibels, and the error of the spectrum as heard.

Legend: B batch, L samples.
"""

from torch import Tensor

from .fidelity import fidelity
from .likelihood import SquaredError
from .spectrum import analyze, compress

WINDOW, HOP = 256, 128  # of the spectrum that is compared


class Distortion(SquaredError):
    """-SI-SDR in units of 10 dB, plus the squared error of the compressed spectrum.

    The first is what is scored, but does not see the level; the second does.

    Args:
        spectral: weight of the second.
    """

    floor = None  # a ratio in decibels has no limit

    def __init__(self, *, spectral: float) -> None:
        self.spectral = spectral

    def losses(self, pred: Tensor, x: Tensor) -> Tensor:
        """pred, x: [B, L] -> [B]."""
        scale = x.square().mean(dim=1, keepdim=True).sqrt().clamp_min(1e-5)
        heard = (compress(analyze(wave / scale, WINDOW, HOP)) for wave in (pred, x))
        return self.spectral * super().losses(*heard) - fidelity(pred, x)["si_sdr_db"] / 10
