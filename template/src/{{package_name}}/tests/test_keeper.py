"""A run that is ended by anything goes on as if nothing had been."""

import errno
import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from ..errors import UserError
from ..training import checkpoint
from ..training.keeper import Atomic
from .conftest import STEPS, run, training_of


class Signal(Callback):
    """Sends this process a signal in the middle of a step."""

    def __init__(self, number: int, step: int) -> None:
        self.number, self.step = number, step

    def on_train_batch_start(self, trainer: Trainer, *args: object) -> None:
        if trainer.global_step == self.step - 1:
            signal.raise_signal(self.number)


class Poison(Callback):
    """Makes a weight no number before the second step."""

    def on_train_batch_start(self, trainer: Trainer, task: LightningModule, *args: object) -> None:
        if trainer.global_step == 1:
            next(p for p in task.parameters() if p.requires_grad).data.fill_(torch.nan)


def signalled(number: int, step: int) -> tuple[str, ...]:
    block = f"+callbacks.signal={{_target_: {__name__}.Signal, number: {number}, step: {step}}}"
    return (block, "test=false")


def test_what_is_gone_on_with_is_the_same_run(
    trained: tuple[Path, dict], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(SystemExit) as left:  # nothing to go on from is a new run
        run(folder, *signalled(signal.SIGTERM, 2), "resume=auto")
    assert left.value.code == 128 + signal.SIGTERM
    assert "stopped at step 2, which is saved; go on by:" in capfd.readouterr().out
    run(folder, "test=false", "resume=auto")
    assert "going on from step 2 " in capfd.readouterr().out
    one, two = (
        torch.load(f / "checkpoints" / "last.ckpt", weights_only=True) for f in (trained[0], folder)
    )
    for name, weight in one["state_dict"].items():
        assert torch.equal(weight, two["state_dict"][name]), name
    assert one["loops"] == two["loops"]
    assert training_of(trained[0]) == training_of(folder)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that was told to save after its second step."""
    folder = tmp_path_factory.mktemp("saved") / "run"
    run(folder, "test=false", *signalled(signal.SIGUSR1, 2))
    return folder


def test_a_signal_to_save_saves_and_training_goes_on(saved: Path) -> None:
    steps = [
        torch.load(saved / "checkpoints" / name, weights_only=True)["global_step"]
        for name in ("previous.ckpt", "last.ckpt")
    ]
    assert steps == [2, STEPS]


def test_the_one_before_is_taken_where_the_last_is_damaged(
    saved: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(saved, tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    damaged = bytearray(last.read_bytes())
    damaged[len(damaged) // 2] ^= 1  # one bit
    last.write_bytes(damaged)
    with pytest.raises(UserError, match=r"last.ckpt is no readable checkpoint.*is damaged"):
        checkpoint.read(str(last))
    capfd.readouterr()
    run(tmp_path / "run", "test=false", "resume=auto")
    assert "going on from previous.ckpt instead" in capfd.readouterr().out
    assert checkpoint.read(str(last))["global_step"] == STEPS
    before = checkpoint.read(str(last.with_stem("previous")))
    assert before["global_step"] == 2, "a damaged file takes no other's place"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.ckpt"
    Atomic().save_checkpoint({"step": 1}, path)

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"x.ckpt could not be written \(No space left on device"):
        Atomic().save_checkpoint({"step": 2}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.ckpt"]


def test_weights_that_are_no_numbers_are_never_saved(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(UserError, match=r"at step 2: .*last.ckpt still holds step 1; lower"):
        poison = f"+callbacks.poison._target_={__name__}.Poison"
        run(folder, poison, "test=false", "callbacks.last.every_s=0")
    state = checkpoint.read(str(folder / "checkpoints" / "last.ckpt"))["state_dict"]
    assert all(weight.isfinite().all() for weight in state.values())


def test_going_on_by_itself_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="resume=auto needs the folder"):
        run(tmp_path / "run", "run_dir=null", "resume=auto")
