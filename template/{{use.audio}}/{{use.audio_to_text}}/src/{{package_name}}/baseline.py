"""The baseline of audio to text: a classical model that names the word at each place of a sentence.

The spectrogram is stretched to one size. One linear discriminant analysis for each place then says
which word stands there, or that the sentence is over: it is told what the network has to find out,
that a sentence consists of words, which ones there are, and how many at most. Of many words it
knows the most frequent at each place.

Legend: B batch, L samples, T frames, K places, F features.
"""

from collections import Counter
from copy import deepcopy
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.dummy import DummyClassifier
from torch import Tensor

from .alphabet import Alphabet
from .ctc import spell
from .datamodule import DataModule
from .mel import LogMel
from .tokens import pad
from .transcriber import Transcriber
from .waves import extent

OVER = ""  # the word of a place behind the last
ENOUGH = 10_000  # recordings to fit on
BANDS, FRAMES, HOP = 32, 24, 80  # of the stretched spectrogram


class Positions:
    """Name the word at each place by a linear model on the whole recording.

    Args:
        name: what the tables call it.
        estimator: any scikit-learn classifier, fitted once for each place.
        places: most words of a text that are named.
        words: most words that are told apart at a place, the most frequent.
    """

    alphabet: Alphabet

    def __init__(self, *, name: str, estimator: Any, places: int, words: int) -> None:
        self.name, self.estimator = name, estimator
        self.most_places, self.most_words = places, words
        self.places: list[Any] = []  # K fitted estimators

    def fit(self, data: DataModule, task: Transcriber) -> Self:
        """Fit on train and validation together: it has no weights to choose between."""
        self.alphabet, rows = task.alphabet, []
        texts: list[list[str]] = []
        batches = (batch for split in ("train", "val") for batch in data.every_batch(split))
        for batch in batches:
            rows.append(features(batch.x))
            texts += [self.alphabet.decode(line).split() for line in batch.y.tolist()]
            if len(texts) >= ENOUGH:
                break
        x, longest = np.concatenate(rows), max(map(len, texts))
        for place in range(min(longest, self.most_places)):
            y = np.array([text[place] if place < len(text) else OVER for text in texts])
            self.places.append(self.fit_place(x, y))
        return self

    def fit_place(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Fit the model of one place. x: [N, F], y: [N] words."""
        often = [word for word, n in Counter(y.tolist()).most_common(self.most_words) if n > 1]
        if len(often) < 2:
            return DummyClassifier(strategy="most_frequent").fit(x, y)
        known = np.isin(y, often)
        return deepcopy(self.estimator).fit(x[known], y[known])

    def predict(self, x: Tensor) -> Tensor:
        """Return a path that reads as the words. x: [B, L] -> [B, T]."""
        rows = features(x.cpu())
        found = np.stack([place.predict(rows) for place in self.places], axis=1)
        texts = [" ".join(word for word in row if word != OVER) for row in found.tolist()]
        return spell(pad([self.alphabet.encode(text) for text in texts])).to(x.device)


def features(x: Tensor) -> np.ndarray:
    """Stretch each log-mel spectrogram to 24 frames, its length beside it. [N, L] -> [N, F]."""
    mel, rows = LogMel(bands=BANDS, hop=HOP), []
    for wave, size in zip(x, extent(x).tolist(), strict=True):
        frames = mel(wave[None, :size])[:, 0]
        level = frames.mean()
        short = F.interpolate(frames - level, size=FRAMES, mode="linear").flatten()
        rows.append(torch.cat([short, torch.tensor([size / len(short)])]))
    return torch.stack(rows).numpy()
