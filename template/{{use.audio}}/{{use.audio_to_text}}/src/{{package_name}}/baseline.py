"""The baseline of audio to text: a classical model that names the word at each place of a sentence.

The spectrogram is stretched to one size. One linear discriminant analysis for each place then says
which word stands there, or that the sentence is over: it is told what the network has to find out,
that a sentence consists of words, which ones there are, and how many at most.

Legend: B batch, L samples, T frames, K places, F features.
"""

from copy import deepcopy
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .ctc import spell
from .datamodule import DataModule
from .mel import LogMel
from .sentences import MOST, WORDS, decode, encode
from .task import Task
from .tokens import pad
from .waves import extent

OVER = len(WORDS)  # the class of a place behind the last word
BANDS, FRAMES, HOP = 32, 24, 80  # of the stretched spectrogram


class Positions:
    """Name the word at each place by a linear model on the whole recording.

    Args:
        name: what the tables call it.
        estimator: any scikit-learn classifier, fitted once for each place.
    """

    def __init__(self, *, name: str, estimator: Any) -> None:
        self.name, self.estimator = name, estimator
        self.places: list[Any] = []  # K fitted estimators

    def fit(self, data: DataModule, task: Task) -> Self:
        """Fit on train and validation together: it has no weights to choose between."""
        both = [data.splits["train"], data.splits["val"]]
        x = np.concatenate([features(split.x) for split in both])
        texts = [decode(line.tolist()).split() for split in both for line in split.y]
        rows = [[WORDS.index(w) for w in t] + [OVER] * (MOST - len(t)) for t in texts]
        self.places = [
            deepcopy(self.estimator).fit(x, list(place)) for place in zip(*rows, strict=True)
        ]
        return self

    def predict(self, x: Tensor) -> Tensor:
        """Return a path that reads as the words. x: [B, L] -> [B, T]."""
        found = np.stack([place.predict(features(x.cpu())) for place in self.places], axis=1)
        words = [[WORDS[word] for word in row if word != OVER] for row in found]
        return spell(pad([encode(" ".join(row)) for row in words])).to(x.device)


def features(x: Tensor) -> np.ndarray:
    """Stretch each log-mel spectrogram to 24 frames, its length beside it. [N, L] -> [N, F]."""
    mel, rows = LogMel(bands=BANDS, hop=HOP), []
    for wave, size in zip(x, extent(x).tolist(), strict=True):
        frames = mel(wave[None, :size])[:, 0]
        level = frames.mean()
        short = F.interpolate(frames - level, size=FRAMES, mode="linear").flatten()
        rows.append(torch.cat([short, torch.tensor([size / len(short)])]))
    return torch.stack(rows).numpy()
