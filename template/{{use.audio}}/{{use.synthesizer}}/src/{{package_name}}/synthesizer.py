"""The synthesizer: from letters to their durations, and from both to a log-mel spectrogram.

FastSpeech 2 (Ren 2021, 2006.04558) less pitch and energy, which one voice at one pace does not
need. The recognizer lies beside it: it finds the durations to learn from, and judges the result. It
learns in the same steps, from recordings alone.

Legend: B batch, U letters with one silence before and one behind, T frames of 10 ms, M mel bands,
D width, V vocabulary.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from .blocks import zero
from .durations import stretch
from .frames import FrameTrunk
from .recognizer import Recognizer
from .tokens import PAD

USUAL = 6.0  # frames of a letter, where the network begins
MOST = 100  # frames of a letter: one second


class Spoken(NamedTuple):
    """A spectrogram. mel: [B, T, M]; real: [B, T] bool, False behind the end."""

    mel: Tensor
    real: Tensor


class Synthesizer(nn.Module):
    """Speak letters.

    Args:
        recognizer: aligns and judges; its letters are those that are spoken.
        bands: M, of the spectrogram.
        width: D.
        letter_depth: number of blocks that read the letters.
        frame_depth: number of blocks that make the frames.
        heads: of the attention, a divisor of the width.
        taps: letters or frames that the convolution of a block sees, an odd number.
        dropout: share of the features hidden in training.
    """

    def __init__(
        self,
        *,
        recognizer: Recognizer,
        bands: int,
        width: int,
        letter_depth: int,
        frame_depth: int,
        heads: int,
        taps: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.recognizer, vocab = recognizer, recognizer.alphabet.size
        block = {"width": width, "heads": heads, "taps": taps, "dropout": dropout}
        self.embed, self.place = nn.Embedding(vocab, width), nn.Linear(3, width)
        self.letters = FrameTrunk(depth=letter_depth, **block)
        self.frames = FrameTrunk(depth=frame_depth, **block)
        self.duration, self.head = zero(nn.Linear(width, 1)), zero(nn.Linear(width, bands))

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Read the letters. x: [B, U] int64 -> features [B, U, D], log of durations [B, U]."""
        h = self.letters(self.embed(x), x != PAD)
        return h, self.duration(h)[:, :, 0] + math.log(USUAL)

    def speak(self, h: Tensor, durations: Tensor, size: int | None = None) -> Spoken:
        """Make the frames. h: [B, U, D], durations: [B, U] -> mel [B, T, M], real [B, T].

        size: T, where it is known.
        """
        h, place, real = stretch(h, durations, size)
        torch._check(h.shape[1] > 1)  # a frame of each silence: the export cannot know
        return Spoken(self.head(self.frames(h + self.place(place), real)), real)

    def forward(self, x: Tensor) -> Spoken:
        """Speak with durations of its own. x: [B, U] -> mel [B, T, M], real [B, T]."""
        h, log_durations = self.read(x)
        return self.speak(h, self.last(x, log_durations))

    def last(self, x: Tensor, log_durations: Tensor) -> Tensor:
        """Say for how many frames each letter lasts, 0 behind the end. [B, U] each -> [B, U]."""
        return log_durations.exp().round().long().clamp(1, MOST).where(x != PAD, 0)


def losses(net: Synthesizer, x: Tensor, durations: Tensor, mel: Tensor, weight: float) -> Tensor:
    """Measure how far a recording is from what the network says of its letters.

        mean |mel - true mel| + weight * mean (log d - log true d)^2

    Args:
        net: the network.
        x: [B, U] letters.
        durations: [B, U] of the recording's letters.
        mel: [B, T, M] of the recording, T the sum of the durations of the longest, or more.
        weight: of the durations.

    Returns:
        losses: [B].
    """
    h, log_durations = net.read(x)
    pred, real = net.speak(h, durations, mel.shape[1])
    far = ((pred - mel).abs().mean(dim=2) * real).sum(dim=1) / real.sum(dim=1)
    known = x != PAD
    off = (log_durations - durations.clamp_min(1).log()).square() * known
    return far + weight * off.sum(dim=1) / known.sum(dim=1)
