"""A classifier of motions: what optical flow measures of a clip, and an estimator on that.

Legend: N clips, C channels, T frames, H W pixels.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import torch

from .optical_flow import motion


class Mover:
    """Name the motion of clips, whatever they show.

    Args:
        estimator: a scikit-learn classifier.
        size: C, T, H, W of a clip.
    """

    def __init__(self, *, estimator: Any, size: Sequence[int]) -> None:
        self.estimator, self.size = estimator, size

    def measure(self, x: np.ndarray) -> np.ndarray:
        """x: [N, C * T * H * W] -> [N, 6]."""
        return motion(torch.from_numpy(x).view(len(x), *self.size)).numpy()

    def fit(self, x: np.ndarray, y: np.ndarray) -> Self:
        """Fit to clips x: [N, C * T * H * W] of motions y: [N]."""
        self.estimator.fit(self.measure(x), y)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """x: [N, C * T * H * W] -> [N]."""
        return self.estimator.predict(self.measure(x))
