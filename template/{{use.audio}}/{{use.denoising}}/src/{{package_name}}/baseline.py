"""The baseline of audio denoising: spectral subtraction (Boll 1979), set for each kind of noise.

Legend: B batch, L samples, F bins, T frames.
"""

import itertools
from typing import Self

import torch
from torch import Tensor, nn

from .datamodule import DataModule, Split
from .denoiser import Denoiser
from .fidelity import fidelity
from .spectrum import analyze, magnitude, quiet, synthesize

CLIPS = 60  # training clips that the settings are chosen on
OVERS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)  # times the noise that are subtracted
GAINS = (0.0, 0.1, 0.2, 0.3)  # the least that is left of a bin


class Subtraction:
    """Subtract the power of the noise, which the quietest frames show, from each bin.

    Which kind of noise it is, it hears: that whose mean spectrum in the quietest frames is nearest.

    Args:
        window: samples of a frame.
        hop: samples from frame to frame.
    """

    name = "spectral subtraction"

    def __init__(self, *, window: int, hop: int) -> None:
        self.window, self.hop = window, hop
        self.settings, self.colors = torch.zeros(0, 2), torch.zeros(0)  # one row for each kind

    def fit(self, data: DataModule, task: Denoiser) -> Self:
        """Choose both settings for each kind of noise by SI-SDR, on training voices and babble."""
        held = data.held("train")
        step = max(1, len(held.x) // CLIPS)
        x, few = held.x[::step], Split(held.x[::step], held.y[::step], [])
        rng = torch.Generator().manual_seed(0)
        settings, colors = [], []
        for name, kind in task.noise.items():
            if isinstance(kind, nn.Module):
                kind.train()  # the babble of training
            spectrum = analyze(task.made_noisy(few, rng, name), self.window, self.hop)
            scored = {
                pair: fidelity(self.subtract(spectrum, torch.tensor([pair]), x.shape[1]), x)
                for pair in itertools.product(OVERS, GAINS)
            }
            settings.append(max(scored, key=lambda pair: scored[pair]["si_sdr_db"].mean().item()))
            colors.append(color(spectrum).mean(dim=0))
        self.settings, self.colors = torch.tensor(settings), torch.stack(colors)
        return self

    def subtract(self, spectrum: Tensor, settings: Tensor, length: int) -> Tensor:
        """spectrum: [B, F, T], settings: [B or 1, 2] -> [B, L]."""
        over, least = settings[:, :, None, None].unbind(dim=1)
        level = magnitude(spectrum)
        share = 1 - (over * quiet(level) / level).square()
        return synthesize(share.clamp_min(0).sqrt().maximum(least) * spectrum, self.hop, length)

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, L] noisy -> [B, L]."""
        spectrum = analyze(x.cpu(), self.window, self.hop)
        kind = torch.cdist(color(spectrum), self.colors).argmin(dim=1)
        return self.subtract(spectrum, self.settings[kind], x.shape[1]).to(x.device)


def color(spectrum: Tensor) -> Tensor:
    """Describe noise whatever its level: the log-magnitude of the quietest frames, less its mean.

    spectrum: [B, F, T] -> [B, F].
    """
    level = quiet(magnitude(spectrum))[:, :, 0].log()
    return level - level.mean(dim=1, keepdim=True)
