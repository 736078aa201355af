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

from .datamodule import Split
from .errors import UserError
from .texts import SHORTEST, Texts
from .tokens import pad
from .utf8 import encode

LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "pl": "Polish", "cs": "Czech", "fi": "Finnish",
    "tr": "Turkish", "ro": "Romanian", "hu": "Hungarian", "da": "Danish", "id": "Indonesian",
}  # fmt: skip
SHARES = {"test": 0.2, "val": 0.1}  # of the messages; the rest is for training
# what a program fills in, and markup
FILLED = re.compile(r"%\([^)]*\)[sd]|%[sd]|\{[^}]*\}|<[^>]+>|&[a-z]+;")


class Languages(Texts):
    """Sentences, y: the language; group: the message."""

    classes = tuple(LANGUAGES.values())

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


def sentences(root: Path) -> list[tuple[str, int, str]]:
    """List (message, language, sentence) of all translations below `root`, no sentence twice."""
    rows: dict[tuple[str, int], str] = {}
    places = list(root.glob("**/locale"))  # looked for once: it takes longer than reading them
    for number, code in enumerate(LANGUAGES):
        for path in sorted(f for p in places for f in p.glob(f"{code}/LC_MESSAGES/*.mo")):
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
