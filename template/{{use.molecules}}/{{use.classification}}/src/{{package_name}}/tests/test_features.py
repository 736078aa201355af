"""The area under the curve, and the features of the baselines."""

import pytest
import torch

from ..classifier import Classifier
from ..config import build, compose
from ..datamodule import DataModule, Split
from ..features import features
from ..smiles import encode
from ..task import Predict
from ..tokens import pad


def test_the_area_is_the_chance_of_the_right_order(task: Classifier, data: DataModule) -> None:
    few = type(data)(batch_size=2, num_classes=2, batch_tokens=64, canonical=True)  # type: ignore[call-arg]
    x = torch.arange(4, 9)[:, None].expand(5, 3)  # the token is the rank
    few.splits["test"] = Split(x, torch.tensor([0, 1, 0, 1, 1]), [""] * 5)

    def rank(x: torch.Tensor) -> torch.Tensor:
        p = x[:, 0] / 10
        return torch.stack([1 - p, p], dim=1)

    sides: dict[str, Predict] = {"model": rank, "flipped": lambda x: rank(x).flip(1)}
    sides["same"] = lambda x: 0 * rank(x)
    found = task.survey(sides, few)
    # of the six pairs of a negative and a positive, one is in the wrong order
    assert found == pytest.approx({"model/auc": 5 / 6, "flipped/auc": 1 / 6, "same/auc": 0.5})


def test_a_baseline_reads_smiles() -> None:
    assert features([pad([encode("CCO"), encode("C")])]).tolist() == ["CCO", "C"]


def test_atoms_are_counted_as_they_are_written() -> None:
    baseline = build(compose(), "baseline")
    counter = baseline.beside.estimator[0].fit(["Clc1cc[nH]c1C"])
    assert sorted(counter.vocabulary_) == ["C", "Cl", "[nH]", "c"]
    assert counter.transform(["CCl"]).sum() == 2
