"""The checks find nothing here, and find bugs that are planted."""

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from .. import check
from ..checks import exercises
from ..checks.bench import Bench
from ..checks.memory import lowest
from ..checks.spies import Meta
from ..checks.training import exchanged, surely
from ..config import compose
from ..datamodule import Batch, Split
from ..errors import UserError
from ..task import Task
from ..training.prepare import prepare

FEW = 200  # examples, from all over a split: `uv run check` looks at all of them


@pytest.fixture(scope="module")
def bench() -> Bench:
    cfg = compose("check=fast", name="check")
    cfg.seed = prepare(cfg)
    bench = Bench(cfg)
    for name, split in bench.data.splits.items():
        rows = torch.linspace(0, len(split.x) - 1, FEW).long().unique()
        groups = [split.groups[row] for row in rows.tolist()]
        bench.data.splits[name] = Split(split.x[rows], split.y[rows], groups)
    return bench


def failed(bench: Bench, *names: str) -> list[str]:
    """Return the lines of the checks that fail."""
    prepare(bench.cfg)  # pytest takes back in each test what is said about warnings
    lines = check.run(bench, list(names) or check.chosen(bench.cfg))
    return [check.show(line) for line in lines if line.result.ok is False]


def with_losses(bench: Bench, bug: Callable[[Tensor], Tensor]) -> Bench:
    """Copy a bench; what `losses` returns goes through a bug."""

    def losses(self: Task, batch: Batch) -> Tensor:
        return bug(type(bench.task).losses(self, batch))

    wrong = copy.copy(bench)
    wrong.task = bench.copy()
    wrong.task.__class__ = type("Bug", (type(bench.task),), {"losses": losses})
    return wrong


def test_nothing_is_wrong_here(bench: Bench) -> None:
    assert not failed(bench)


def test_nothing_is_wrong_with_three_examples_to_validate_on(bench: Bench) -> None:
    small = copy.copy(bench)
    small.data = copy.copy(bench.data)
    small.data.splits = dict(bench.data.splits)
    for name in ("val", "test"):
        split = bench.data.splits[name]
        small.data.splits[name] = Split(split.x[:3], split.y[:3], split.groups[:3])
    assert not failed(small, "D9", "T4", "T5", "T9")


def test_a_loss_that_looks_at_its_neighbor_is_found(bench: Bench) -> None:
    assert failed(with_losses(bench, lambda losses: losses + losses.roll(1) ** 2), "S3")


def test_a_loss_of_the_wrong_shape_is_found(bench: Bench) -> None:
    assert failed(with_losses(bench, lambda losses: losses[:, None]), "S2")


def test_two_sided_broadcasting_is_found(bench: Bench) -> None:
    def bug(losses: Tensor) -> Tensor:
        return (losses[:, None] + losses).mean(dim=1)

    assert failed(with_losses(bench, bug), "S9")


def test_training_in_evaluation_mode_is_found(bench: Bench) -> None:
    def losses(self: Task, batch: Batch) -> Tensor:
        self.network.eval()
        return type(bench.task).losses(self, batch)

    wrong = copy.copy(bench)
    wrong.task = bench.copy()
    wrong.task.__class__ = type("Bug", (type(bench.task),), {"losses": losses})
    assert failed(wrong, "T4")


def test_a_tensor_on_another_device_is_found() -> None:
    spy = Meta()
    with pytest.raises(RuntimeError), spy:
        torch.where(torch.ones(3) > 0, 0, torch.zeros(3, device="meta"))
    assert "test_check.py" in spy.mixed and "where" in spy.mixed


def test_a_loss_without_a_floor_is_found() -> None:
    class Signed(Task):
        def losses(self, batch: Batch) -> Tensor:
            mean, other = self.network(batch.x).unbind(dim=1)
            return mean.square() + 0.001 * other  # a square was forgotten

    class Squared(Task):
        def losses(self, batch: Batch) -> Tensor:
            return self.network(batch.x).square().sum(dim=1)

    index = torch.arange(3)
    batch, network = Batch(torch.randn(3, 4), index, index), torch.nn.Linear(4, 2)
    tasks = [
        kind(network=network, optimizer=torch.optim.SGD, warmup=0) for kind in (Signed, Squared)
    ]
    wrong, right = (lowest(task, batch) for task in tasks)
    assert wrong < -1 and right >= 0


def test_right_pairs_are_told_from_wrong_ones() -> None:
    y = torch.arange(40) // 10  # in order, as splits often are
    waves = torch.ones(40, 8).where(torch.arange(8) <= y[:, None], 0)
    for target in (y, waves):
        val = Split(y[:, None].float(), target, [""] * 40)
        own: Any = SimpleNamespace(
            data=SimpleNamespace(splits={"val": val}),
            rows=lambda _, rows, val=val: Batch(val.x[rows], val.y[rows], rows),
        )

        def size(batch: Batch) -> Tensor:
            return batch.y.float().view(len(batch.y), -1).sum(dim=1)

        knows: Any = SimpleNamespace(losses=lambda batch: (size(batch) - batch.x[:, 0]).abs())
        blind: Any = SimpleNamespace(losses=lambda batch: size(batch) + batch.x[:, 0])
        assert not surely(exchanged(own, blind))
        assert surely(exchanged(own, knows)) == (target is y)  # waves of like length are alike


def test_an_exercise_is_found(bench: Bench) -> None:
    wrong = copy.copy(bench)
    wrong.data = copy.copy(bench.data)
    wrong.data.splits = dict(bench.data.splits)
    exercises.leaked_split(bench.task, wrong.data)
    assert failed(wrong, "D4")


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(UserError, match=r"check.only=S33: there is no such check"):
        check.chosen(compose("check.only=S33", name="check"))
