"""The baseline of generating sequences: an n-gram model, whose history begins with the class.

Legend: B batch, T tokens, V vocabulary,
K symbols: the tokens that occur in training, and one more for all others.
"""

from typing import Self

import torch
from torch import Tensor

from .datamodule import Batch, DataModule
from .language_model import LanguageModel
from .ngram import WittenBell
from .task import fraction
from .tokens import EOS, PAD, SPECIALS


class NGram:
    """Count what follows the last few tokens.

    Args:
        name: what the tables call it.
        orders: lengths of the history to choose from, by the bits on the validation split.
    """

    model: WittenBell
    symbols: Tensor  # the symbol of each token
    follows: Tensor  # [K] bool, what can follow: not what a sequence begins with
    share: Tensor  # [V] log of the part that a token has in its symbol

    def __init__(self, *, name: str, orders: list[int]) -> None:
        self.name, self.orders = name, orders

    def fit(self, data: DataModule, task: LanguageModel) -> Self:
        """Count on the training split; take the order with the fewest bits on validation."""
        train, vocab = data.held("train"), task.vocab
        rows = task.inputs(Batch(train.x, train.y, train.y))
        tokens = rows[rows != PAD].unique()
        other = len(tokens)
        self.symbols = torch.full([max(vocab, int(tokens.max()) + 1)], other)
        self.symbols[tokens] = torch.arange(other)
        written = torch.arange(len(self.symbols)) >= SPECIALS
        written[EOS], written[vocab:] = True, False
        self.follows = torch.cat([written[tokens], torch.tensor([True])])
        unseen = (self.symbols == other) & written  # share what is left for them
        self.share = torch.zeros(vocab).masked_fill(~written[:vocab], -torch.inf)
        self.share -= unseen[:vocab] * unseen.sum().clamp_min(1).log()
        rows, best = self.symbols[rows].where(rows != PAD, -1), float("inf")
        for order in self.orders:
            self.model = WittenBell(rows, order=order, num=other + 1)
            bits = torch.zeros(2)
            for batch in data.every_batch("val"):
                (score,) = task.scores(self.predict, batch).values()
                bits += torch.stack([part.sum() for part in fraction(score)])
            if bits[0] / bits[1] < best:
                best, kept = bits[0] / bits[1], self.model
        self.model = kept  # type: ignore[possibly-undefined]
        return self

    def predict(self, x: Tensor) -> Tensor:
        """Return log p of the token after each, in nats. x: [B, T] -> [B, T, V]."""
        history, each = torch.zeros(len(x), dtype=torch.long), []
        for column in self.symbols[x.cpu()].T:
            history = self.model.push(history, column)
            each.append(history)
        log_p = self.model(torch.stack(each, dim=1)).masked_fill(~self.follows, -torch.inf)
        found = log_p.log_softmax(dim=2)[:, :, self.symbols[: len(self.share)]] + self.share
        return found.to(x.device)
