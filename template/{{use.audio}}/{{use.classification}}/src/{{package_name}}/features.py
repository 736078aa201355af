"""Features for the baseline: statistics of each band of the log-mel spectrogram over time."""

import numpy as np
import torch
from torch import Tensor

from .mel import LogMel

BANDS = 40


def features(xs: list[Tensor]) -> np.ndarray:
    """Describe each band by its mean, deviation, maximum and mean change from frame to frame.

    xs: [N, L] each -> [sum of N, 4 * BANDS].
    """
    mel = LogMel(bands=BANDS)
    with torch.no_grad():
        m = torch.cat([mel(part)[:, 0] for x in xs for part in x.split(100)])  # [N, M, T]
    change = m.diff(dim=2).abs().mean(dim=2)
    return torch.cat([m.mean(dim=2), m.std(dim=2), m.amax(dim=2), change], dim=1).numpy()
