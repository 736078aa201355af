"""The data: molecules as SMILES, split by scaffold, so that the test asks about new chemistry.

B3DB lists most molecules several times, with other marks of stereochemistry. They and all others
of one Bemis-Murcko scaffold are in one split; those without rings share an empty scaffold.

Legend: N examples, B batch, T tokens.
"""

import numpy as np
import torch

from . import b3db
from .datamodule import Split
from .molecules import Smiles

SHARES = {"test": 0.2, "val": 0.1}  # of the scaffolds; the rest is for training


class Molecules(Smiles):
    """Drug-like molecules, y: crosses the barrier; group: the scaffold."""

    classes = b3db.CLASSES

    def load(self) -> dict[str, Split]:
        """Return the three splits of the scaffolds; the split never changes."""
        corpus = b3db.load()
        names = sorted(set(corpus.scaffolds.tolist()))
        np.random.default_rng(0).shuffle(names)
        part, start = {}, 0
        for name, share in SHARES.items():
            stop = start + int(share * len(names))
            part |= dict.fromkeys(names[start:stop], name)
            start = stop
        parts = np.array([part.get(scaffold, "train") for scaffold in corpus.scaffolds.tolist()])
        splits = {}
        for name in ("train", *reversed(SHARES)):
            rows = (parts == name).nonzero()[0]
            x = self.trim(torch.from_numpy(corpus.x[rows]).long())
            splits[name] = Split(
                x, torch.from_numpy(corpus.y[rows]), corpus.scaffolds[rows].tolist()
            )
        return splits
