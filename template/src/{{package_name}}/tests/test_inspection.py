"""What inspect sees: planted faults of data and network are named, sound ones are not."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from ..config import compose
from ..datamodule import Batch, DataModule, Split
from ..inspection import inspect
from ..reports import overview, probe
from ..task import Task


def test_it_shows_the_data_and_the_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suspicious = inspect(compose(f"run_dir={tmp_path / 'look'}"))
    assert suspicious == [], "a project is sound as it is made"
    said = capsys.readouterr().out
    assert "nothing is suspicious" in said
    text = (tmp_path / "look" / "inspection.txt").read_text(encoding="utf-8")
    assert all(word in text for word in ("train", "val", "test", "gradient std"))
    assert (tmp_path / "look" / "contact-sheet.png").stat().st_size > 1000
    assert len(list((tmp_path / "look").glob("odd-*"))) == overview.ODD


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


class Toy(Task):
    """Squares of what the network gives."""

    network: nn.Sequential

    def losses(self, batch: Batch) -> Tensor:
        return self.network(batch.x).square().mean(dim=1)


class Unused(nn.Module):
    """Has a weight that nothing depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    def forward(self, x: Tensor) -> Tensor:
        return x


def toy(*layers: nn.Module) -> tuple[Toy, Batch]:
    task = Toy(
        network=nn.Sequential(*layers), optimizer=partial(torch.optim.SGD, lr=0.1), warmup=0.0
    )
    return task, Batch(torch.randn(16, 4), torch.zeros(16), torch.arange(16))


def first_layer() -> nn.Linear:
    """A layer whose units are all alive: without a bias, half of what comes wakes each of them."""
    first = nn.Linear(4, 8)
    nn.init.zeros_(first.bias)
    return first


def problems(task: Toy, batch: Batch) -> list[str]:
    seen = probe.look(task, batch)
    found = [f"{name}: {text}" for name, s in seen.sights.items() for text in s.problems()]
    return found + [f"{name}: unreached" for name in seen.unreached or []]


def test_a_sound_network_is_not_suspicious() -> None:
    assert problems(*toy(first_layer(), nn.ReLU(), nn.Linear(8, 3))) == []


def test_numbers_of_an_output_are_right() -> None:
    task, batch = toy(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    expected = task.network[1](task.network[0](batch.x))
    sight = probe.look(task, batch).sights["1"]
    assert sight.shape == (16, 8)
    assert sight.output is not None
    assert sight.gradient is not None
    assert sight.output.mean == pytest.approx(expected.mean().item())
    assert sight.output.std == pytest.approx(expected.std(correction=0).item())
    assert sight.output.zeros == pytest.approx((expected == 0).float().mean().item())
    assert sight.gradient.std > 0


def test_a_layer_that_starts_at_zero_is_passed_after_a_step() -> None:
    last = nn.Linear(8, 3)
    nn.init.zeros_(last.weight)
    seen = probe.look(*toy(nn.Linear(4, 8), nn.Tanh(), last))
    assert seen.steps == 1
    assert seen.unreached == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("cut", "0.weight: unreached"),
        ("unused", "3.weight: unreached"),
        ("dead", "1: 2 of 8 units are 0"),
        ("nan", "0: 128 values of its output are NaN"),
        ("large", "0: its output spreads by"),
    ],
)
def test_a_planted_fault_is_named(fault: str, message: str) -> None:
    first, middle = first_layer(), nn.ReLU()
    layers: list[nn.Module] = [first, middle, nn.Linear(8, 3)]
    with torch.no_grad():
        if fault == "cut":
            middle.register_forward_hook(lambda module, given, output: output.detach())
        elif fault == "unused":
            layers.append(Unused())
        elif fault == "dead":
            first.weight[:2], first.bias[:2] = 0.01, -1e3
        elif fault == "nan":
            first.weight.fill_(torch.nan)
        else:
            first.weight.mul_(1e3)
    found = problems(*toy(*layers))
    assert any(line.startswith(message) for line in found), found


class Made(DataModule):
    """Splits that a test makes."""

    classes = ("a", "b")

    def __init__(self, splits: dict[str, Split]) -> None:
        super().__init__(batch_size=4, num_classes=2)
        self.splits = splits


def made() -> dict[str, Split]:
    rng = torch.Generator().manual_seed(0)
    return {
        name: Split(
            torch.randn(num, 6, generator=rng),
            torch.arange(num) % 2,
            [f"{name}-{row}" for row in range(num)],
        )
        for name, num in (("train", 40), ("val", 10), ("test", 10))
    }


def test_sound_data_are_not_suspicious() -> None:
    assert overview.problems(Made(made())) == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("copy", "1 examples are in train and in test"),
        ("group", "1 groups are in train and in val (train-3)"),
        ("nan", "val: 1 examples with values that are NaN"),
        ("constant", "test: 1 examples that are one value"),
        ("missing", "val: no example of b"),
        ("rare", "train: the largest class has 39 times"),
    ],
)
def test_planted_faults_of_data_are_named(fault: str, message: str) -> None:
    splits = made()
    if fault == "copy":
        splits["test"].x[2] = splits["train"].x[5]
    elif fault == "group":
        splits["val"].groups[0] = "train-3"
    elif fault == "nan":
        splits["val"].x[0, 0] = torch.nan
    elif fault == "constant":
        splits["test"].x[1] = 0.5
    elif fault == "missing":
        splits["val"].y[:] = 0
    else:
        splits["train"].y[:] = 0
        splits["train"].y[7] = 1
    assert any(line.startswith(message) for line in overview.problems(Made(splits)))


def test_odd_examples_are_found() -> None:
    splits = made()
    splits["val"].x[4] += 9.0
    splits["train"].x[8] *= 20.0
    assert {(o.split, o.row) for o in overview.odd(splits)[:2]} == {("val", 4), ("train", 8)}
    tokens = {name: split._replace(x=(split.x > 0).long() + 1) for name, split in splits.items()}
    tokens["test"].x[3] = 7
    assert ("test", 3) in {(o.split, o.row) for o in overview.odd(tokens)}
