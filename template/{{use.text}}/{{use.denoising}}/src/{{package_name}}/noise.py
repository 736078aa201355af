"""Noise for text: typing errors, byte by byte.

Legend: B batch, T bytes, V vocabulary.
"""

import torch
from torch import Tensor, nn

from .tokens import MASK, PAD, SPECIALS
from .utf8 import VOCAB

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # rows of a keyboard
NEAR = 8  # the most keys around a key
COMMON = "etaoinsr"  # what is no letter is hit as one of the commonest
FIRST, LETTERS = ord("a") + SPECIALS, 26
ONE_BYTE = SPECIALS + 128  # tokens below are characters; those above are parts of one


class Typos(nn.Module):
    """Hit some bytes: a third becomes unreadable, a third any letter, a third a neighbouring key.

    A byte that is only part of a character always becomes unreadable: nobody types half a letter.

    Args:
        rate: share of the bytes that are hit.
        most: in training the share is drawn between `rate` and this, for each row.
    """

    near: Tensor

    def __init__(self, *, rate: float, most: float) -> None:
        super().__init__()
        self.rate, self.most = rate, most
        self.register_buffer("near", neighbours(), persistent=False)

    def forward(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """x: [B, T] int64 -> [B, T]."""
        rate: float | Tensor = self.rate
        if self.training:
            share = torch.rand(len(x), 1, generator=generator, device=x.device)
            rate = self.rate + (self.most - self.rate) * share
        # one call, position by position: filling behind a row then changes nothing in it
        draw = torch.rand(*x.shape, 3, generator=generator, device=x.device)
        hit, kind, which = draw.unbind(dim=2)
        letter = FIRST + (LETTERS * which).long()
        near = self.near.to(x.device)  # evaluation draws on the CPU, wherever the network is
        key = near[x, (NEAR * which).long()]
        typed = torch.where(kind < 1 / 3, letter, key)
        wrong = torch.where((kind < 2 / 3) & (x < ONE_BYTE), typed, MASK)
        return torch.where((hit < rate) & (x != PAD), wrong, x)

    def channel(self) -> Tensor:
        """Return the probability of what is seen (column) for each byte (row): [V, V]."""
        found = torch.zeros(VOCAB, VOCAB)
        for token in range(VOCAB):
            one_byte = SPECIALS <= token < ONE_BYTE
            found[token, token] += 1 - self.rate
            found[token, MASK] += self.rate / 3 if one_byte else self.rate
            if one_byte:
                found[token, FIRST : FIRST + LETTERS] += self.rate / 3 / LETTERS
                each = torch.full((NEAR,), self.rate / 3 / NEAR)
                found[token].index_add_(0, self.near[token].cpu(), each)
        found[PAD] = torch.nn.functional.one_hot(torch.tensor(PAD), VOCAB)
        return found


def neighbours() -> Tensor:
    """List the keys around each key, in its own case, repeated to 8: [V, 8] tokens."""
    around: dict[str, str] = {}
    for row, keys in enumerate(KEYS):
        for column, key in enumerate(keys):
            lines = KEYS[max(0, row - 1) : row + 2]
            block = "".join(line[max(0, column - 1) : column + 2] for line in lines)
            around[key] = block.replace(key, "")
    table = torch.zeros(VOCAB, NEAR, dtype=torch.long)
    for token in range(VOCAB):
        key = chr(token - SPECIALS) if SPECIALS <= token < ONE_BYTE else ""
        keys = around.get(key.lower(), COMMON)
        keys = keys.upper() if key.isupper() else keys
        table[token] = torch.tensor([ord(keys[i % len(keys)]) + SPECIALS for i in range(NEAR)])
    return table
