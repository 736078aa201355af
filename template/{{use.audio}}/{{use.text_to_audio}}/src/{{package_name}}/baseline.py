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

    sounds: Tensor  # [contexts, M] mean log-mel
    durations: Tensor  # [contexts] mean duration
    known: Tensor  # [contexts] whether training has it
    speaker: Speaker

    def __init__(self, *, name: str) -> None:
        self.name = name

    def fit(self, data: DataModule, task: Speaker) -> Self:
        """Average over the training split."""
        contexts = VOCAB + VOCAB**3
        sums = torch.zeros(contexts, task.bands)
        frames, letters = torch.zeros(contexts), torch.zeros(contexts)
        for batch in data.every_batch("train"):
            with torch.no_grad():
                durations, mel = task.align(batch)
            for context in (batch.x, neighbors(batch.x)):
                spread, _, real = stretch(context[:, :, None], durations)
                each = spread[:, :, 0][real]
                sums.index_add_(0, each, mel[real])
                frames += torch.bincount(each, minlength=contexts)
                letters += torch.bincount(context[batch.x != PAD], minlength=contexts)
        self.speaker, self.known = task, letters > 0
        self.sounds = sums / frames.clamp_min(1)[:, None]
        self.durations = frames / letters.clamp_min(1)
        return self

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, U] -> waves [B, L]."""
        contexts = neighbors(x)
        contexts = contexts.where(self.known[contexts], x)
        durations = self.durations[contexts].round().long().where(x != PAD, 0)
        mel, _, real = stretch(self.sounds[contexts], durations)
        return self.speaker.vocoder(mel, real)


def neighbors(x: Tensor) -> Tensor:
    """Number each letter with those beside it, from V on. x: [B, U] -> [B, U]."""
    before, behind = F.pad(x, (1, 0))[:, :-1], F.pad(x, (0, 1))[:, 1:]
    return VOCAB + (before * VOCAB + x) * VOCAB + behind
