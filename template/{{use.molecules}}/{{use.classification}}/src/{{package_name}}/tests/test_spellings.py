"""The mean over spellings, the area under the curve, and the features of the baselines."""

import pytest
import torch

from ..classifier import Classifier
from ..config import build, compose
from ..datamodule import DataModule, Split
from ..features import features
from ..smiles import encode
from ..tokens import pad


@pytest.mark.parametrize("name", ["bags", "encoder"])
def test_the_output_is_the_mean_over_spellings(name: str) -> None:
    torch.manual_seed(0)
    network = build(compose(f"network={name}"), "network").eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    one, two = (pad([encode(text)])[None] for text in ("CCO", "OCC"))
    both = network(torch.cat([one, two], dim=1))
    assert torch.allclose(both, (network(one) + network(two)) / 2, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(network(one), network(two))


def test_the_area_is_the_chance_of_the_right_order(task: Classifier, data: DataModule) -> None:
    few = type(data)(batch_size=2, num_classes=2, batch_tokens=64, spellings=8)  # type: ignore[call-arg]
    x = torch.arange(4, 9)[:, None, None].expand(5, 9, 3)  # the token is the rank
    few.splits["test"] = Split(x, torch.tensor([0, 1, 0, 1, 1]), [""] * 5)

    def rank(x: torch.Tensor) -> torch.Tensor:
        p = x[:, 0, 0] / 10
        return torch.stack([1 - p, p], dim=1)

    sides = {"model": rank, "flipped": lambda x: rank(x).flip(1), "same": lambda x: 0 * rank(x)}
    found = task.survey(sides, few)
    # of the six pairs of a negative and a positive, one is in the wrong order
    assert found == pytest.approx({"model/auc": 5 / 6, "flipped/auc": 1 / 6, "same/auc": 0.5})


def test_a_baseline_reads_the_canonical_spelling(data: DataModule) -> None:
    x = data.splits["test"].x[:3]
    assert features([x]).tolist() == features([x[:, :1]]).tolist()
    assert features([pad([encode("CCO"), encode("C")])[:, None]]).tolist() == ["CCO", "C"]


def test_atoms_are_counted_as_they_are_written() -> None:
    baseline = build(compose("baseline=atoms"), "baseline")
    counter = baseline.estimator[0].fit(["Clc1cc[nH]c1C"])
    assert sorted(counter.vocabulary_) == ["C", "Cl", "[nH]", "c"]
    assert counter.transform(["CCl"]).sum() == 2
