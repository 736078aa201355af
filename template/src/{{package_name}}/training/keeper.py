"""What a run keeps while it trains, so that it can be gone on with whatever ends it.

`last.ckpt` is written after whole steps only, with what follows a step (validation, curves) behind
it: whoever goes on from it does what the run would have done. `previous.ckpt` is the one before. A
signal is answered at the end of its step, on all ranks at once.
"""

import csv
import math
import os
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.loggers import CSVLogger
from pytorch_lightning.plugins.io.wrapper import _WrappingCheckpointIO
from pytorch_lightning.utilities import move_data_to_device
from rich.console import Console

from ..errors import UserError
from .runs import same_command

PART = ".part"  # ends the name of a file that is being written
# by signal: how much it asks for; ranks agree on the most
SAVE, REQUEUE, TERMINATE, INTERRUPT = 1, 2, 3, 4
SOONEST_S = 1.0  # between two checkpoints at the ends of epochs, which may be short


class Atomic(_WrappingCheckpointIO):
    """Write a checkpoint whole or not at all.

    Lightning's own passes through the folder for temporary files. Where that is another file
    system than the run's, as it is on many clusters, the last move is a copy, and a process that
    dies in it leaves half a file.
    """

    def save_checkpoint(  # noqa: D102
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        path = Path(path)
        part = path.with_name(path.name + PART)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                torch.save(move_data_to_device(checkpoint, torch.device("cpu")), file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        except (OSError, RuntimeError) as error:  # torch hides the former in the latter
            cause = reason(error)
            try:
                part.unlink(missing_ok=True)
            except OSError:
                pass  # as unwritable as the file
            raise UserError(
                f"{path} could not be written ({cause}): what was saved before it is whole; make "
                "room, then go on by resume=auto"
            ) from None


def reason(error: BaseException | None) -> str:
    """Return what the system said, which may lie behind what torch made of it."""
    first = str(error).split("\n")[0][:100]
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        error = error.__cause__ or error.__context__
    return first


def sync_folder(folder: Path) -> None:
    """Make names that were given in a folder outlast a loss of power."""
    if os.name != "posix":
        return  # a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Keeper(Callback):
    """Keep `last.ckpt`, and `previous.ckpt` before it.

    Args:
        folder: of the checkpoints.
        every_s: seconds between two checkpoints inside an epoch; there is one at the end of each.
    """

    def __init__(self, folder: str, every_s: float) -> None:
        self.path, self.every_s = Path(folder, "last.ckpt"), every_s
        self.asked = 0  # for what, by a signal
        self.written, self.step = time.monotonic(), 0
        self.whole = False  # last.ckpt is known to be: only then it may become previous.ckpt

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Listen to signals in place of Lightning, which answers some in the middle of a step."""
        self.written, self.step = time.monotonic(), trainer.global_step
        self.whole = str(trainer.ckpt_path) == str(self.path)
        if threading.current_thread() is not threading.main_thread():
            return
        signal.signal(signal.SIGINT, self.listen)
        signal.signal(signal.SIGTERM, self.listen)
        if hasattr(signal, "SIGUSR1"):  # not on Windows
            signal.signal(signal.SIGUSR1, self.listen)

    def listen(self, number: int, frame: FrameType | None) -> None:
        """Note what a signal asks for; the second of its kind ends the process at once."""
        if number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)
            self.asked = INTERRUPT
        elif number == signal.SIGTERM:
            signal.signal(number, signal.SIG_DFL)
            self.asked = max(self.asked, TERMINATE)
        else:
            requeue = SLURMEnvironment.detect() and "SLURM_JOB_ID" in os.environ
            self.asked = max(self.asked, REQUEUE if requeue else SAVE)

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Refuse to go on once the loss is no number, wherever it is logged."""
        if trainer.global_step % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            loss = float(trainer.callback_metrics.get("train/loss", 0.0))
            if not math.isfinite(loss):
                self.refuse(trainer, f"train/loss is {loss}")

    def on_save_checkpoint(  # noqa: D102
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        names, weights = zip(*pl_module.named_parameters(), strict=True)
        finite = torch.stack([weight.isfinite().all() for weight in weights])
        for name, is_finite in zip(names, finite.tolist(), strict=True):  # a GPU is waited for once
            if not is_finite:
                self.refuse(trainer, f"{name} is no longer finite")

    def refuse(self, trainer: Trainer, what: str) -> None:
        """End a run whose weights are lost, and say which are not."""
        kept = f"{self.path} still holds step {self.step}" if self.whole else "nothing was saved"
        raise UserError(
            f"{what} at step {trainer.global_step}: {kept}; lower optimizer.lr, or find the "
            "operation that did it by debug=default"
        )

    def after_step(self, trainer: Trainer, *, ended: bool, final: bool) -> None:
        """Save if it is time or was asked for, then do what a signal asks for.

        Args:
            trainer: whose step it was.
            ended: the epoch's last step.
            final: the run's.
        """
        waited = time.monotonic() - self.written
        due = waited >= self.every_s or (ended and waited >= SOONEST_S) or final
        asked = max(self.asked, SAVE if due else 0)
        if trainer.world_size > 1:
            own = torch.tensor(asked, device=trainer.strategy.root_device)
            asked = int(trainer.strategy.reduce(own, reduce_op="max"))  # type: ignore[arg-type]
        if asked:
            # what is solved for at the end of an epoch cannot be gone on with inside it
            if trainer.lightning_module.automatic_optimization or ended:
                self.save(trainer)
            self.asked = 0
        if asked > SAVE and not final:
            self.stop(trainer, asked)

    def save(self, trainer: Trainer) -> None:
        """Write last.ckpt, after the curves up to it; what it was becomes previous.ckpt."""
        for logger in trainer.loggers:
            logger.save()
        if trainer.is_global_zero and self.whole:
            before, link = self.path.with_stem("previous"), self.path.with_name("previous" + PART)
            link.unlink(missing_ok=True)
            try:
                os.link(self.path, link)
                link.replace(before)
            except OSError:  # a file system without links: for a moment only the previous is there
                self.path.replace(before)
        trainer.save_checkpoint(self.path)
        self.written, self.step, self.whole = time.monotonic(), trainer.global_step, True

    def stop(self, trainer: Trainer, asked: int) -> None:
        """Leave, and say how to go on."""
        if trainer.is_global_zero:
            self.tell(trainer, "stopped")
            if asked == REQUEUE:
                job, array = os.environ["SLURM_JOB_ID"], os.environ.get("SLURM_ARRAY_JOB_ID")
                job = f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}" if array else job
                subprocess.run(["scontrol", "requeue", job], check=False)
        trainer.strategy.barrier()  # the first that leaves may take the others with it
        # as a shell says that a signal ended a process
        signals = {INTERRUPT: "SIGINT", TERMINATE: "SIGTERM", REQUEUE: "SIGUSR1"}
        raise SystemExit(128 + signal.Signals[signals[asked]])

    def tell(self, trainer: Trainer, what: str) -> None:
        """Say in one line what there is to go on with, and how."""
        again = shlex.join(same_command(Path(trainer.default_root_dir)))
        kept = f"step {self.step} is saved" if self.whole else "nothing is saved yet"
        if self.whole and self.step == trainer.global_step:
            kept = "which is saved"
        line = f"{what} at step {trainer.global_step}, {kept}; go on by: {again}"
        Console().print(line, highlight=False, soft_wrap=True, markup=False)

    def on_exception(  # noqa: D102
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        if isinstance(exception, KeyboardInterrupt) and trainer.is_global_zero:
            self.tell(trainer, "interrupted")


def keep_curves(trainer: Trainer, folder: Path, step: int) -> None:
    """Let metrics.csv of a run that is gone on with go on, too: its logger would delete the file.

    Args:
        trainer: with its loggers, none of which has written yet.
        folder: the run's.
        step: that the run goes on from; what was logged after it will be logged again.
    """
    path, kept = folder / "metrics.csv", folder / "metrics-kept.csv"
    if not kept.exists():  # else the last attempt ended in here
        if not path.exists():
            return
        path.rename(kept)
    text = kept.read_text(encoding="utf-8")
    lines = text[: text.rfind("\n") + 1].splitlines()  # the last may be half a line
    rows = [row for row in csv.DictReader(lines) if int(row["step"]) < step]
    for logger in trainer.loggers:
        if isinstance(logger, CSVLogger) and Path(logger.log_dir) == folder:
            logger.experiment.metrics = [{k: v for k, v in row.items() if v} for row in rows]  # type: ignore[misc]
            logger.experiment.save()
    kept.unlink()
