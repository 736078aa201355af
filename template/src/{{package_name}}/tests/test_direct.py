"""The straight step and Lightning's own give the same run, bit for bit."""

from pathlib import Path

import pytest
import torch
from pytorch_lightning import Callback, Trainer

from ..task import Task
from ..training import direct
from .conftest import STEPS, run


class Watch(Callback):
    """Wants to see the gradients, so that Lightning takes its own step."""

    seen = 0

    def on_after_backward(self, *args: object) -> None:
        Watch.seen += 1


def test_both_ways_are_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: tuple[Path, dict]
) -> None:
    straight = 0
    step = direct.DirectLoop.step

    def count(*args: object) -> torch.Tensor:
        nonlocal straight
        straight += 1
        return step(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(direct.DirectLoop, "step", count)
    run(tmp_path / "straight", "test=false")
    assert straight == STEPS
    run(tmp_path / "around", "test=false", f"+callbacks.watch._target_={__name__}.Watch")
    assert (straight, Watch.seen) == (STEPS, STEPS)
    one, two = (
        torch.load(tmp_path / name / "checkpoints" / "last.ckpt", weights_only=True)
        for name in ("straight", "around")
    )
    for name, weight in one["state_dict"].items():
        assert torch.equal(weight, two["state_dict"][name]), name
    assert one["global_step"] == two["global_step"] == STEPS
    assert one["loops"]["fit_loop"] == two["loops"]["fit_loop"]
    curves = [(tmp_path / n / "metrics.csv").read_text() for n in ("straight", "around")]
    assert curves[0] == curves[1]


@pytest.mark.parametrize(
    "setting", [{"accumulate_grad_batches": 2}, {"precision": "bf16-mixed"}, {"profiler": "simple"}]
)
def test_what_is_not_plain_goes_lightnings_way(setting: dict, task: Task) -> None:
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, **setting)
    assert not direct.is_plain(trainer, task)


def test_the_default_is_plain(task: Task) -> None:
    trainer = Trainer(accelerator="cpu", devices=1, logger=False, enable_checkpointing=False)
    assert direct.is_plain(trainer, task)
