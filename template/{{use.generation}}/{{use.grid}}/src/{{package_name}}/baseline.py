"""The baseline of generation on a grid: Gaussians in the space of the principal components.

Legend: N samples, *S shape of one example, K components.
"""

from typing import Self

import torch
from torch import Tensor

from .datamodule import DataModule
from .distances import Space, kernel_distance
from .flow import Flow
from .generation import TEST_SEED

FLOOR = 1e-4  # added to each variance: components that a class does not use


class Gaussians:
    """Draw from one Gaussian for each class.

    Args:
        components: numbers K to choose from, by the distance to the validation split.
    """

    name = "Gaussians of components"
    mean: Tensor  # [prod(S)]
    axes: Tensor  # [K, prod(S)]
    centers: Tensor  # [classes, K]
    roots: Tensor  # [classes, K, K], of the covariances

    def __init__(self, *, components: list[int]) -> None:
        self.components = components
        self.shape: tuple[int, ...] = ()
        self.limits: tuple[float, float] = (0.0, 0.0)

    def fit(self, data: DataModule, task: Flow) -> Self:
        """Fit to the training split; keep the K whose samples are nearest to validation."""
        train, val = task.whole(data, "train"), task.whole(data, "val")
        self.shape, self.limits = tuple(train.x.shape[1:]), (train.x.min(), train.x.max())  # type: ignore[assignment]
        flat = train.x.flatten(1)
        # few examples have no more components than there are of them
        numbers = sorted({min(num, *flat.shape) for num in self.components})
        self.mean = flat.mean(dim=0)
        with torch.random.fork_rng(devices=[]):  # or the baseline would vary with what ran before
            torch.manual_seed(TEST_SEED)
            _, _, axes = torch.pca_lowrank(flat, numbers[-1], center=True, niter=4)
        space, best = Space(train.x), float("inf")
        held_out = space(val.x)
        for num in numbers:
            this = axes.T[:num], *moments((flat - self.mean) @ axes[:, :num], train.y)
            self.axes, self.centers, self.roots = this
            distance = kernel_distance(space(self.predict(val.y)), held_out)
            if distance < best:
                best, kept = distance, this
        self.axes, self.centers, self.roots = kept  # type: ignore[possibly-undefined]
        return self

    def predict(self, x: Tensor) -> Tensor:
        """Draw one example of each class, always the same. x: [N] int64 classes -> [N, *S]."""
        y, rng = x.cpu(), torch.Generator().manual_seed(TEST_SEED)
        noise = torch.randn(len(y), len(self.axes), 1, generator=rng)
        z = self.centers[y] + (self.roots[y] @ noise)[:, :, 0]
        flat = (self.mean + z @ self.axes).clamp(*self.limits)
        return flat.view(-1, *self.shape).to(x.device)


def moments(z: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and root of the covariance of each class. z: [N, K], y: [N]."""
    centers, roots = [], []
    for number in range(int(y.max()) + 1):
        own = z[y == number]
        centers.append(own.mean(dim=0))
        spread = torch.cov(own.T, correction=min(1, len(own) - 1))  # one example has none
        covariance = spread + FLOOR * torch.eye(z.shape[1])
        roots.append(torch.linalg.cholesky(covariance))
    return torch.stack(centers), torch.stack(roots)
