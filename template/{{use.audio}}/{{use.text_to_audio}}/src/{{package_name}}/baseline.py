"""The baseline of text to audio: each letter sounds like its average between the same neighbors.

One frame and one duration for each letter with the letter before and the one behind, averaged over
training; a letter between neighbors that training never saw sounds like its average anywhere. It
hears by the model's own alignment, and is made audible by the same vocoder.

Legend: B batch, U letters, T frames, M mel bands, L samples, V vocabulary, K contexts.
"""

from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor

from .datamodule import DataModule
from .durations import stretch
from .speaker import Speaker
from .tokens import PAD


class AverageLetters:
    """Speak letter by letter.

    Args:
        name: what the tables call it.
    """

    contexts: Tensor  # [K] ascending numbers of those that training has: letters, and neighbors
    sounds: Tensor  # [K, M] mean log-mel
    durations: Tensor  # [K] mean duration
    speaker: Speaker

    def __init__(self, *, name: str) -> None:
        self.name = name

    def fit(self, data: DataModule, task: Speaker) -> Self:
        """Average over the training split."""
        self.speaker, texts = task, data.splits["train"].x
        rows = (texts[row][None] for row in range(len(texts)))
        found = [torch.cat(self.both(x)).unique() for x in map(data.trim, rows)]
        self.contexts = torch.cat(found).unique()
        num = len(self.contexts)
        sums, frames, letters = torch.zeros(num, task.bands), torch.zeros(num), torch.zeros(num)
        for batch in data.every_batch("train"):
            with torch.no_grad():
                durations, mel = task.align(batch)
            for context in map(self.place, self.both(batch.x)):
                spread, _, real = stretch(context[:, :, None], durations)
                each = spread[:, :, 0][real]
                sums.index_add_(0, each, mel[real])
                frames += torch.bincount(each, minlength=num)
                letters += torch.bincount(context[batch.x != PAD], minlength=num)
        self.sounds = sums / frames.clamp_min(1)[:, None]
        self.durations = frames / letters.clamp_min(1)
        return self

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Number each letter by itself, and with those beside it. x: [B, U] -> twice [B, U]."""
        return x, neighbors(x, self.speaker.alphabet.size)

    def place(self, contexts: Tensor) -> Tensor:
        """Find the rows of contexts, or of those that would follow if there were any."""
        return torch.searchsorted(self.contexts, contexts.contiguous()).clamp_max(
            len(self.contexts) - 1
        )

    def known(self, contexts: Tensor) -> Tensor:
        """Say of which contexts training has an example: bool."""
        return self.contexts[self.place(contexts)] == contexts

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, U] -> waves [B, L]. A letter that training lacks is not spoken."""
        letters, beside = self.both(x)
        rows = self.place(beside.where(self.known(beside), letters))
        durations = self.durations[rows].round().long().where((x != PAD) & self.known(letters), 0)
        mel, _, real = stretch(self.sounds[rows], durations)
        return self.speaker.vocoder(mel, real)


def neighbors(x: Tensor, vocab: int) -> Tensor:
    """Number each letter with those beside it, from V on. x: [B, U] -> [B, U]."""
    before, behind = F.pad(x, (1, 0))[:, :-1], F.pad(x, (0, 1))[:, 1:]
    return vocab + (before * vocab + x) * vocab + behind
