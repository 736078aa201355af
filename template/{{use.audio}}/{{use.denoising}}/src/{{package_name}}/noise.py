"""Noise for waves: white, pink, and the babble of other people.

Legend: B batch, L samples.
"""

import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .data import plan
from .espeak import Utterance
from .speech import speak
from .voices import WORDS

CROWD = "adam belinda boris linda miguel zac".split()  # voices that no split of the data has
PHRASES = {"training": 240, "evaluation": 120}  # of five digits, about two seconds each


def mix(x: Tensor, noise: Tensor, snr_db: Sequence[float], generator: torch.Generator) -> Tensor:
    """Add noise at a signal-to-noise ratio drawn for each example. x, noise: [B, L] -> [B, L]."""
    low, high = snr_db
    draw = torch.rand(len(x), 1, generator=generator, device=x.device)
    wanted = 10 ** ((low + (high - low) * draw) / 10)
    found = x.square().mean(dim=1, keepdim=True) / noise.square().mean(dim=1, keepdim=True)
    return x + noise * (found / wanted).sqrt()


class White:
    """Add noise of equal power at all frequencies, as of a poor line.

    Args:
        snr_db: least and greatest signal-to-noise ratio.
    """

    def __init__(self, *, snr_db: Sequence[float]) -> None:
        self.snr_db = snr_db

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, L] -> [B, L]."""
        noise = torch.randn(x.shape, generator=generator, device=x.device)
        return mix(x, noise, self.snr_db, generator)


class Pink:
    """Add noise of equal power in all octaves, as of wind and traffic.

    Args:
        snr_db: least and greatest signal-to-noise ratio.
    """

    def __init__(self, *, snr_db: Sequence[float]) -> None:
        self.snr_db = snr_db

    def __call__(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, L] -> [B, L]."""
        white = torch.randn(x.shape, generator=generator, device=x.device)
        spectrum = torch.fft.rfft(white)
        step = torch.arange(spectrum.shape[1], device=x.device)
        pink = torch.fft.irfft(spectrum / step.clamp_min(1).sqrt(), n=x.shape[1])
        return mix(x, pink, self.snr_db, generator)


class Babble(nn.Module):
    """Add people who speak at the same time. In training they are the training voices.

    Evaluation has a crowd of its own (`train()` and `eval()` tell), which no training has heard.

    Args:
        snr_db: least and greatest ratio between the speaker and all of them.
        num_voices: how many speak.
    """

    def __init__(self, *, snr_db: Sequence[float], num_voices: int) -> None:
        super().__init__()
        self.snr_db, self.num_voices = snr_db, num_voices
        self.tapes: dict[str, Tensor] = {}  # made when first heard

    def forward(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, L] -> [B, L]."""
        tape = self.tape("training" if self.training else "evaluation").to(x.device)
        shape = (self.num_voices, len(x), 1)
        start = torch.randint(len(tape), shape, generator=generator, device=x.device)
        at = (start + torch.arange(x.shape[1], device=x.device)) % len(tape)
        return mix(x, tape[at].sum(dim=0), self.snr_db, generator)

    def tape(self, name: str) -> Tensor:
        """Return everything that one of the crowds says, end to end: [samples]."""
        if name not in self.tapes:
            self.tapes[name] = torch.cat(speak(f"babble-{name}", phrases(name)))
        return self.tapes[name]


def phrases(crowd: str) -> list[Utterance]:
    """Say what the voices of a crowd say: five digits at a time."""
    rng, accents = random.Random(0), [u.voice for u in plan()["train"]]
    if crowd == "evaluation":
        accents = [f"{voice.partition('+')[0]}+{rng.choice(CROWD)}" for voice in accents]
    return [
        Utterance(
            text=" ".join(rng.choices(WORDS, k=5)),
            voice=rng.choice(accents),
            rate=rng.randint(130, 200),
            pitch=rng.randint(30, 70),
        )
        for _ in range(PHRASES[crowd])
    ]
