"""What one sees of a run: a live bar on a terminal, one plain line per epoch elsewhere."""

import sys
import time
from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class EpochProgress(Callback):
    """Show epoch, step, loss and the monitored scores.

    Args:
        refresh_s: seconds between two redraws of the bar.
    """

    def __init__(self, refresh_s: float = 0.2) -> None:
        self.refresh_s, self.live = refresh_s, sys.stdout.isatty()
        self.bar: Progress | None = None
        self.row, self.last, self.start, self.note = TaskID(0), 0.0, 0.0, ""
        self.first = 0  # step that training started from

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: D102
        self.start, self.first = time.monotonic(), trainer.global_step
        if not (self.live and trainer.is_global_zero):
            return
        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:.0f}/{task.total:.0f} steps"),
            TimeElapsedColumn(),
            TextColumn("eta"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(),
            auto_refresh=False,
        )
        total = trainer.estimated_stepping_batches
        self.row = self.bar.add_task(
            "", total=total, completed=trainer.global_step, epoch="", note=""
        )
        self.bar.start()

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:  # noqa: D102
        if self.bar is None or time.monotonic() - self.last < self.refresh_s:
            return
        self.last = time.monotonic()
        self.draw(trainer)

    def draw(self, trainer: Trainer) -> None:
        """Redraw the bar."""
        if self.bar is not None:
            self.bar.update(
                self.row, completed=trainer.global_step, epoch=self.epoch(trainer), note=self.note
            )
            self.bar.refresh()

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: D102
        shown = {
            k: v
            for k, v in trainer.callback_metrics.items()
            if k.startswith(("train/loss", "val/"))
        }
        self.note = "  ".join(f"{name} {float(value):.4g}" for name, value in shown.items())
        self.draw(trainer)
        if not self.live and trainer.is_global_zero and trainer.global_step > self.first:
            spent = time.monotonic() - self.start
            steps, done = trainer.estimated_stepping_batches, trainer.global_step
            eta = (
                f"  eta {spent * (steps - done) / (done - self.first):.0f} s"
                if done < steps < float("inf")
                else ""
            )
            print(f"epoch {self.epoch(trainer)}  {self.note}  {spent:.0f} s{eta}", flush=True)

    def epoch(self, trainer: Trainer) -> str:
        """Say which epoch this is: "3/10", or "3" where there is no limit."""
        most = trainer.max_epochs
        return f"{trainer.current_epoch + 1}" + (f"/{most}" if most and most > 0 else "")

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:  # noqa: D102
        self.close()

    def on_exception(self, *args: Any) -> None:  # noqa: D102
        self.close()
