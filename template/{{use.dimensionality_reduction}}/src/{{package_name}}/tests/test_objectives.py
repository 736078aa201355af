"""Objectives: divergences and curves with known values, edges that are the same both ways."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from .. import umap
from ..config import build, compose
from ..datamodule import Batch, DataModule, Examples
from ..objectives import divergence
from ..reducer import Reducer
from ..umap import Umap, curve, fuzzy, rows_of


def test_a_standard_normal_code_costs_nothing() -> None:
    assert divergence(torch.zeros(3, 2), torch.zeros(3, 2)).tolist() == [0.0] * 3
    # KL(N(1, 1) || N(0, 1)) = 1/2 for each number of the code
    assert divergence(torch.ones(1, 2), torch.zeros(1, 2)).item() == pytest.approx(1.0)
    assert divergence(torch.zeros(1, 1), torch.ones(1, 1)).item() == pytest.approx((np.e - 2) / 2)


def test_the_curve_is_that_of_umap() -> None:
    assert curve(0.1) == pytest.approx((1.577, 0.895), abs=2e-3)
    assert curve(0.5) == pytest.approx((0.583, 1.334), abs=2e-3)


def test_edges_are_strong_both_ways() -> None:
    points = np.random.default_rng(0).normal(size=(60, 3))
    distances, found = NearestNeighbors(n_neighbors=8).fit(points).kneighbors()
    weights = fuzzy(distances, found)
    assert abs(weights - weights.T).max() == pytest.approx(0)
    assert 0 < weights.data.min() and weights.data.max() <= 1 + 1e-9
    nearest = weights.toarray()[np.arange(60), found[:, 0]]
    assert nearest == pytest.approx(np.ones(60))  # the nearest is a neighbor for sure
    partners, strengths = rows_of(weights)
    assert strengths.sum(dim=1).numpy() == pytest.approx(weights.sum(axis=1), rel=1e-5)
    row = weights.indices[: weights.indptr[1]]
    assert torch.equal(partners[0][strengths[0] > 0], torch.from_numpy(row).long())


def test_a_row_of_edges_sums_to_the_logarithm_of_their_number() -> None:
    points = np.random.default_rng(0).normal(size=(60, 3))
    distances, found = NearestNeighbors(n_neighbors=8).fit(points).kneighbors()
    # take the symmetry away again: without shared neighbors the weights are the rows' own
    far = fuzzy(distances, np.arange(60 * 8).reshape(60, 8) % 60)
    assert far.shape == (60, 60)
    beyond = distances - distances[:, :1]
    alone = fuzzy(np.vstack([distances, np.full((480, 8), 1.0)]), lonely(found))
    assert alone.sum(axis=1)[:60] == pytest.approx(np.full(60, np.log2(8)), rel=1e-4)
    assert beyond.min() == 0


def lonely(found: np.ndarray) -> np.ndarray:
    """Give each of 60 examples 8 neighbors of its own, which know only each other."""
    own = 60 + np.arange(480).reshape(60, 8)
    others = 60 + (np.arange(480)[:, None] + np.arange(1, 9)) % 480
    return np.vstack([own, others])


@pytest.mark.parametrize("name", ["autoencoder", "vae", "umap"])
def test_each_objective_learns(name: str, data: DataModule) -> None:
    torch.manual_seed(0)
    cfg = compose(f"objective={name}")
    parts = {part: build(cfg, part) for part in ("network", "optimizer")}
    task: Reducer = build(cfg, "task", seed=0, **parts)
    task.check(data)
    batch = Examples(data.splits["train"], data.trim)[torch.arange(0, 1600, 50)]
    optimizer, found = torch.optim.Adam(task.network.parameters(), 0.003), []
    for _ in range(12):
        task.generator = torch.Generator().manual_seed(0)
        losses = task.losses(batch)
        assert losses.shape == (32,)
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        found.append(losses.mean().item())
    assert found[-1] < 0.95 * found[0]
    task.eval()
    with torch.no_grad():
        held_out = Examples(data.splits["val"], data.trim)[torch.arange(9)]
        assert torch.equal(task.losses(held_out), task.losses(held_out))


def test_a_split_is_pushed_away_from_training_examples_of_all_sorts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(umap, "vectors", lambda x: x)  # here examples are vectors already
    train = torch.cat([torch.zeros(30, 4), torch.ones(30, 4)]) + torch.rand(60, 4) / 10
    network = SimpleNamespace(encode=lambda x: 9 * x[:, :2], decode=lambda z, size: z)
    nothing = SimpleNamespace(losses=lambda pred, x: x.new_zeros(len(x)))
    objective = Umap(neighbors=5, min_dist=0.1, negatives=5)
    objective.fit(train)
    one_class = Batch(train[:16] + 0.01, torch.zeros(16).long(), torch.arange(16))
    right = objective.losses(cast(Any, network), cast(Any, nothing), one_class, None).mean()
    network.encode = lambda x: 0 * x[:, :2]  # all in one place
    wrong = objective.losses(cast(Any, network), cast(Any, nothing), one_class, None).mean()
    assert right < wrong
