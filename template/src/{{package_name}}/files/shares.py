"""Splits by a hash: where nobody says which split an example is in, its group's name does.

Nothing is drawn, so the split is the same on every machine, and stays so when the data grow.
"""

import hashlib
from array import array

import numpy as np

SHARES = {"test": 0.2, "val": 0.1}  # of the groups, where nobody says; the rest is for training


class Shares:
    """Tell the split of each example: the one that is given, or where its group's hash falls.

    All examples are noted first, then the line is cut, then each is told.
    """

    def __init__(self) -> None:
        self.given = set[str]()  # splits that the data name
        self.places = array("d")  # on the line from 0 to 1, of what was noted since the last cut
        self.ends: dict[str, float] = {}  # of the splits that the data do not name, on that line

    def note(self, given: str, group: str) -> None:
        """Count an example in."""
        self.given.add(given)
        if given in ("", "train"):
            self.places.append(place(group))

    def cut(self) -> bool:
        """Set the ends by what was noted since the last time; return whether they moved."""
        missing = {name: share for name, share in SHARES.items() if name not in self.given}
        ends = cut(np.unique(np.frombuffer(self.places)), missing) if self.places else {}
        moved, self.ends, self.places = ends != self.ends, ends, array("d")
        return moved

    def split_of(self, given: str, group: str) -> str:
        """Say where an example belongs."""
        if given in ("", "train"):
            at = place(group)
            for name, end in self.ends.items():
                if at < end:
                    return name
        return given or "train"


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
