"""The restorer of a sequence: it reads its own first guess and guesses again.

A wrong token spoils every n-gram that it is part of. So the network gets two sequences: what was
observed, and its own last guess, from which it takes the n-grams around each position; before the
first guess that is the observation, too. In some steps of training it is shown a guess that it just
made (self-conditioning: Chen 2022, 2208.04202).

Legend: B batch, T tokens, D width, V vocabulary.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import GAIN, NGrams, Table, Trunk, zero
from .tokens import PAD, SPECIALS

SHARE = 0.25  # of the steps of training that begin with a guess, which costs a pass more
NEVER = -1e4  # a logit that no other comes near; finite, and within the range of 16 bits


class Restorer(nn.Module):
    """Map what was observed to logits of what was meant. x: [B, T] int64 -> [B, T, V].

    PAD stays PAD, no other special token is ever a guess, and before training all others are alike.

    Args:
        vocab: V, number of different tokens.
        width: D, features of a position.
        depth: number of blocks.
        heads: of the attention, a divisor of the width.
        taps: positions that the convolution of a block sees, an odd number; 0 for none.
        ngrams: offsets of the tokens of each n-gram, best without 0, which may be wrong.
        buckets: rows of each n-gram's table.
        inner: width of these rows.
        dropout: share of the features hidden in training.
        guesses: how often it guesses, 1 or more; each costs as much again.
        trust: what is added in evaluation to the logit of the observed token, because training
            shows more errors than there are: log((1 - a) / a) - log((1 - b) / b) for a share of a
            errors, and b in training.
    """

    def __init__(
        self,
        *,
        vocab: int,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        ngrams: Sequence[Sequence[int]],
        buckets: int,
        inner: int,
        dropout: float,
        guesses: int,
        trust: float,
    ) -> None:
        super().__init__()
        self.token, self.last = Table(vocab, width, std=0.5), Table(vocab, width, std=0.0)
        self.ngrams = NGrams(offsets=ngrams, buckets=buckets, inner=inner, width=width)
        self.trunk = Trunk(width=width, depth=depth, heads=heads, taps=taps, dropout=dropout)
        self.head = zero(nn.Linear(width, vocab - SPECIALS, bias=False))
        # the errors themselves, apart from their context: which token is taken for which, how often
        self.channel = Table(vocab, vocab - SPECIALS, std=0.0)
        self.guesses, self.trust = guesses, trust

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] observed -> [B, T, V]."""
        if not self.training:
            pred = self.once(x, x)
            for _ in range(self.guesses - 1):
                pred = self.once(x, pred.argmax(dim=2))
            return pred
        guess = x
        if self.guesses > 1 and torch.rand(()) < SHARE:
            with torch.no_grad():
                guess = self.once(x, x).argmax(dim=2)
        return self.once(x, guess)

    def once(self, x: Tensor, guess: Tensor) -> Tensor:
        """Guess anew. x: [B, T] observed, guess: [B, T] the last one -> [B, T, V]."""
        real = x != PAD
        h = self.trunk(self.token(x) + self.last(guess) + self.ngrams(guess), real)
        pred = F.pad(GAIN * self.head(h) + self.channel(x), (SPECIALS, 0), value=NEVER)
        pred[:, :, PAD] = torch.where(real, NEVER, -NEVER)
        if self.training:
            return pred
        return pred + self.trust * F.one_hot(x, pred.shape[2]) * (x >= SPECIALS)[:, :, None]
