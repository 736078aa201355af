"""PCA: the same as numpy's, whoever saw which rows, and by the trainer."""

from pathlib import Path

import numpy as np
import pytest
import torch
from omegaconf import DictConfig

from ..baseline import PrincipalComponents
from ..config import build, compose
from ..datamodule import DataModule
from ..errors import UserError
from ..pca import Moments, Pca, Seen, Table, begin
from ..reducer import Reducer
from ..training.experiment import train
from ..vectors import vectors
from .conftest import SMALL


def examples() -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.randn(50, 6, generator=rng) * torch.tensor([5.0, 4, 3, 2, 1, 0.5]) + 7


def look(seen: Seen, x: torch.Tensor) -> Seen:
    for rows in torch.arange(len(x)).flip(0).split(7):  # in any portions and order
        seen.add(x[rows], rows)
    return seen


CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("seen", "close"), [(Moments(6, CPU), 1e-9), (Table(60, 6, CPU), 1e-5)], ids=["sums", "table"]
)  # of the table's 60 rows 10 are never seen
def test_components_are_those_of_a_singular_value_decomposition(seen: Seen, close: float) -> None:
    x = examples()
    mean, axes = look(seen, x).solve(3)
    right = np.linalg.svd(x.numpy().astype(float) - x.numpy().astype(float).mean(axis=0))[2][:3]
    assert mean.numpy() == pytest.approx(x.double().mean(dim=0).numpy(), abs=close)
    assert np.abs(axes.numpy() @ right.T) == pytest.approx(np.eye(3), abs=close)
    assert (axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)) > 0).all()


def test_rows_that_two_ranks_saw_count_once() -> None:
    x, alone, both = examples(), Table(60, 6, CPU), [Table(60, 6, CPU), Table(60, 6, CPU)]
    look(alone, x)
    for table, rows in zip(both, (torch.arange(40), torch.arange(20, 50)), strict=True):
        table.add(x[rows], rows)
    both[0].total += both[1].total
    for one, other in zip(alone.solve(3), both[0].solve(3), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_the_smaller_way_is_taken() -> None:
    assert isinstance(begin(50, 6, CPU), Moments)
    assert isinstance(begin(5, 6, CPU), Table)
    with pytest.raises(UserError, match="more than 3 training examples"):
        look(begin(3, 6, CPU), examples()[:3]).solve(3)


def test_all_components_give_everything_back() -> None:
    pca, x = Pca(latent=6, features=6), examples()
    pca.solve(look(Moments(6, CPU), x))
    assert torch.allclose((x - pca.mean) @ pca.axes.T @ pca.axes + pca.mean, x, atol=1e-4)


def test_more_components_than_numbers_are_refused() -> None:
    with pytest.raises(UserError, match=r"task.latent=7 .* 6 numbers"):
        Pca(latent=7, features=6)


@pytest.fixture(scope="module")
def baseline(cfg: DictConfig, data: DataModule) -> PrincipalComponents:
    """PCA of the training split, to two numbers."""
    task = build(cfg, "task", network=build(cfg, "network"), optimizer=None)
    return PrincipalComponents(name="once").fit(data, task)


def test_the_trainer_finds_what_one_pass_finds(
    baseline: PrincipalComponents, data: DataModule, tmp_path: Path
) -> None:
    words = ["objective=pca", f"run_dir={tmp_path / 'run'}", "+trainer.limit_val_batches=2"]
    words += ["test=false", f"data.batch_size={2 * data.batch_size}"]  # fewer steps
    train(compose(*words))
    state = torch.load(tmp_path / "run" / "checkpoints" / "best.ckpt", weights_only=True)
    once = baseline.pca
    assert torch.allclose(state["state_dict"]["network.mean"], once.mean, atol=1e-6)
    assert torch.allclose(state["state_dict"]["network.axes"], once.axes, atol=1e-5)


def test_pca_is_tested_and_drawn_like_any_other(tmp_path: Path) -> None:
    words = [word for word in SMALL if not word.startswith(("trainer.max_steps", "baseline"))]
    scores = train(compose(*words, "objective=pca", f"run_dir={tmp_path / 'run'}"))
    assert 0.5 < scores["model/trustworthiness_12"] <= 1
    assert 0 < scores["model/variance_error"] < 1
    assert (tmp_path / "run" / "map.png").stat().st_size > 0


def test_the_baseline_loses_what_its_axes_miss(
    baseline: PrincipalComponents, data: DataModule, task: Reducer
) -> None:
    z, lost = task.codes(baseline.predict, data, "val")
    flat = vectors(task.whole(data, "val")).double() - baseline.pca.mean.double()
    assert lost is not None  # Pythagoras: what is kept and what is lost are at right angles
    both = lost.double() + z.double().square().sum(dim=1)
    assert torch.allclose(both, flat.square().sum(dim=1), rtol=1e-4)
