"""From a log-mel spectrogram back to a wave: pseudo-inverse of the filters, then Griffin-Lim.

A spectrogram says how loud each tone is and nothing of its phase; Griffin and Lim (1984; with
momentum: Perraudin 2013) look for phases that fit each other. They start from zero, so the wave is
a function of the spectrogram.

Legend: B batch, T frames, M mel bands, F frequencies, L samples.
"""

from copy import deepcopy

import torch
import torch.nn.functional as F
import torchaudio
from torch import Tensor, nn

from .mel import FLOOR, MEAN, STD, WINDOW, LogMel

ITERATIONS = 32
AROUND = 4  # frames of silence behind each clip: what is filled in does not reach into it


class Vocoder(nn.Module):
    """Make waves. mel: [B, T, M], real: [B, T] -> x: [B, L] with L = hop * T.

    Args:
        mel: what is to be undone.
    """

    back: Tensor

    def __init__(self, mel: LogMel) -> None:
        super().__init__()
        spectrogram = mel.mel
        self.hop = spectrogram.hop_length
        filters = spectrogram.mel_scale.fb  # [F, M]
        self.register_buffer("back", torch.linalg.pinv(filters), persistent=False)  # [M, F]
        self.griffin = torchaudio.transforms.GriffinLim(
            WINDOW, n_iter=ITERATIONS, hop_length=self.hop, power=2.0, rand_init=False
        )

    def forward(self, mel: Tensor, real: Tensor) -> Tensor:
        """mel: [B, T, M]; real: [B, T] bool, False behind the end -> x: [B, L]."""
        power = (((mel * STD + MEAN).exp() - FLOOR) * real[:, :, None]).clamp_min(0)
        # the pseudo-inverse goes below 0 where bands overlap
        wide = F.pad((power @ self.back).clamp_min(0), (0, 0, 0, AROUND))
        griffin = self.griffin
        if mel.device.type == "xla":  # which has neither istft nor the magnitude of complex numbers
            griffin, wide = deepcopy(griffin).cpu(), wide.cpu()
        x = griffin(wide.mT)[:, : self.hop * real.shape[1]].to(mel.device)
        place = torch.arange(x.shape[1], device=x.device)
        return x * (place < self.hop * real.sum(dim=1)[:, None])
