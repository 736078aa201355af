"""How fast a project trains, and in how much memory of its device: a callback inside of it."""

import json
import time
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer


class Meter(Callback):
    """Measure the steps after the first ones, in which a GPU warms up and code is compiled.

    Args:
        path: of a JSON file: "samples_per_s", "step_ms", "peak_mb" (of the device's memory, as
            torch has handed it out; null on a CPU), "device".
        after: steps that do not count.
    """

    def __init__(self, path: str, after: int) -> None:
        self.path, self.after = Path(path), after
        self.samples, self.began = 0, 0.0

    def on_train_batch_end(
        self, trainer: Trainer, task: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count; begin to when the first steps are over."""
        if trainer.global_step == self.after:
            self.wait(task.device)
            if task.device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(task.device)
            self.samples, self.began = 0, time.monotonic()
        elif trainer.global_step > self.after:
            self.samples += len(batch.index)

    def on_train_end(self, trainer: Trainer, task: LightningModule) -> None:
        """Write the file."""
        self.wait(task.device)
        spent, cuda = time.monotonic() - self.began, task.device.type == "cuda"
        found = {
            "samples_per_s": self.samples / spent,
            "step_ms": 1e3 * spent / (trainer.global_step - self.after),
            "peak_mb": torch.cuda.max_memory_allocated(task.device) / 2**20 if cuda else None,
            "device": torch.cuda.get_device_name(task.device) if cuda else "CPU",
        }
        self.path.write_text(json.dumps(found))

    def wait(self, device: torch.device) -> None:
        """Wait until the device has done what it was told."""
        if device.type == "cuda":
            torch.cuda.synchronize(device)
