"""Features for a classical baseline: how the camera moves."""

import numpy as np
import torch
from torch import Tensor

from .optical_flow import motion


def features(xs: list[Tensor]) -> np.ndarray:
    """Measure pan, zoom and rotation. xs: [N, C, T, H, W] each -> [sum of N, 6]."""
    return torch.cat([motion(x) for x in xs]).numpy()
