"""Features for a classical baseline: the motion that explains a clip best (Lucas 1981).

Where the picture moves by (u, v), brightness changes by -(u Ix + v Iy). A camera that pans by
(a, b), zooms by c and rotates by d moves it by u = a + c x - d y and v = b + c y + d x.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

STILL = 1e-3  # keeps the equations solvable where nothing is to be seen


def features(xs: list[Tensor]) -> np.ndarray:
    """Fit pan, zoom and rotation by least squares. xs: [N, C, T, H, W] each -> [sum of N, 6].

    The last two are the changes over time that are left unexplained, and all changes.
    """
    return torch.cat([fit(x) for x in xs]).numpy()


def fit(x: Tensor) -> Tensor:
    """Return a, b, c, d, the changes left and all changes. x: [N, C, T, H, W] -> [N, 6]."""
    grey = x.mean(dim=1)
    grey = avg_pool2d(grey, 3, stride=1)  # finer detail moves farther than its slope reaches
    slope_y, slope_x = torch.gradient((grey[:, 1:] + grey[:, :-1]) / 2, dim=(2, 3))
    slope_x, slope_y = slope_x[..., 1:-1, 1:-1], slope_y[..., 1:-1, 1:-1]
    change = (grey[:, 1:] - grey[:, :-1])[..., 1:-1, 1:-1].flatten(1)
    line = torch.linspace(-1, 1, slope_x.shape[-1])
    across = slope_x * line + slope_y * line[:, None]
    around = slope_y * line - slope_x * line[:, None]
    parts = torch.stack([p.flatten(1) for p in (slope_x, slope_y, across, around)], dim=2)
    gram = parts.mT @ parts / parts.shape[1] + STILL * torch.eye(4)
    motion = torch.linalg.solve(gram, -(parts.mT @ change[:, :, None]) / parts.shape[1])
    left = (change[:, :, None] + parts @ motion).square().mean(dim=1)
    return torch.cat([motion[:, :, 0], left, change.square().mean(dim=1, keepdim=True)], dim=1)
