"""Principal component analysis, exact: all that it needs to know is a sum over the examples.

With a 1 before each vector v, the sum of (1, v)(1, v)' holds count, sum and products. It is taken
in float64 over one pass, added up over the ranks, and then solved on each: no gradient, no order,
and the same answer on any number of ranks.

Legend: B batch, *S shape of one example, N length of a vector, Z latent.
"""

from collections.abc import Sequence

import torch
from scipy.linalg import eigh
from torch import Tensor, nn

from .datamodule import Batch, DataModule
from .errors import UserError
from .reducer import Reduced, Reducer
from .vectors import signals, vectors


class Moments:
    """Count, sum and products of vectors. total: [N + 1, N + 1] float64."""

    total: Tensor

    def __init__(self) -> None:
        self.total = torch.zeros(1, 1, dtype=torch.float64)

    def add(self, v: Tensor) -> None:
        """v: [B, N]."""
        one = torch.cat([v.new_ones(len(v), 1), v], dim=1).double()
        if len(self.total) == 1:
            self.total = one.new_zeros(one.shape[1], one.shape[1])
        self.total.addmm_(one.T, one)  # in place: the sum is larger than the batch


def components(total: Tensor, num: int) -> tuple[Tensor, Tensor]:
    """Return the mean and the directions of greatest variance.

    Args:
        total: [N + 1, N + 1] of `Moments`.
        num: Z, how many directions; at most N.

    Returns:
        mean: [N]; axes: [Z, N], orthonormal, the greatest first, each with its largest entry
            positive, so that a direction has one sign only.
    """
    mean = total[0, 1:] / total[0, 0]
    covariance = total[1:, 1:] / total[0, 0] - mean[:, None] * mean
    last = (len(mean) - num, len(mean) - 1)  # scipy finds these alone, in a fraction of the time
    _, found = eigh(covariance.cpu().numpy(), subset_by_index=last)
    axes = torch.from_numpy(found).to(total.device).flip(1).T
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return mean, axes * largest.sign()


class Pca(nn.Module):
    """Project onto axes, and back.

    Args:
        latent: Z, number of axes.
        features: N, length of an example's vector.
    """

    def __init__(self, *, latent: int, features: int) -> None:
        super().__init__()
        if latent > features:
            raise UserError(f"task.latent={latent} is more than the {features} numbers of a vector")
        self.mean = nn.Parameter(torch.zeros(features))
        self.axes = nn.Parameter(torch.zeros(latent, features))

    @torch.no_grad()
    def solve(self, total: Tensor) -> None:
        """Take mean and axes from the moments. total: [N + 1, N + 1]."""
        mean, axes = components(total, len(self.axes))
        self.mean.copy_(mean)
        self.axes.copy_(axes)

    def encode(self, x: Tensor) -> Tensor:
        """x: [B, *S] -> z: [B, Z]."""
        return (vectors(x) - self.mean) @ self.axes.T

    def restore(self, z: Tensor, size: Sequence[int]) -> Reduced:
        """Give back examples of shape `size`. z: [B, Z]."""
        vector = z @ self.axes + self.mean
        return Reduced(z, signals(vector, size), vector)


class ExactPca(Reducer):
    """Fit the network `Pca` by the trainer, in one epoch without gradients."""

    network: Pca

    def __init__(self, **task) -> None:
        super().__init__(**task)
        self.automatic_optimization = False
        self.moments = Moments()

    def check(self, data: DataModule) -> None:
        """Refuse a network that is trained otherwise."""
        if not isinstance(self.network, Pca):
            raise UserError(
                f"network: {type(self.network).__name__} cannot be solved for, which objective=pca "
                "does: leave network=... out, or choose another objective (objective=autoencoder)"
            )

    def losses(self, batch: Batch) -> Tensor:
        """Return the mean squared error of each example's vector: [B]."""
        vector = self.predict(batch.x).vector
        return (vector - vectors(batch.x)).square().mean(dim=1)  # type: ignore[operator]

    def restore(self, z: Tensor, size: Sequence[int]) -> Reduced:
        """Give back examples of shape `size`. z: [B, Z]."""
        return self.network.restore(z, size)

    def training_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        self.moments.add(vectors(batch.x))
        self.optimizers().step()  # type: ignore[union-attr]  # no gradient, no change: it counts

    def on_validation_start(self) -> None:
        """Solve for what was seen, before anyone looks at it."""
        if self.trainer.state.fn != "fit":
            return
        data, world = self.trainer.datamodule, self.trainer.world_size  # type: ignore[attr-defined]
        rows = data.order("train", self.trainer.current_epoch)
        if self.trainer.num_training_batches == len(rows) // world:
            # each rank was given equally many batches; what is left over counts, too
            for left in rows[len(rows) - len(rows) % world :][self.global_rank :: world]:
                x = data.trim(data.splits["train"].x[left])
                self.moments.add(vectors(x.to(self.device)))
        self.network.solve(self.trainer.strategy.reduce(self.moments.total, reduce_op="sum"))
