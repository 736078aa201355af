"""Principal component analysis, exact: all that it needs to know is a sum over the examples.

With a 1 before each vector v, the sum of (1, v)(1, v)' holds count, sum and products. It is taken
in float64 over one pass, added up over the ranks, and then solved on each: no gradient, no order,
and the same answer on any number of ranks. Where a vector is longer than there are examples, the
table of the vectors themselves is smaller than that of their products, and takes its place.

Legend: B batch, *S shape of one example, M examples, N length of a vector, Z latent.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from scipy.linalg import eigh
from scipy.sparse.linalg import svds
from torch import Tensor, nn

from .datamodule import Batch, DataModule
from .errors import UserError
from .reducer import Reduced, Reducer
from .vectors import signals, vectors


class Seen(Protocol):
    """What is known of the vectors that were seen. total: of which the ranks' are added up."""

    total: Tensor

    def add(self, v: Tensor, index: Tensor) -> None:
        """Add vectors. v: [B, N]; index: [B] rows in the split."""
        ...

    def solve(self, num: int) -> tuple[Tensor, Tensor]:
        """Return the mean [N] and the `num` directions of greatest variance [num, N]."""
        ...


class Moments:
    """Count, sum and products of vectors. total: [N + 1, N + 1] float64.

    Args:
        features: N.
        device: where they are.
    """

    def __init__(self, features: int, device: torch.device) -> None:
        size = (features + 1, features + 1)
        self.total = torch.zeros(size, dtype=torch.float64, device=device)

    def add(self, v: Tensor, index: Tensor) -> None:
        """See `Seen`."""
        one = torch.cat([v.new_ones(len(v), 1), v], dim=1).double()
        self.total.addmm_(one.T, one)  # in place: the sum is larger than the batch

    def solve(self, num: int) -> tuple[Tensor, Tensor]:
        """See `Seen`."""
        total = self.total
        mean = total[0, 1:] / total[0, 0]
        covariance = total[1:, 1:] / total[0, 0] - mean[:, None] * mean
        last = (len(mean) - num, len(mean) - 1)  # these alone take a fraction of the time
        _, found = eigh(covariance.cpu().numpy(), subset_by_index=last)
        return mean, upright(torch.from_numpy(found).to(mean).T)


class Table:
    """The vectors themselves, with a 1 before each that was seen. total: [M, N + 1] float32.

    Args:
        examples: M, of the split.
        features: N.
        device: where they are.
    """

    def __init__(self, examples: int, features: int, device: torch.device) -> None:
        self.total = torch.zeros(examples, features + 1, device=device)

    def add(self, v: Tensor, index: Tensor) -> None:
        """See `Seen`; each rank fills in the rows that it sees."""
        self.total[index, 0], self.total[index, 1:] = 1.0, v

    def solve(self, num: int) -> tuple[Tensor, Tensor]:
        """See `Seen`."""
        seen = self.total[self.total[:, 0] > 0]
        rows = (seen[:, 1:] / seen[:, :1]).cpu().numpy()  # several ranks may have filled in a row
        if num >= len(rows):
            raise UserError(f"task.latent={num} needs more than {len(rows)} training examples")
        mean = rows.mean(axis=0, dtype=np.float64).astype(rows.dtype)
        start = np.random.default_rng(0).standard_normal(min(rows.shape)).astype(rows.dtype)
        _, size, right = svds(rows - mean, num, v0=start)
        axes = np.asarray(right)[np.argsort(size)]
        return torch.from_numpy(mean), upright(torch.from_numpy(axes))


def upright(axes: Tensor) -> Tensor:
    """Put the greatest axis first, and give each a positive largest entry. [Z, N], it comes last.

    A direction then has one sign only.
    """
    axes = axes.flip(0)
    return axes * axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)).sign()


def begin(examples: int, features: int, device: torch.device) -> Seen:
    """Begin with nothing seen: the smaller of both ways for M examples with vectors of length N."""
    if features < examples:
        return Moments(features, device)
    return Table(examples, features, device)


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
    def solve(self, seen: Seen) -> None:
        """Take mean and axes from what was seen."""
        mean, axes = seen.solve(len(self.axes))
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
    seen: Seen

    def __init__(self, **task) -> None:
        super().__init__(**task)
        self.automatic_optimization = False

    def check(self, data: DataModule) -> None:
        """Refuse a network that is trained otherwise."""
        if not isinstance(self.network, Pca):
            raise UserError(
                f"network: {type(self.network).__name__} cannot be solved for, which objective=pca "
                "does: leave network=... out, or choose another objective (objective=autoencoder)"
            )

    def losses(self, batch: Batch) -> Tensor:
        """Return the mean squared error of each example's vector: [B]."""
        x = self.inputs(batch)
        vector = self.predict(x).vector
        return (vector - vectors(x)).square().mean(dim=1)  # type: ignore[operator]

    def restore(self, z: Tensor, size: Sequence[int]) -> Reduced:
        """Give back examples of shape `size`. z: [B, Z]."""
        return self.network.restore(z, size)

    def on_train_start(self) -> None:
        """Begin with nothing seen."""
        examples = len(self.trainer.datamodule.splits["train"].x)  # type: ignore[attr-defined]
        self.seen = begin(examples, self.network.axes.shape[1], self.device)

    def training_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        self.seen.add(vectors(self.inputs(batch)), batch.index)
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
                x = data.trim(data.splits["train"].x[left]).to(self.device)
                self.seen.add(vectors(self.encode(x)), left)
        self.seen.total = self.trainer.strategy.reduce(self.seen.total, reduce_op="sum")
        self.network.solve(self.seen)
