"""The straight step and Lightning's own give the same run, bit for bit."""

from pathlib import Path

import pytest
import torch
from pytorch_lightning import Callback, Trainer

from ..task import Task
from ..training import direct
from ..training.experiment import make_trainer
from .conftest import STEPS, configured, run, training_of


class Watch(Callback):
    """Wants to see the gradients, so that Lightning takes its own step."""

    seen = 0

    def on_after_backward(self, *args: object) -> None:
        Watch.seen += 1


def test_both_ways_are_the_same_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: tuple[Path, dict]
) -> None:
    straight, around = trained[0], tmp_path / "around"
    monkeypatch.delattr(direct.DirectLoop, "step")  # nobody takes it here
    run(around, "test=false", f"+callbacks.watch._target_={__name__}.Watch")
    assert Watch.seen == STEPS
    one, two = (
        torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
        for folder in (straight, around)
    )
    for name, weight in one["state_dict"].items():
        assert torch.equal(weight, two["state_dict"][name]), name
    assert one["global_step"] == two["global_step"] == STEPS
    assert one["loops"]["fit_loop"] == two["loops"]["fit_loop"]
    assert training_of(straight) == training_of(around)


@pytest.mark.parametrize(
    "setting", [{"accumulate_grad_batches": 2}, {"precision": "bf16-mixed"}, {"profiler": "simple"}]
)
def test_what_is_not_plain_goes_lightnings_way(setting: dict, task: Task) -> None:
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, **setting)
    assert not direct.is_plain(trainer, task)


def test_the_default_is_plain(task: Task, tmp_path: Path) -> None:
    trainer = make_trainer(configured(f"run_dir={tmp_path}"), {})
    assert isinstance(trainer.fit_loop.epoch_loop, direct.DirectLoop)
    assert direct.is_plain(trainer, task)
