"""The checks find nothing here, and find bugs that are planted."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from .. import check, exercises
from ..bench import Bench
from ..config import compose
from ..datamodule import Batch, Split
from ..errors import UserError
from ..experiment import prepare
from ..task import Task

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


def test_a_loss_that_looks_at_its_neighbor_is_found(bench: Bench) -> None:
    assert failed(with_losses(bench, lambda losses: losses + losses.roll(1) ** 2), "S3")


def test_a_loss_of_the_wrong_shape_is_found(bench: Bench) -> None:
    assert failed(with_losses(bench, lambda losses: losses[:, None]), "S2")


def test_two_sided_broadcasting_is_found(bench: Bench) -> None:
    def bug(losses: Tensor) -> Tensor:
        return (losses[:, None] + losses).mean(dim=1)

    assert failed(with_losses(bench, bug), "S9")


def test_an_exercise_is_found(bench: Bench) -> None:
    wrong = copy.copy(bench)
    wrong.data = copy.copy(bench.data)
    wrong.data.splits = dict(bench.data.splits)
    exercises.leaked_split(bench.task, wrong.data)
    assert failed(wrong, "D4")


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(UserError, match=r"check.only=S33: there is no such check"):
        check.chosen(compose("check.only=S33", name="check"))
