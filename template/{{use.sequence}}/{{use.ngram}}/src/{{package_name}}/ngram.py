"""The probability of the next token, counted: n-grams, interpolated as by Witten and Bell (1991).

    p(k | h) = (count(h k) + u(h) p(k | h')) / (count(h) + u(h))

for a history h, h' the same without its oldest token, u(h) the number of different tokens seen
after h. All histories that occur are rows of one table, so many are looked up at once.

Legend: N examples, T tokens, K different tokens (numbered without gaps), R histories.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


class WittenBell:
    """Count tokens after every history of up to `order` tokens.

    Args:
        rows: [N, T] int64 in [0, K), and -1 beyond the end of a row.
        order: tokens of the longest history.
        num: K.
    """

    def __init__(self, rows: Tensor, *, order: int, num: int) -> None:
        # a history is a number in base K + 1, its digits token + 1, and 0 before the begin
        self.base, self.order = num + 1, order
        assert order * math.log2(self.base) < 63, "a history must fit in an integer"
        wide = F.pad(rows + 1, (order, 0))
        line, place = (rows >= 0).nonzero().unbind(dim=1)
        token, code = rows[line, place], torch.zeros_like(line)
        self.codes: list[Tensor] = []  # of the histories of each length, sorted
        tables = [torch.full((1, num), 1 / num)]  # without any history or count
        for length in range(order + 1):
            shorter = tables[-1]
            if length:
                code = code + wide[line, place + order - length] * self.base ** (length - 1)
            histories, which = code.unique(return_inverse=True)
            if length:
                known = histories % self.base ** (length - 1)
                shorter = shorter[torch.searchsorted(self.codes[-1], known)]
            count = torch.bincount(which * num + token, minlength=len(histories) * num)
            count = count.view(-1, num).float()
            different = (count > 0).sum(dim=1, keepdim=True)
            total = count.sum(dim=1, keepdim=True) + different
            tables.append((count + different * shorter) / total)
            self.codes.append(histories)
        self.log_p = torch.cat(tables[1:]).log_()  # [R, K]

    def push(self, history: Tensor, token: Tensor) -> Tensor:
        """Add a token to each history; 0 is the empty history. Both [...] -> [...]."""
        return (history * self.base + token + 1) % self.base**self.order

    def __call__(self, history: Tensor) -> Tensor:
        """Return the log-probabilities of the next token, given as much of the history as occurred.

        Args:
            history: [...] int64.

        Returns:
            log_p: [..., K].
        """
        row, start = torch.zeros_like(history), len(self.codes[0])
        for length, known in enumerate(self.codes[1:], start=1):
            code = history % self.base**length
            at = torch.searchsorted(known, code).clamp_max(len(known) - 1)
            row = torch.where(known[at] == code, start + at, row)
            start += len(known)
        return self.log_p[row]
