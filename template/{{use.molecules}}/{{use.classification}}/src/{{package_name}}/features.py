"""Features for the baseline: the canonical SMILES; what occurs in it is counted by the baseline."""

import numpy as np
from torch import Tensor

from .view import text_of


def features(xs: list[Tensor]) -> np.ndarray:
    """Return each molecule as a string. xs: [N, T] int64 each -> [sum of N]."""
    return np.array([text_of(row) for x in xs for row in x])
