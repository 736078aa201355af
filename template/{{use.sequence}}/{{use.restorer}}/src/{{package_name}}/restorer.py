"""The restorer of a sequence: it reads its own guess and guesses again.

Two things are read. A transformer reads what was observed, once. Then each position looks up the
n-grams around it, without itself, in the last guess: the better the guess, the fewer of them are
spoiled by an error. In training the guess is partly right (the truth is put in place of a random
share of the errors), so the n-grams are learnt from text as clean as what is guessed later. As no
position sees the guess for itself, none can learn to copy the truth.

Legend: B batch, T tokens, D width, V vocabulary.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import GAIN, Table, Trunk, norm, zero
from .tokens import PAD, SPECIALS
from .vocabulary import NGrams

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
        ngrams: offsets of the tokens of each n-gram, never 0.
        rows: how many n-grams are known at most.
        inner: width of an n-gram's vector.
        dropout: share of the features hidden in training.
        guesses: how often it guesses, 1 or more.
        trust: what is added in evaluation to the logit of the observed token, because training
            shows more errors than there are: log((1 - a) / a) - log((1 - b) / b) for a share of a
            errors, and b in training.
    """

    never: Tensor  # [V] NEVER for special tokens, else 0

    def __init__(
        self,
        *,
        vocab: int,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        ngrams: Sequence[Sequence[int]],
        rows: int,
        inner: int,
        dropout: float,
        guesses: int,
        trust: float,
    ) -> None:
        super().__init__()
        assert not any(0 in offsets for offsets in ngrams), "a position would see its own guess"
        self.token = Table(vocab, width, std=0.5)
        self.trunk = Trunk(width=width, depth=depth, heads=heads, taps=taps, dropout=dropout)
        self.ngrams = NGrams(offsets=ngrams, rows=rows, inner=inner, width=width)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = zero(nn.Linear(4 * width, width, bias=False))
        self.head = zero(nn.Linear(width, vocab, bias=False))
        # the errors themselves, apart from their context: which token is taken for which, how often
        self.channel = Table(vocab, vocab, std=0.0)
        never = torch.where(torch.arange(vocab) < SPECIALS, NEVER, 0.0)
        self.register_buffer("never", never, persistent=False)
        self.guesses, self.trust = guesses, trust

    def teach(self, x: Tensor, truth: Tensor) -> Tensor:
        """Guess beside a guess that is partly right. x, truth: [B, T] -> [B, T, V]."""
        share = torch.rand(len(x), 1, device=x.device)  # of the errors that are still there
        guess = torch.where(torch.rand(x.shape, device=x.device) < share, x, truth)
        return self.once(x, self.read(x), guess)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] observed -> [B, T, V]."""
        h = self.read(x)
        total = self.once(x, h, x)
        for _ in range(self.guesses - 1):  # each guess is made of the mean of those before it
            total = total + self.once(x, h, total.argmax(dim=2))
        return total / self.guesses

    def read(self, x: Tensor) -> Tensor:
        """Read what was observed. x: [B, T] -> [B, T, D]."""
        return self.trunk(self.token(x), x != PAD)

    def once(self, x: Tensor, h: Tensor, guess: Tensor) -> Tensor:
        """Guess anew. x: [B, T] observed, h: [B, T, D] of it, guess: [B, T] -> [B, T, V]."""
        h = norm(h + self.ngrams(guess))
        h = norm(h + self.down(F.relu(self.up(h)).square()))
        pred = F.linear(GAIN * h, self.head.weight, self.never) + self.channel(x)
        if self.training:  # the loss leaves PAD out
            return pred
        pred = pred + self.trust * F.one_hot(x, pred.shape[2]) * (x >= SPECIALS)[:, :, None]
        pred[:, :, PAD] = torch.where(x == PAD, -NEVER, NEVER)
        return pred
