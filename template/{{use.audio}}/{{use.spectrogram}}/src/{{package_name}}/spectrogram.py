"""Words as pictures and back: a log-mel spectrogram, heard by the method of Griffin and Lim (1984).

A picture holds where the energy is, not the phase: that is found anew, by turns in time and in
frequency, until both agree.

Legend: B batch, L samples at 8 kHz, M = 32 mel bands, T = 32 frames of 20 ms.
"""

import math

import torch
import torchaudio
from torch import Tensor

from .mel import power
from .recording import RATE_HZ

BANDS, FRAMES = 32, 32
WINDOW, TAPER, HOP = 512, 400, 160  # samples: of the transform, of the window in it, of a step
LENGTH = HOP * FRAMES - 1  # samples, 0.64 s: frames are centered, so L samples make 1 + L // HOP
LOWEST_HZ = 40.0
LOW, HIGH = math.log(0.01), math.log(40.0)  # of magnitudes of a word of peak 1: become -1 and 1
RANGE_DB = 20 * (HIGH - LOW) / math.log(10)  # from -1 to 1
ONSET = 0.02  # of the peak: where a word begins
TURNS = 48
PEAK = 0.3  # of what is heard


class Spectrogram:
    """Turn the word in a clip into a picture of its 0.64 s, and a picture into a wave."""

    def __init__(self) -> None:
        self.mel = torchaudio.transforms.MelSpectrogram(
            RATE_HZ,
            WINDOW,
            TAPER,
            HOP,
            f_min=LOWEST_HZ,
            n_mels=BANDS,
            power=None,  # type: ignore[arg-type]  # see mel.py
        )
        self.find_phase = torchaudio.transforms.GriffinLim(
            WINDOW, TURNS, TAPER, HOP, power=1.0, rand_init=False
        )
        self.back = torch.linalg.pinv(self.mel.mel_scale.fb)  # [M, frequencies]

    def encode(self, x: Tensor) -> Tensor:
        """Draw the word from its onset, whatever its level.

        x: [B, L] -> [B, 1, M, T] in [-1, 1].
        """
        size = x.abs()
        peak = size.amax(dim=1, keepdim=True).clamp_min(1e-6)
        start = (size > ONSET * peak).float().argmax(dim=1, keepdim=True)
        at = start + torch.arange(LENGTH, device=x.device)
        word = x.gather(1, at.clamp_max(x.shape[1] - 1)) * (at < x.shape[1]) / peak
        mel = self.mel.to(x.device)
        level = mel.mel_scale(power(mel.spectrogram(word)).sqrt()).log().clamp(LOW, HIGH)
        return (2 * (level - LOW) / (HIGH - LOW) - 1)[:, None]

    def decode(self, x: Tensor) -> Tensor:
        """Find a wave that looks like this. x: [B, 1, M, T] -> [B, L]."""
        mel = (LOW + (HIGH - LOW) * (x[:, 0].cpu().clamp(-1, 1) + 1) / 2).exp()
        spectrum = (mel.mT @ self.back).clamp_min(0).mT
        wave = self.find_phase(spectrum)
        return PEAK * wave / wave.abs().amax(dim=1, keepdim=True).clamp_min(1e-6)
