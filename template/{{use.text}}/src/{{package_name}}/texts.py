"""Texts as bytes: batches of like length, windows, and texts of the user's own.

Legend: N examples, B batch, T bytes.
"""

from pathlib import Path

import torch
from torch import Tensor

from .buckets import Bucketed
from .errors import UserError
from .tokens import PAD, lengths, trim
from .utf8 import encode

SHORTEST = 12  # characters of a sentence: "OK" is of no language
LONGEST = 4096  # bytes of a user's text: the cost of attention is quadratic


class Texts(Bucketed):
    """Texts as bytes: x: [N, T] int64 in [0, 260).

    Args:
        batch_tokens: the most bytes in a batch, filling included.
        window: share of the training texts of which only a window of 40 to 100 % is shown.
        **data: what every data module takes; `batch_size` is the most texts in a batch.
    """

    suffixes = (".txt",)
    literal = True
    filling = PAD

    def __init__(self, *, batch_tokens: int, window: float, **data) -> None:
        super().__init__(**data)
        self.batch_tokens, self.window = batch_tokens, window

    def trim(self, x: Tensor) -> Tensor:
        """Cut the columns that are filling in every row. x: [B, T] -> [B, T']."""
        return trim(x)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Cut some rows to a window: a part is of the same language. x: [B, T] -> [B, T']."""
        if not self.window:
            return x
        draw = torch.rand(3, len(x), generator=generator, device=x.device)
        length, place = lengths(x), torch.arange(x.shape[1], device=x.device)
        part = (length * (0.4 + 0.6 * draw[0])).long().clamp_min(SHORTEST // 2).minimum(length)
        part = torch.where(draw[1] < self.window, part, length)
        start = (draw[2] * (length - part + 1)).long()
        moved = x.gather(1, (start[:, None] + place).clamp_max(x.shape[1] - 1))
        return trim(moved.where(place < part[:, None], PAD))

    def read(self, source: str | Path) -> Tensor:
        """Read a line of text, or a file that holds one text, as x: [T].

        Raises:
            UserError: if there is no text in it, or more than 4,096 bytes.
        """
        name, content = f"input={source}", str(source).encode(errors="surrogateescape")
        if isinstance(source, Path):
            try:
                content = source.read_bytes()
            except OSError as error:
                raise UserError(f"{name} cannot be read: {error.strerror}") from None
        tokens = encode(b" ".join(content.removeprefix(b"\xef\xbb\xbf").split()))
        if b"\0" in content or not tokens:
            raise UserError(f"{name} holds no text: give a line of text or a .txt file in UTF-8")
        if len(tokens) > LONGEST:
            short = name if len(name) < 80 else f"{name[:80]}..."
            raise UserError(f"{short} has {len(tokens):,} bytes, more than {LONGEST:,}: split it")
        return torch.tensor(tokens)
