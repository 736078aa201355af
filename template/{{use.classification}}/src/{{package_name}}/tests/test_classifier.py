"""Classification: values that are known beforehand, and a prediction from a file."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ..classifier import Classifier
from ..datamodule import DataModule
from ..errors import UserError
from ..task import Task, fraction
from .conftest import batch_of, run

PACKAGE = __name__.rpartition(".tests.")[0]


def test_an_untrained_network_knows_nothing(task: Task, data: DataModule) -> None:
    expected = math.log(len(data.classes))  # the head starts at 0: uniform over the classes
    assert task.losses(batch_of(data, [*range(7)])).tolist() == pytest.approx(
        [expected] * 7, rel=1e-5
    )


def test_probabilities_sum_to_one(task: Task, data: DataModule) -> None:
    p = task.eval().predict(batch_of(data, [*range(7)]).x)
    assert p.shape == (7, len(data.classes))
    assert p.sum(dim=1).tolist() == pytest.approx([1.0] * 7)


def test_accuracy_of_the_truth_is_one(task: Task, data: DataModule) -> None:
    batch = batch_of(data, [*range(7)])
    truth = torch.nn.functional.one_hot(batch.y, len(data.classes)).float()
    assert fraction(task.judge(truth, batch)["accuracy"])[0].tolist() == [1.0] * 7
    wrong = task.judge(truth.roll(1, dims=1), batch)["accuracy"]
    assert fraction(wrong)[0].tolist() == [0.0] * 7


def test_members_learn_apart_and_vote(task: Classifier, data: DataModule) -> None:
    batch, num = batch_of(data, [*range(5)]), len(data.classes)
    pred = torch.randn(5, 2, num)
    task.network = torch.nn.Module()
    task.network.forward = lambda x: pred
    both = [task.cross_entropy(pred[:, member], batch.y) for member in (0, 1)]
    assert torch.allclose(task.losses(batch), (both[0] + both[1]) / 2)
    vote = (pred[:, 0].softmax(dim=1) + pred[:, 1].softmax(dim=1)) / 2
    assert torch.allclose(task.predict(batch.x), vote)


def test_a_network_with_other_outputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="network: it has 3 outputs"):
        run(tmp_path / "x", "network.outputs=3")


def test_predict_names_the_class_of_a_file(
    trained: tuple[Path, dict[str, Any]], data: DataModule
) -> None:
    folder = trained[0]
    (sample,) = folder.glob("sample.*")
    words = [f"ckpt_path={folder / 'checkpoints' / 'best.ckpt'}", f"input={sample}"]
    done = subprocess.run(
        [sys.executable, "-m", f"{PACKAGE}.predict", *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert any(f": {name} " in done.stdout for name in data.classes)
    assert not done.stderr
