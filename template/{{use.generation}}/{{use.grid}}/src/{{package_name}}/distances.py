"""How near a set of samples is to a set of real examples.

Both sets are compared in one space of features that is always the same: how strongly random filters
answer in each part of the signal. For other data than photographs random weights are a fairer
ground than a classifier of photographs (Naeem 2020, 2002.09797, section 5); one layer of them,
pooled, already tells shapes apart (Jarrett 2009, Saxe 2011).

Legend: N, M examples, C channels, *S sizes (H, W) or (T, H, W), D features.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

SEED = 20_021  # of the filters
FILTERS, CELLS = 32, 4  # filters, and parts along each axis in which their answers are averaged
NEIGHBOURS = 5  # an example reaches as far as its fifth neighbour, as in the paper
AT_ONCE = 500  # signals


def embed(x: Tensor) -> Tensor:
    """Average what random filters answer in each part. x: [N, C, *S] -> [N, D]."""
    image = x.ndim == 4
    conv, pool = (F.conv2d, F.adaptive_avg_pool2d) if image else (F.conv3d, F.adaptive_avg_pool3d)
    shape = (FILTERS, x.shape[1], *[3] * (x.ndim - 2))
    filters = torch.randn(shape, generator=torch.Generator().manual_seed(SEED)).to(x.device)
    parts = [pool(F.relu(conv(some, filters, padding=1)), CELLS) for some in x.split(AT_ONCE)]
    return torch.cat(parts).flatten(1)


class Space:
    """The features, moved and scaled by one number so that real examples have unit variance."""

    def __init__(self, x: Tensor) -> None:
        features = embed(x)
        self.mean = features.mean(dim=0)
        self.scale = (features - self.mean).square().mean().sqrt()

    def __call__(self, x: Tensor) -> Tensor:
        """x: [N, C, *S] -> [N, D]."""
        return (embed(x) - self.mean) / self.scale


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Estimate the squared maximum mean discrepancy of two sets (Binkowski 2018, 1801.01401).

    The kernel is (a . b / D + 1)^3. The estimate is unbiased: about 0, and as often below, for two
    sets of the same kind.

    Args:
        a: [N, D] features.
        b: [M, D] features.
    """

    def kernel(u: Tensor, v: Tensor) -> Tensor:
        return (u @ v.T / u.shape[1] + 1) ** 3

    def within(u: Tensor) -> Tensor:
        k = kernel(u, u)
        return (k.sum() - k.trace()) / (len(u) * (len(u) - 1))

    return (within(a) + within(b) - 2 * kernel(a, b).mean()).item()


def coverage_and_density(real: Tensor, made: Tensor) -> tuple[float, float]:
    """Count samples within reach of real examples (Naeem 2020, 2002.09797).

    A real example reaches as far as its fifth neighbour, or of fewer as far as the farthest.

    Args:
        real: [N, D] features of two examples or more.
        made: [M, D] features.

    Returns:
        coverage: share of real examples that reach a sample: low where kinds are missing.
        density: how many real examples reach a sample, by what is usual: low where samples are
            unlike anything real, above 1 where they keep to the middle.
    """
    neighbours = min(NEIGHBOURS, len(real) - 1)
    reach = torch.cdist(real, real).kthvalue(neighbours + 1, dim=1).values
    near = torch.cdist(real, made) < reach[:, None]
    return near.any(dim=1).float().mean().item(), near.sum().item() / max(1, neighbours) / len(made)


def nearest(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Find the nearest training example of each signal. x: [N, *S] -> distances [N], rows [N]."""
    found = torch.cdist(x.flatten(1), train.flatten(1)).min(dim=1)
    return found.values, found.indices
