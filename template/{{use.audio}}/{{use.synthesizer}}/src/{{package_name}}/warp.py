"""How far two spectrograms are, whatever the pace: along the best warping of one onto the other.

Dynamic time warping (Sakoe and Chiba 1978, symmetric form): a step in one spectrogram costs the
distance of its frames once, a step in both twice.

Legend: T, S frames, M mel bands.
"""

import numpy as np


def warp(a: np.ndarray, b: np.ndarray) -> float:
    """Sum the distances along the best warping. a: [T, M], b: [S, M] -> sum; its mean: by T + S."""
    rows, columns = len(a), len(b)
    far = np.abs(a[:, None] - b[None]).mean(axis=2)
    # diagonal d holds the cells (i, d - i): each depends on the two diagonals before alone
    best, before = np.full(rows + 1, np.inf), np.full(rows + 1, np.inf)  # at i + 1
    best[1] = 2 * far[0, 0]
    for diagonal in range(1, rows + columns - 1):
        low, high = max(0, diagonal - columns + 1), min(rows, diagonal + 1)
        cost = far[np.arange(low, high), diagonal - np.arange(low, high)]
        here = np.full(rows + 1, np.inf)
        straight = np.minimum(best[low + 1 : high + 1], best[low:high]) + cost
        here[low + 1 : high + 1] = np.minimum(straight, before[low:high] + 2 * cost)
        best, before = here, best
    return float(best[rows])
