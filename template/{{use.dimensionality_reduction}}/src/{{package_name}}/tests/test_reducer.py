"""Reduction: codes that are judged right where the answer is known, and a user's files."""

import csv
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ..atlas import plane
from ..config import CONFIGS, check, compose
from ..datamodule import DataModule
from ..errors import UserError
from ..reducer import MOST, Reduced, Reducer, thin
from ..vectors import vectors
from ..view import SUFFIX, save
from .conftest import run

PACKAGE = __name__.rpartition(".tests.")[0]


def test_the_data_themselves_are_a_perfect_code(task: Reducer, data: DataModule) -> None:
    def itself(x: torch.Tensor) -> Reduced:
        return Reduced(vectors(x), x, vectors(x))

    found = task.survey({"itself": itself}, data)
    assert found["itself/trustworthiness_12"] == pytest.approx(1.0, abs=1e-3)  # some are twins
    assert found["itself/variance_error"] == 0


def test_codes_that_tell_the_class_have_neighbors_of_it(task: Reducer, data: DataModule) -> None:
    def mark(x: torch.Tensor) -> torch.Tensor:  # a number for each example
        flat = vectors(x)
        rng = torch.Generator().manual_seed(0)
        return flat.double() @ torch.randn(flat.shape[1], generator=rng, dtype=torch.float64)

    marks = torch.cat([mark(task.whole(data, name)) for name in data.splits])
    classes = torch.cat([split.y for split in data.splits.values()])

    def told(x: torch.Tensor) -> Reduced:
        y = classes[(mark(x)[:, None] - marks).abs().argmin(dim=1)]
        return Reduced(torch.nn.functional.one_hot(y, len(data.classes)).float(), None, None)

    found = task.survey({"told": told}, data)
    assert found["told/accuracy_5nn"] == pytest.approx(1.0, abs=0.01)
    assert "told/variance_error" not in found


def test_codes_come_in_the_order_of_the_split(task: Reducer, data: DataModule) -> None:
    task.eval()
    with torch.no_grad():
        z, _ = task.codes(task.predict, data, "val")
        for row in (0, 7, len(z) - 1):
            x = task.encode(data.trim(data.splits["val"].x[row, None]))
            assert torch.allclose(z[row], task.network.encode(x)[0], atol=1e-4)


def test_a_map_of_two_numbers_is_the_code_and_of_more_its_main_axes() -> None:
    z = torch.randn(100, 5) * torch.tensor([1.0, 9, 1, 4, 1])
    assert torch.equal(plane(z[:, :2], z[:, :2]), z[:, :2])
    assert plane(z[:, :1], z[:, :1]).shape == (100, 2)
    found = plane(z, z)
    assert found.var(dim=0).sum() > z[:, [1, 3]].var(dim=0).sum() * 0.99


def default() -> str:
    """Name the network that is trained by default."""
    text = (CONFIGS / "train.yaml").read_text()
    return re.search(r"- network: (\w+)", text)[1]  # type: ignore[index]


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "null"])
def test_codes_have_a_number_or_more(number: str) -> None:
    with pytest.raises(UserError, match=r"task.latent=.* 1 or more"):
        check(compose(f"task.latent={number}"))


def test_network_and_objective_must_fit(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Pca has no `decode`"):
        run(tmp_path / "x", "network=pca")
    with pytest.raises(UserError, match="Autoencoder cannot be solved for"):
        run(tmp_path / "x", "objective=pca", f"network={default()}")


def test_predict_writes_codes_and_a_map_and_overwrites_nothing(
    trained: tuple[Path, dict[str, Any]], data: DataModule, task: Reducer, tmp_path: Path
) -> None:
    folder, mine = trained[0], tmp_path / "mine"
    mine.mkdir()
    for number in range(3):
        save(data.splits["test"].x[number], mine / f"{number}{SUFFIX}")
    (mine / f"broken{SUFFIX}").touch()
    checkpoint = folder / "checkpoints" / "best.ckpt"
    words = [f"ckpt_path={checkpoint}", f"input={mine}", f"output={tmp_path / 'out'}"]
    command = [sys.executable, "-m", f"{PACKAGE}.predict", *words]
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == 2  # one file could not be read; the others were done
    assert first.stderr.count("\n") == 1 and "broken" in first.stderr
    with (tmp_path / "out" / "codes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["source"] for row in rows}) == len(rows) == 3
    assert all(torch.tensor(float(row["z1"])).isfinite() for row in rows)
    before = (tmp_path / "out" / "codes.csv").read_bytes()
    assert (tmp_path / "out" / "map.png").stat().st_size > 0
    with pytest.raises(UserError, match="nothing is overwritten"):
        list(task.answer(data, str(mine), tmp_path / "out"))
    assert (tmp_path / "out" / "codes.csv").read_bytes() == before


def test_distances_of_many_are_those_of_some() -> None:
    assert thin(torch.arange(7)).tolist() == list(range(7))
    rows = thin(torch.arange(5 * MOST))
    assert len(rows) == MOST
    assert (rows[0], rows[-1]) == (0, 5 * MOST - 1)
    assert 4 <= rows.diff().min() <= rows.diff().max() <= 6
