"""Examples in memory, handed out as whole batches.

Indexing a tensor once per batch costs a tenth of collating single examples, so data that fit in
memory are held as one tensor per split. The order of examples is a function of (seed, epoch) alone:
it does not depend on what else drew random numbers, on the number of workers or on where training
was resumed.

Legend: B batch, N examples of a split, *S shape of one example.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pytorch_lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .column import Column
from .errors import UserError

EVALUATED = 32  # examples of a batch in evaluation, at least


class Batch(NamedTuple):
    """Some examples of one split.

    x: [B, *S]; y: [B] int64, zeros where there are no classes, or what belongs to x: [B, ...];
    index: [B] int64.
    """

    x: Tensor
    y: Tensor
    index: Tensor  # row in the split: names an example, and seeds its noise at evaluation


class Split(NamedTuple):
    """All examples of one split.

    x: [N, *S]; y: [N] int64 or [N, ...]; groups: what may not straddle splits.
    """

    x: Tensor | Column
    y: Tensor
    groups: list[str]


class Examples(Dataset):
    """A split that is indexed by a whole batch of rows."""

    def __init__(self, split: Split, trim: Callable[[Tensor], Tensor]) -> None:
        self.split, self.trim = split, trim

    def __getitem__(self, index: Tensor) -> Batch:
        """index: [B] int64 -> Batch."""
        return Batch(self.trim(self.split.x[index]), self.split.y[index], index)

    def __len__(self) -> int:
        return len(self.split.x)


def whole(batch: Any) -> Any:
    """Collate nothing: a batch is indexed as a whole."""
    return batch


class Loader:
    """Iterate over one split in whole batches, made anew each time.

    Args:
        examples: what is indexed.
        batches: returns the rows of each batch of the current epoch.
        seen: how many of them a run that stopped inside this epoch has trained on.
        num_workers: processes that index; 0 for none, which is fastest for data in memory.
    """

    def __init__(
        self,
        examples: Examples,
        batches: Callable[[], list[Tensor]],
        seen: Callable[[], int],
        num_workers: int,
    ) -> None:
        self.examples, self.batches, self.seen = examples, batches, seen
        self.num_workers, self.length = num_workers, len(batches())

    def __iter__(self) -> Iterator[Batch]:
        # a generator: epoch and place are read when the first batch is asked for, since Lightning
        # makes its loaders before it restores a checkpoint
        batches = self.batches()
        batches = batches[self.seen() % max(1, len(batches)) :]
        if not self.num_workers:
            yield from map(self.examples.__getitem__, batches)
            return
        yield from DataLoader(
            self.examples,
            batch_size=None,
            sampler=batches,
            collate_fn=whole,
            num_workers=self.num_workers,
            pin_memory=torch.cuda.is_available(),
        )

    def __len__(self) -> int:
        return self.length


class DataModule(LightningDataModule):
    """The base of every data set: implement `classes`, `load` and `read`.

    Args:
        batch_size: examples in a batch, on each device.
        num_classes: number of classes; 0 where the data have none.
        seed: of the order of the training examples.
        num_workers: processes that prepare batches; 0 is fastest for data in memory.
    """

    classes: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()  # of the files that `read` takes
    literal = False  # what is no path is an example itself, as a line of text is

    def __init__(
        self, *, batch_size: int, num_classes: int = 0, seed: int = 0, num_workers: int = 0
    ) -> None:
        super().__init__()
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
        """List what to `read`: a file, or the files of a folder that have a known suffix."""
        path = Path(given).expanduser()
        if self.literal:
            named = len(given) < 256 and "\0" not in given and "\n" not in given
            if not (named and (path.exists() or path.suffix.lower() in self.suffixes)):
                return [given]
        if path.is_dir():
            files = sorted(p for p in path.iterdir() if p.suffix.lower() in self.suffixes)
            if not files:
                raise UserError(
                    f"input={given} is a folder without {', '.join(self.suffixes)} files"
                )
            return [*files]
        if not path.is_file():
            raise UserError(f"input={given}: there is no such file or folder")
        return [path]

    def discover(self) -> dict[str, Any]:
        """Find settings that follow from the data, before a network is built: {setting: value}."""
        return {}

    def tell(self, folder: Path) -> list[str]:
        """Say what a person should know of the data; what is too long goes into a file."""
        return []

    def held(self, split: str) -> Split:
        """Return a split as tensors, for what looks at all of it; a part of one on disk."""
        return self.splits[split]

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Vary a training batch. x: [B, *S] -> [B, *S]."""
        return x

    def trim(self, x: Tensor) -> Tensor:
        """Cut what a batch does not need. x: [B, *S] -> [B, *S']."""
        return x

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch: shuffled by (seed, epoch) in training."""
        rows = torch.arange(len(self.splits[split].x))
        if split != "train":  # without gradients there is room for more, and scores are the same
            return list(rows.split(max(self.batch_size, EVALUATED)))
        rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        return list(rows[torch.randperm(len(rows), generator=rng)].split(self.batch_size))

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
            # every rank must take the same number of training steps
            return rows[rank : len(rows) - len(rows) % world if train else None : world]

        def seen() -> int:
            return (
                trainer.fit_loop.epoch_loop.batch_progress.current.ready if trainer and train else 0
            )

        return Loader(Examples(self.splits[split], self.trim), batches, seen, self.num_workers)

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
