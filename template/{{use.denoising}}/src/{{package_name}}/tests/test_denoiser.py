"""Denoising: noise that is a function of its seed, a perfect guess, and a restored file."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ..datamodule import DataModule
from ..denoiser import Denoiser
from ..errors import UserError
from ..ranking import WORST
from ..task import fraction
from ..view import SUFFIX
from .conftest import batch_of

PACKAGE = __name__.rpartition(".tests.")[0]


def test_noise_is_a_function_of_its_generator(task: Denoiser, data: DataModule) -> None:
    x = batch_of(data, [*range(7)]).x
    for kind in task.noise.values():
        before = x.clone()
        one, two, other = (kind(x, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
        assert one.shape == x.shape
        assert torch.equal(one, two)
        assert not torch.equal(one, other)
        assert torch.equal(x, before)


def test_the_noise_of_an_example_does_not_depend_on_its_batch(
    task: Denoiser, data: DataModule
) -> None:
    task.eval()
    both, second = batch_of(data, [3, 5]), batch_of(data, [5])
    for name in task.noise:
        width = second.x.shape[-1]
        assert torch.equal(task.observe(both, name)[1][..., :width], task.observe(second, name)[0])


def test_the_truth_scores_better_than_the_noise(task: Denoiser, data: DataModule) -> None:
    task.eval()
    batch = batch_of(data, [*range(8)])
    for name, truth in task.judge(batch.x, batch).items():
        noisy = task.judge(task.inputs(batch), batch)[name]
        one, other = (top.sum() / bottom.sum() for top, bottom in map(fraction, (truth, noisy)))
        assert (one < other) if name.endswith("error") else (one > other)


def test_validation_scores_as_the_test_does(task: Denoiser, data: DataModule) -> None:
    task.eval()
    batch = batch_of(data, [*range(4)])
    with torch.no_grad():
        task.validation_step(batch, 0)
        expected = task.scores(task.predict, batch)
        loss = float(task.losses(batch).sum())
    for name, score in expected.items():
        found = [float(part.sum()) for part in fraction(score)]
        assert [float(part) for part in task.totals[f"val/{name}"]] == pytest.approx(found)
    if len(task.noise) == 1:
        assert float(task.totals["val/loss"][0]) == pytest.approx(loss, rel=1e-4)


def test_the_worst_of_a_test_are_kept(task: Denoiser, data: DataModule) -> None:
    task.eval()
    task.on_test_start()
    scored = []
    for rows in ([*range(6)], [*range(6, 12)]):
        batch = batch_of(data, rows)
        with torch.no_grad():
            task.scores(task.predict, batch)
            task.scores(lambda x: x, batch)  # a reference is not the model
            for name in task.noise:
                judged = task.judge(task.predict(task.observe(batch, name)), batch)
                metric, score = next(iter(judged.items()))
                top, bottom = fraction(score)
                sign = -1 if metric.endswith("error") else 1
                for value, row in zip((top / bottom).tolist(), rows, strict=True):
                    label = f"{name}\n{metric} {value:.3g}"
                    scored.append((sign * value, row, name, label))
    assert task.rated == sorted(scored)[:WORST]


def test_predict_restores_a_file_and_overwrites_nothing(
    trained: tuple[Path, dict[str, Any]], data: DataModule, task: Denoiser, tmp_path: Path
) -> None:
    folder = trained[0]
    checkpoint, sample = folder / "checkpoints" / "best.ckpt", folder / f"sample-noisy{SUFFIX}"
    words = [f"ckpt_path={checkpoint}", f"input={sample}", f"output={tmp_path / 'out'}"]
    command = [sys.executable, "-m", f"{PACKAGE}.predict", *words]
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    (written,) = (tmp_path / "out").iterdir()
    before = written.read_bytes()
    with pytest.raises(UserError, match="nothing is overwritten"):
        list(task.answer(data, str(sample), tmp_path / "out"))
    assert written.read_bytes() == before


def test_noise_of_the_data_is_taken_as_it_is(task: Denoiser, data: DataModule) -> None:
    noisy = {name: split._replace(y=split.x.flip(0)) for name, split in data.splits.items()}
    own = copy.copy(data)
    own.splits = noisy
    task.check(own)
    batch = batch_of(own, [3, 5, 6])
    assert list(task.noise) == ["own"]
    for x_noisy in (task.observe(batch, "own"), task.inputs(batch)):
        assert torch.equal(x_noisy, batch.y)
    assert torch.equal(task.made_noisy(noisy["val"], task.generator), noisy["val"].y)
    varied = task.vary(batch._replace(y=batch.x), own.augment)
    assert torch.equal(varied.x, varied.y), "what is clean and what is noisy move together"
    own.splits = noisy | {"test": data.splits["test"]}
    with pytest.raises(UserError, match="in some splits only"):
        task.check(own)
