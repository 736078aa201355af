"""Features for the baseline: the text itself; its n-grams are counted by the baseline."""

import numpy as np
from torch import Tensor

from .utf8 import decode


def features(xs: list[Tensor]) -> np.ndarray:
    """Return each row as a string. xs: [N, T] int64 each -> [sum of N]."""
    return np.array([decode(row).decode(errors="replace") for x in xs for row in x.tolist()])
