"""What a test wants to know of each rank: a callback that runs inside of a project."""

import hashlib
import time
from pathlib import Path
from typing import Any

from pytorch_lightning import Callback, LightningModule, Trainer


class Fingerprint(Callback):
    """Leave a digest of the trained parameters in `folder`, in a file for each rank."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def on_train_end(self, trainer: Trainer, task: LightningModule) -> None:
        """Write the digest."""
        digest = hashlib.sha256()
        for parameter in task.parameters():  # buffers are a rank's own
            digest.update(parameter.detach().cpu().numpy().tobytes())
        self.folder.mkdir(exist_ok=True)
        (self.folder / str(trainer.global_rank)).write_text(digest.hexdigest())


class Slow(Callback):
    """Wait after each batch, so that a test meets a small run in the middle."""

    def __init__(self, s: float) -> None:
        self.s = s

    def on_train_batch_end(self, *args: Any) -> None:
        """Wait."""
        time.sleep(self.s)
