"""The baseline of denoising sequences: a noisy channel (Shannon 1948; for spelling Kernighan 1990).

    guess = argmax over s of  p(s) p(observed | s)

p(s) is an n-gram model of the training split, p(observed | s) is the noise itself: the baseline is
told what the network has to find out. A beam search from left to right looks for the maximum.

Legend: B batch, T tokens, V vocabulary, W beam,
K symbols: the tokens that occur in training, and one more for all others.
"""

from typing import Self

import torch
from torch import Tensor

from .datamodule import DataModule
from .denoiser import Denoiser
from .ngram import WittenBell
from .tokens import PAD, lengths


class NoisyChannel:
    """Find the likeliest sequence behind an observed one.

    Args:
        name: what the tables call it.
        order: length of the n-gram's history.
        beam: W, how many beginnings are kept.
    """

    model: WittenBell
    tokens: Tensor  # [K] the token that a symbol stands for; the last stands for none
    log_channel: Tensor  # [V, K] log p(observed token | symbol)

    def __init__(self, *, name: str, order: int, beam: int) -> None:
        self.name, self.order, self.beam = name, order, beam

    def fit(self, data: DataModule, task: Denoiser) -> Self:
        """Count on the training split."""
        (noise,) = task.noise.values()
        train, channel = data.held("train").x, noise.channel()  # type: ignore[attr-defined]
        known = train[train != PAD].unique()
        self.tokens = torch.cat([known, torch.tensor([PAD])])
        symbols = torch.full([len(channel)], len(known))
        symbols[known] = torch.arange(len(known))
        other = channel[symbols == len(known)].mean(dim=0, keepdim=True)
        self.log_channel = torch.cat([channel[known], other]).log().T
        rows = symbols[train].where(train != PAD, -1)
        self.model = WittenBell(rows, order=self.order, num=len(self.tokens))
        return self

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, T] noisy -> [B, T]."""
        return self.search(self.model, x.cpu()).to(x.device)

    def search(self, model: WittenBell, x: Tensor) -> Tensor:
        """Keep the W best beginnings of each row, token by token. x: [B, T] -> [B, T]."""
        length, order = lengths(x).sort(descending=True)
        seen, (B, T), W, K = x[order], x.shape, self.beam, len(self.tokens)
        score = torch.full((B, W), -torch.inf)
        score[:, 0] = 0  # one beginning, the empty one
        history = torch.zeros(B, W, dtype=torch.long)
        came = torch.zeros(T, B, W, dtype=torch.long)  # which beginning was continued ..
        with_what = came.clone()  # .. with which symbol
        for t in range(T):
            n = int((length > t).sum())  # rows that are not over yet come first
            paths = model(history[:n]) + self.log_channel[seen[:n, t], None] + score[:n, :, None]
            score[:n], best = paths.flatten(1).topk(W, dim=1)
            came[t, :n], with_what[t, :n] = best // K, best % K
            history[:n] = model.push(history[:n].gather(1, came[t, :n]), with_what[t, :n])
        guess, back = torch.zeros_like(x), torch.zeros(B, 1, dtype=torch.long)
        for t in reversed(range(T)):  # the best path is the first of the last step: follow it back
            guess[:, t] = with_what[t].gather(1, back)[:, 0]
            back = came[t].gather(1, back).where(length[:, None] > t, 0)
        # what is beyond the end, or was never seen in training, stays as it is
        guess = torch.where((seen == PAD) | (guess == K - 1), seen, self.tokens[guess])
        return guess[order.argsort()]
