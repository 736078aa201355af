"""Examples in memory, handed out as whole batches.

Indexing a tensor once per batch costs a tenth of collating single examples, so data that fit in
memory are held as one tensor per split. The order of examples is a function of (seed, epoch) alone:
it does not depend on what else drew random numbers, on the number of workers or on where training
was resumed.

Legend: B batch, N examples of a split, *S shape of one example.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import LightningDataModule
from pytorch_lightning.accelerators import XLAAccelerator
from torch import Tensor

from .errors import UserError
from .files.frames import is_film
from .loader import Batch, Examples, Loader, Split, filled
from .training.folds import divide, refuse

EVALUATED = 32  # examples of a batch in evaluation, at least


class DataModule(LightningDataModule):
    """The base of every data set: implement `classes`, `load` and `read`.

    Args:
        batch_size: examples in a batch, on each device.
        num_classes: number of classes; 0 where the data have none.
        seed: of the order of the training examples.
        num_workers: processes that prepare batches; 0 is fastest for data in memory.
        folds: parts that training and validation are divided into anew; None leaves the splits.
        fold: which of them is validated on, from 0.
    """

    classes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()  # of the files that `read` takes
    frames: tuple[str, ...] = ()  # of numbered pictures: a folder of nothing else is one example
    literal = False  # what is no path is an example itself, as a line of text is
    filling: int | float | None = None  # what stands behind the end of an example, if anything

    def __init__(
        self,
        *,
        batch_size: int,
        num_classes: int = 0,
        seed: int = 0,
        num_workers: int = 0,
        folds: int | None = None,
        fold: int = 0,
    ) -> None:
        super().__init__()
        refuse(folds, fold)
        self.folds, self.fold = folds, fold
        self.batch_size, self.num_classes = batch_size, num_classes
        self.seed, self.num_workers = seed or 0, num_workers
        self.splits: dict[str, Split] = {}

    def load(self) -> dict[str, Split]:
        """Return the splits train, val and test. Deterministic, whatever the seed."""
        raise NotImplementedError

    def read(self, source: str | Path) -> Tensor:
        """Read one example of the user's own.

        Returns:
            x: [*S], as in the splits.

        Raises:
            UserError: naming the file and what is wrong with it.
        """
        raise NotImplementedError

    def sources(self, given: str) -> list[str | Path]:
        """List what to `read`: a file, or what a folder has of a known suffix, or as frames."""
        path = Path(given).expanduser()
        if self.literal:
            named = len(given) < 256 and "\0" not in given and "\n" not in given
            if not (named and (path.exists() or path.suffix.lower() in self.suffixes)):
                return [given]
        if is_film(path, self.frames):
            return [path]
        if path.is_dir():
            files = sorted(
                inner
                for inner in path.iterdir()
                if inner.suffix.lower() in self.suffixes or is_film(inner, self.frames)
            )
            if not files:
                raise UserError(
                    f"input={given} is a folder without {', '.join(self.suffixes)} files"
                )
            return [*files]
        if not path.is_file():
            raise UserError(f"input={given}: there is no such file or folder")
        return [path]

    def sight(self, split: str, row: int) -> Tensor:
        """Return what `view` shows of one example: [*S]."""
        return self.trim(self.splits[split].x[row, None])[0]

    def discover(self) -> dict[str, Any]:
        """Find settings that follow from the data, before a network is built: {setting: value}."""
        return {}

    def tell(self, folder: Path) -> list[str]:
        """Say what a person should know of the data; what is too long goes into a file."""
        if self.folds is None:
            return []
        names = {*self.groups("train"), *self.groups("val")}
        return [
            f"fold {self.fold} of {self.folds} (0 to {self.folds - 1}) is validated on, the others "
            f"are trained on: {len(names):,} groups, none of them parted"
        ]

    def within(self, split: str) -> Tensor:
        """Choose the rows that may be looked at together: [n]; all of what is in memory."""
        return torch.arange(len(self.splits[split].x))

    def held(self, split: str) -> Split:
        """Return a split as tensors, or what is `within` of one on disk."""
        return self.splits[split]

    def hold(self) -> None:
        """Keep of each split no more than what is `held`, for whoever looks at all of it."""
        self.splits = {name: self.held(name) for name in self.splits}

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Vary a training batch. x: [B, *S] -> [B, *S]."""
        return x

    def trim(self, x: Tensor) -> Tensor:
        """Cut what a batch does not need. x: [B, *S] -> [B, *S']."""
        return x

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch: shuffled by (seed, epoch) in training."""
        rows, rng = torch.arange(len(self.splits[split].x)), self.shuffler(split, epoch)
        if rng is None:  # without gradients there is room for more, and scores are the same
            return list(rows.split(max(self.batch_size, EVALUATED)))
        return list(rows[torch.randperm(len(rows), generator=rng)].split(self.batch_size))

    def shuffler(self, split: str, epoch: int) -> torch.Generator | None:
        """Return what an epoch's order is drawn from; None for a split that is never shuffled."""
        if split != "train":
            return None
        return torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)

    @property
    def static(self) -> bool:
        """Whether all training batches have one shape: for a TPU, which compiles for each anew."""
        return isinstance(getattr(self.trainer, "accelerator", None), XLAAccelerator)

    def setup(self, stage: str | None = None) -> None:
        """Load the splits, once."""
        if not self.splits:
            self.splits = self.load()
            if self.num_classes != len(self.classes):
                raise UserError(
                    f"data.num_classes={self.num_classes} contradicts the data, which have "
                    f"{len(self.classes)} classes "
                    f"({', '.join(self.classes[:20])}): set data.num_classes={len(self.classes)}"
                )
            if self.folds is not None:
                self.splits = divide(self.splits, self.folds, self.fold, self.classes)

    def groups(self, split: str) -> list[str]:
        """Name the group of each example: what may not straddle splits."""
        return self.splits[split].groups

    def every_batch(self, split: str) -> Iterator[Batch]:
        """Iterate over the whole of a split on any rank, for reports."""
        examples = Examples(self.splits[split], self.trim)
        return map(examples.__getitem__, self.order(split, 0))

    def loader(self, split: str) -> Loader:
        """Hand out one split in batches, each rank its own share."""
        trainer, train = self.trainer, split == "train"
        rank, world = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        if (count := len(self.order(split, 0))) < world:
            raise UserError(
                f"data: {split} has {len(self.splits[split].x)} examples in {count} batches, fewer "
                f"than the {world} processes (trainer.devices, trainer.num_nodes): start fewer of "
                f"them, or make data.batch_size={self.batch_size} smaller"
            )

        def batches() -> list[Tensor]:
            epoch = trainer.current_epoch if trainer and train else 0
            if trainer and getattr(trainer, "overfit_batches", 0):
                epoch = 0  # the same few batches, again and again
            rows = self.order(split, epoch)
            if train and self.static:
                rows = [batch for batch in rows if len(batch) == len(rows[0])]
            # every rank must take the same number of training steps
            return rows[rank : len(rows) - len(rows) % world if train else None : world]

        def seen() -> int:
            return (
                trainer.fit_loop.epoch_loop.batch_progress.current.ready if trainer and train else 0
            )

        examples = Examples(self.splits[split], self.trim)
        if self.static:
            examples = Examples(filled(self.splits[split]), lambda x: x)
        return Loader(examples, batches, seen, self.num_workers)

    def transfer_batch_to_device(  # noqa: D102
        self, batch: Batch, device: torch.device, dataloader_idx: int
    ) -> Batch:
        # Lightning's own walks any nesting of containers, which costs a tenth of a small step
        return Batch(*(part.to(device, non_blocking=True) for part in batch))

    def train_dataloader(self) -> Loader:  # noqa: D102
        return self.loader("train")

    def val_dataloader(self) -> Loader:  # noqa: D102
        return self.loader("val")

    def test_dataloader(self) -> Loader:  # noqa: D102
        return self.loader("test")
