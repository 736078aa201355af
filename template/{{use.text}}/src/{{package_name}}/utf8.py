"""Text as UTF-8 bytes: nothing to fit, no unknown words, any language (ByT5: Xue 2022, 2105.13626).

Token = byte + 4. A byte that nobody can read, MASK, is written as U+FFFD, the replacement
character, and read from it.
"""

from collections.abc import Iterable

from .tokens import MASK, PAD, SPECIALS

VOCAB = SPECIALS + 256
UNREADABLE = "\ufffd".encode()


def encode(text: bytes) -> list[int]:
    """Return the tokens of UTF-8 bytes, or of whatever bytes they are."""
    parts = [[byte + SPECIALS for byte in part] for part in text.split(UNREADABLE)]
    tokens = parts[0]
    for part in parts[1:]:
        tokens += [MASK, *part]
    return tokens


def decode(tokens: Iterable[int]) -> bytes:
    """Undo `encode`; PAD is nothing."""
    kept = (token for token in tokens if token != PAD)
    return b"".join(UNREADABLE if t < SPECIALS else bytes([t - SPECIALS]) for t in kept)
