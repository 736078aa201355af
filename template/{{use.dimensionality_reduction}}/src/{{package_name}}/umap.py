"""Parametric UMAP: a network maps neighbors to neighbors (Sainburg 2009.12981; McInnes 1802.03426).

    w_ij = exp(-(d_ij - rho_i) / sigma_i) over the k nearest j,   w := w + w' - w w'
    q_ij = 1 / (1 + a |z_i - z_j|^(2 b)),   loss = -log q over edges - log(1 - q) over other pairs

rho_i is the distance to the nearest, sigma_i such that row i sums to log2 k. The edges are made
once, on the training split.

Legend: N examples, N' others, B batch, Z latent, K most edges of an example.
"""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import curve_fit
from scipy.sparse import csr_array
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from .autoencoder import Autoencoder
from .datamodule import Batch
from .objectives import Likelihood
from .vectors import vectors

ROUNDS = 40  # of the bisection for sigma


class Umap:
    """Cross-entropy between neighborhoods in the data and on the map, and the decoder's own loss.

    Args:
        neighbors: k, of each training example.
        min_dist: distance on the map below which neighbors are not drawn nearer.
        negatives: others that each example is pushed away from.
    """

    coupled = True  # a pair is pushed apart
    x: Tensor  # the training split, [N, *S]
    partners: Tensor  # [N, K] rows that an example has an edge to ..
    weights: Tensor  # [N, K] .. and how strong it is; 0 where there are fewer
    search: NearestNeighbors

    def __init__(self, *, neighbors: int, min_dist: float, negatives: int) -> None:
        self.neighbors, self.negatives = neighbors, negatives
        self.a, self.b = curve(min_dist)

    def fit(self, x: Tensor) -> None:
        """Find the neighbors of each training example. x: [N, *S]."""
        self.x, flat = x, vectors(x).numpy()
        self.search = NearestNeighbors(n_neighbors=self.neighbors).fit(flat)
        distances, found = self.search.kneighbors()  # of the examples themselves: each without it
        self.partners, self.weights = rows_of(fuzzy(distances, found))

    def losses(
        self,
        network: Autoencoder,
        likelihood: Likelihood,
        batch: Batch,
        generator: torch.Generator | None,
    ) -> Tensor:
        """Return the objective of each example: [B].

        Without a generator an example is one of another split: its partner is the nearest of the
        training split, and it is pushed away from training examples that are always the same, from
        all over the split: a batch of another split may hold a single class.
        """
        index, size = batch.index.cpu(), batch.x.shape[1:]
        if generator is not None:
            device = generator.device
            pick = torch.multinomial(self.weights[index].to(device), 1, generator=generator)
            partner = self.partners[index].gather(1, pick.cpu())[:, 0]
        else:
            near = self.search.kneighbors(vectors(batch.x).cpu().numpy(), 1, return_distance=False)
            partner = torch.from_numpy(np.asarray(near)[:, 0]).long()
        z = network.encode(batch.x)
        other = far = network.encode(self.x[partner].to(z.device))
        if generator is None:
            spread = torch.linspace(0, len(self.x) - 1, len(z)).long()
            far = network.encode(self.x[spread].to(z.device))
        pull = -F.logsigmoid(self.closeness(z, other))
        push = torch.zeros_like(pull)
        for turn in range(1, self.negatives + 1):  # in training the partners of others
            push = push - F.logsigmoid(-self.closeness(z, far.roll(turn, dims=0)))
        return pull + push + likelihood.losses(network.decode(z.detach(), size), batch.x)

    def closeness(self, one: Tensor, other: Tensor) -> Tensor:
        """Return the logit of q. Both [B, Z] -> [B]."""
        # 1 / (1 + a d^2b) is a sigmoid of -log(a d^2b); the gradient of log 0 is not wanted
        square = (one - other).square().sum(dim=1).clamp_min(1e-6)
        return -(np.log(self.a) + self.b * square.log())


def curve(min_dist: float) -> tuple[float, float]:
    """Fit 1 / (1 + a d^2b) to 1 up to `min_dist` and exp(min_dist - d) beyond. Returns a, b."""
    d = np.linspace(0, 3, 300)
    wanted = np.where(d < min_dist, 1.0, np.exp(-(d - min_dist)))
    a, b = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), d, wanted)[0]
    return float(a), float(b)


def fuzzy(distances: np.ndarray, found: np.ndarray) -> csr_array:
    """Return the strength of each edge, the same both ways.

    Args:
        distances: [N, k] to the nearest others, the nearest first.
        found: [N, k] which they are.

    Returns:
        weights: [N, N] in [0, 1], mostly 0.
    """
    num, k = distances.shape
    beyond = distances - distances[:, :1]
    low, high = np.zeros((num, 1)), np.full((num, 1), 1e3 * (beyond.max() + 1e-12))
    for _ in range(ROUNDS):
        sigma = (low + high) / 2
        much = np.exp(-beyond / sigma).sum(axis=1, keepdims=True) > np.log2(k)
        low, high = np.where(much, low, sigma), np.where(much, sigma, high)
    values = np.exp(-beyond / high).ravel()
    weights = csr_array((values, found.ravel(), np.arange(0, num * k + 1, k)), shape=(num, num))
    return (weights + weights.T - weights * weights.T).tocsr()


def rows_of(weights: csr_array) -> tuple[Tensor, Tensor]:
    """Fill the edges of each example up to the most that one has: partners, weights [N, K]."""
    counts = torch.from_numpy(np.diff(weights.indptr)).long()
    at = torch.arange(int(counts.max())) < counts[:, None]
    partners, strengths = torch.zeros(at.shape, dtype=torch.long), torch.zeros(at.shape)
    partners[at] = torch.from_numpy(weights.indices).long()
    strengths[at] = torch.from_numpy(weights.data).float()
    return partners, strengths
