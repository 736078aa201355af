"""Splits by a hash: where nobody says which split an example is in, its group's name does.

Nothing is drawn, so the split is the same on every machine, and stays so when the data grow.
"""

import hashlib

import numpy as np

SHARES = {"test": 0.2, "val": 0.1}  # of the groups, where nobody says; the rest is for training


def place(group: str) -> float:
    """Return the place of a group on the line from 0 to 1: the same on every machine."""
    digest = hashlib.blake2b(group.encode(errors="surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def cut(places: np.ndarray, shares: dict[str, float]) -> dict[str, float]:
    """Say where each split ends; what is beyond the last is for training.

    An end depends on no place, so that nothing changes its split when the data grow; unless a share
    of few data holds nothing: it then reaches to the next.

    Args:
        places: [N] sorted, in [0, 1).
        shares: of each split.
    """
    ends, start = {}, 0.0
    for name, share in shares.items():
        end, inside = start + share, places[places >= start]
        if len(inside) and inside[0] >= end:
            end = float(np.nextafter(inside[0], 2))
        ends[name] = start = end
    return ends
