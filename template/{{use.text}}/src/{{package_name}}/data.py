"""The data: sentences in 15 languages, the translations that arrive with the web framework Django.

Every message of Django is translated by people into each language. The files are read by their
paths, nothing of Django is imported. All translations of one message are in one split, so the test
asks about sentences that say something new. A sentence that two messages share is kept once, one
that two languages share not at all.

Legend: N examples, B batch, T bytes.
"""

import gettext
import importlib.util
import re
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .buckets import cut_batches
from .datamodule import DataModule, Split
from .errors import UserError
from .tokens import PAD, lengths, pad, trim
from .utf8 import encode

LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "pl": "Polish", "cs": "Czech", "fi": "Finnish",
    "tr": "Turkish", "ro": "Romanian", "hu": "Hungarian", "da": "Danish", "id": "Indonesian",
}  # fmt: skip
SHORTEST = 12  # characters of a sentence: "OK" is of no language
LONGEST = 4096  # bytes of a user's text: the cost of attention is quadratic
SHARES = {"test": 0.2, "val": 0.1}  # of the messages; the rest is for training
# what a program fills in, and markup
FILLED = re.compile(r"%\([^)]*\)[sd]|%[sd]|\{[^}]*\}|<[^>]+>|&[a-z]+;")


class Languages(DataModule):
    """Sentences as bytes: x: [N, T] int64 in [0, 260), y: the language; group: the message.

    Args:
        batch_tokens: the most bytes in a batch, filling included.
        window: share of the training sentences of which only a window of 40 to 100 % is shown.
        **data: what every data module takes; `batch_size` is the most sentences in a batch.
    """

    classes = tuple(LANGUAGES.values())
    suffixes = (".txt",)
    literal = True
    filling = PAD

    def __init__(self, *, batch_tokens: int, window: float, **data) -> None:
        super().__init__(**data)
        self.batch_tokens, self.window = batch_tokens, window

    def load(self) -> dict[str, Split]:
        """Return the three splits of the messages; the split never changes."""
        found = sentences(find())
        messages = sorted({message for message, _, _ in found})
        np.random.default_rng(0).shuffle(messages)
        part, start = {}, 0
        for name, share in SHARES.items():
            stop = start + int(share * len(messages))
            part |= dict.fromkeys(messages[start:stop], name)
            start = stop
        splits = {}
        for name in ("train", *reversed(SHARES)):
            rows = [row for row in found if part.get(row[0], "train") == name]
            x = pad([encode(text.encode()) for _, _, text in rows])
            splits[name] = Split(x, torch.tensor([y for _, y, _ in rows]), [m for m, _, _ in rows])
        return splits

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch, of like length; training shuffles by (seed, epoch)."""
        rng = None
        if split == "train":
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        size = {"rows": self.batch_size, "tokens": self.batch_tokens}
        return cut_batches(lengths(self.splits[split].x), **size, generator=rng)

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


def sentences(root: Path) -> list[tuple[str, int, str]]:
    """List (message, language, sentence) of all translations below `root`, no sentence twice."""
    rows: dict[tuple[str, int], str] = {}
    for number, code in enumerate(LANGUAGES):
        for path in sorted(root.glob(f"**/locale/{code}/LC_MESSAGES/*.mo")):
            with path.open("rb") as file:
                catalog: dict = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            for message, text in catalog.items():
                # the header has no message, plurals are tuples, and some messages are left English
                if isinstance(message, str) and message and text != message:
                    text = " ".join(FILLED.sub(" ", text).split())
                    if len(text) >= SHORTEST:
                        rows[message, number] = text
    owners: dict[str, set[int]] = {}
    for (_, number), text in rows.items():
        owners.setdefault(text, set()).add(number)
    found, seen = [], set()
    for (message, number), text in sorted(rows.items()):
        if len(owners[text]) == 1 and text not in seen:
            seen.add(text)
            found.append((message, number, text))
    return found


def find() -> Path:
    """Find Django by its path: importing it is not needed."""
    package = importlib.util.find_spec("django")
    if package is None or not package.submodule_search_locations:
        raise UserError(
            "data: the package django, which brings the sentences, is missing: install it (uv sync)"
        )
    return Path(package.submodule_search_locations[0])
