"""A run from end to end, with the real data and the real network, for a few steps."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ..config import compose
from ..datamodule import DataModule
from ..errors import UserError
from ..task import Task, fraction
from ..training import checkpoint, experiment
from ..training.schedule import parameter_groups, warmup_cosine
from .conftest import SMALL, STEPS, batch_of, run, training_of

Trained = tuple[Path, dict[str, Any]]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["state_dict"]


def test_a_run_leaves_what_it_promises(trained: Trained) -> None:
    folder, scores = trained
    for name in (
        "config.yaml",
        "environment.json",
        "metrics.csv",
        "report.md",
        "results.json",
        "curves.png",
    ):
        assert (folder / name).stat().st_size > 0, name
    assert {p.name for p in (folder / "checkpoints").iterdir()} == {"best.ckpt", "last.ckpt"}
    assert json.loads((folder / "results.json").read_text())["scores"] == scores
    with (folder / "metrics.csv").open(newline="") as file:
        assert sum(bool(line["train/loss"]) for line in csv.DictReader(file)) == STEPS


def test_checkpoint_holds_plain_numbers_and_its_config(trained: Trained) -> None:
    content = torch.load(trained[0] / "checkpoints" / "best.ckpt", weights_only=True)
    assert content["config"]["run_dir"] == str(trained[0])
    assert content["global_step"] == STEPS


def test_the_same_seed_gives_the_same_run(trained: Trained, tmp_path: Path) -> None:
    run(tmp_path / "again", "test=false")
    one, two = (weights(f / "checkpoints" / "last.ckpt") for f in (trained[0], tmp_path / "again"))
    assert all(torch.equal(one[k], two[k]) for k in one)
    curves = [training_of(folder) for folder in (trained[0], tmp_path / "again")]
    assert curves[0] == curves[1]


def test_another_seed_gives_another_run(trained: Trained, tmp_path: Path) -> None:
    run(tmp_path / "other", "seed=1", "test=false")
    one, two = (weights(f / "checkpoints" / "last.ckpt") for f in (trained[0], tmp_path / "other"))
    assert not all(torch.equal(one[k], two[k]) for k in one)


def test_evaluate_reproduces_the_test_from_the_checkpoint_alone(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, curves = trained[0] / "checkpoints" / "best.ckpt", trained[0] / "metrics.csv"
    before = curves.read_text()
    assert experiment.evaluate(str(path), str(tmp_path / "evaluated"), []) == trained[1]
    assert curves.read_text() == before
    assert (tmp_path / "evaluated" / "report.md").exists()


def test_steps_that_end_inside_an_epoch_leave_their_weights(
    task: Task, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(task), "survey", lambda *args: {})  # takes longer than all the rest
    monkeypatch.setattr(type(task), "report", lambda *args: [])
    few = (word for word in SMALL if "train_batches" not in word)
    experiment.train(compose(*few, f"run_dir={tmp_path / 'x'}"))
    assert "checkpoints/last.ckpt" in capfd.readouterr().out
    content = checkpoint.read(str(tmp_path / "x" / "checkpoints" / "last.ckpt"))
    assert content["global_step"] == STEPS


def test_weights_of_another_network_are_refused(trained: Trained, tmp_path: Path) -> None:
    path = trained[0] / "checkpoints" / "best.ckpt"
    with pytest.raises(UserError, match=r"best.ckpt does not fit this network"):
        run(tmp_path / "x", "train=false", f"ckpt_path={path}", "size=small")


def test_a_used_folder_is_refused(trained: Trained) -> None:
    before = {p: p.stat().st_mtime_ns for p in trained[0].rglob("*")}
    with pytest.raises(UserError, match="holds a run already"):
        run(trained[0])
    assert before == {p: p.stat().st_mtime_ns for p in trained[0].rglob("*")}


def test_a_metric_that_nobody_logs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"monitor=val/los.*val/loss"):
        run(tmp_path / "x", "callbacks.checkpoint.monitor=val/los")
    assert not (tmp_path / "x").exists()


def test_a_wrong_number_of_classes_is_refused(data: DataModule, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"data.num_classes=77 .* {len(data.classes)}"):
        run(tmp_path / "x", "data.num_classes=77")


@pytest.mark.parametrize("kind", ["missing", "folder", "truncated", "text", "foreign", "other"])
def test_what_is_no_checkpoint_is_refused(kind: str, trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "x.ckpt"
    if kind == "folder":
        path.mkdir()
    elif kind == "truncated":
        path.write_bytes((trained[0] / "checkpoints" / "best.ckpt").read_bytes()[:-4000])
    elif kind == "text":
        path.write_text("weights")
    elif kind == "foreign":
        torch.save({"state_dict": {}}, path)
    elif kind == "other":  # project's
        content = torch.load(trained[0] / "checkpoints" / "best.ckpt", weights_only=True)
        content["config"]["task"]["_target_"] = "another.classifier.Classifier"
        torch.save(content, path)
    with pytest.raises(UserError, match="ckpt_path="):
        checkpoint.read(str(path))


def test_scores_do_not_depend_on_the_batch_size(task: Task, data: DataModule) -> None:
    task.eval()
    found = []
    for size in (7, 14):
        totals: dict[str, torch.Tensor] = {}
        for rows in torch.arange(28).split(size):
            batch = batch_of(data, rows.tolist())
            with torch.no_grad():
                for name, score in task.scores(task.predict, batch).items():
                    top, bottom = fraction(score)
                    totals[name] = totals.get(name, torch.zeros(2)) + torch.stack(
                        [top.sum(), bottom.sum()]
                    )
        found.append({name: (pair[0] / pair[1]).item() for name, pair in totals.items()})
    assert found[0] == pytest.approx(found[1], abs=1e-4)


def test_losses_are_one_number_per_example(task: Task, data: DataModule) -> None:
    batch = batch_of(data, [*range(7)])
    assert task.eval().losses(batch).shape == (7,)


def test_only_matrices_are_decayed() -> None:
    groups = parameter_groups(torch.nn.Linear(3, 2))
    assert [len(g["params"]) for g in groups] == [1, 1]
    assert groups[1]["weight_decay"] == 0


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    factor = warmup_cosine(10, 100)
    assert factor(0) < factor(5) < factor(10) == 1.0
    assert factor(55) == pytest.approx(0.5)
    assert factor(100) == pytest.approx(0.0)
