"""Average letters: what is known between neighbors, and what is not."""

import torch

from ..baseline import AverageLetters, neighbors
from ..datamodule import DataModule
from ..task import Task
from ..tokens import pad
from .conftest import batch_of


def test_a_letter_is_told_by_its_neighbors() -> None:
    x = pad([[1, 5, 6, 2], [1, 5, 7, 2], [1, 5, 6, 2]])
    found = neighbors(x)
    assert torch.equal(found[0], found[2])
    assert (found[0] == found[1]).tolist() == [True, False, False, False]


def test_averages_reproduce_the_mean_duration(task: Task, data: DataModule) -> None:
    few = type(data)(batch_size=16, num_classes=0)  # type: ignore[abstract]
    few.splits = {"train": data.splits["train"]._replace(**{
        "x": data.splits["train"].x[:32], "y": data.splits["train"].y[:32],
    })}  # fmt: skip
    baseline = AverageLetters(name="x").fit(few, task.eval())  # type: ignore[arg-type]
    batch = batch_of(data, [*range(4)])
    waves = baseline.predict(batch.x)
    assert len(waves) == 4
    assert torch.isfinite(waves).all()
    known = baseline.sounds[baseline.known]
    assert (known[:, -1] > 0).all()
