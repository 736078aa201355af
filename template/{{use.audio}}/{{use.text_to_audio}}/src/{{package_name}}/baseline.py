"""The baseline of text to audio: each letter sounds like its average between the same neighbors.

One frame and one duration for each letter with the letter before and the one behind, averaged over
training; a letter between neighbors that training never saw sounds like its average anywhere. It
hears by the model's own alignment, and is made audible by the same vocoder.

Legend: B batch, U letters, T frames, M mel bands, L samples, V vocabulary.
"""

from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from .datamodule import DataModule
from .durations import stretch
from .sentences import VOCAB
from .speaker import Speaker
from .tokens import PAD


class AverageLetters:
    """Speak letter by letter.

    Args:
        name: what the tables call it.
    """

    sounds: Tensor  # [contexts, M + 1] mean log-mel and mean duration
    known: Tensor  # [contexts] whether training has it

    def __init__(self, *, name: str) -> None:
        self.name = name

    def fit(self, data: DataModule, task: Speaker) -> Self:
        """Average over the training split."""
        sums = torch.zeros(VOCAB + VOCAB**3, task.bands + 1)
        frames, letters = torch.zeros(len(sums)), torch.zeros(len(sums))
        self.speaker = task
        for batch in data.every_batch("train"):
            with torch.no_grad():
                durations, mel = task.align(batch)
            for contexts in (batch.x, neighbors(batch.x)):
                spread, _, real = stretch(contexts[:, :, None], durations)
                each = spread[:, :, 0][real]
                sums[:, :-1].index_add_(0, each, mel[:, : real.shape[1]][real])
                frames.index_add_(0, each, torch.ones(len(each)))
                letters.index_add_(
                    0, contexts[batch.x != PAD], torch.ones(int((batch.x != PAD).sum()))
                )
        sums[:, :-1] /= frames.clamp_min(1)[:, None]
        sums[:, -1] = frames / letters.clamp_min(1)
        self.sounds, self.known = sums, frames > 0
        return self

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, U] -> waves [B, L]."""
        contexts = neighbors(x)
        sounds = self.sounds[contexts.where(self.known[contexts], x)]
        durations = sounds[:, :, -1].round().long().clamp_min(1).where(x != PAD, 0)
        mel, _, real = stretch(sounds[:, :, :-1], durations)
        return self.speaker.vocoder(mel, real)


def neighbors(x: Tensor) -> Tensor:
    """Number each letter with those beside it, from V on. x: [B, U] -> [B, U]."""
    before, behind = F.pad(x, (1, 0))[:, :-1], F.pad(x, (0, 1))[:, 1:]
    return VOCAB + (before * VOCAB + x) * VOCAB + behind
