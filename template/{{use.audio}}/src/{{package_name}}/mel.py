"""Log-mel spectrograms: what a network of this project hears, and what a person is shown.

Legend: B batch, L samples, M mel bands, T frames.
"""

import torchaudio
from torch import Tensor, nn

from .recording import RATE_HZ

WINDOW, HOP = 256, 128  # samples: 32 ms and 16 ms at 8 kHz
LOWEST_HZ = 40.0
FLOOR = 1e-5  # added to the power: the level of a quiet room, so silence is a number
MEAN, STD = -7.0, 4.0  # of its natural logarithm over clips of speech and silence, about


class LogMel(nn.Module):
    """Turn waves into log-mel spectrograms of about zero mean and unit variance.

    Args:
        bands: number M of mel bands, from 40 Hz to 4 kHz.
        hop: samples from one frame to the next.
    """

    def __init__(self, *, bands: int, hop: int = HOP) -> None:
        super().__init__()
        # silence around the wave, not its mirror image, which a wave of a few samples has not
        self.mel = torchaudio.transforms.MelSpectrogram(
            RATE_HZ,
            WINDOW,
            hop_length=hop,
            n_mels=bands,
            f_min=LOWEST_HZ,
            pad_mode="constant",
            power=None,  # type: ignore[arg-type]  # see power
        )

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, L] -> [B, 1, M, T] with T = 1 + L // hop."""
        mel = self.mel.mel_scale(power(self.mel.spectrogram(x)))
        return ((mel[:, None] + FLOOR).log() - MEAN) / STD


def power(spectrum: Tensor) -> Tensor:
    """Square the magnitude in real numbers: no root on the way, and XLA has no complex `abs`.

    spectrum: complex [...] -> [...] float, 0 or more.
    """
    return spectrum.real.square() + spectrum.imag.square()
