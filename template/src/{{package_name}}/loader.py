"""Whole batches of a split, each by one index into it.

Legend: B batch, N examples of a split, *S shape of one example.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset


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

    x: [N, *S], a Tensor, or on disk a Column; y: [N] int64, or what belongs to each x: [N, ...], a
    Tensor or a Column; groups: what may not straddle splits, one name each.
    """

    x: Any
    y: Any
    groups: list[str]


class Filled:
    """A column of examples of any length, all of which come as wide as the longest: [B, L]."""

    def __init__(self, column: Any, width: int) -> None:
        self.column, self.width = column, width

    def __getitem__(self, rows: Tensor) -> Tensor:
        """rows: [B] int64 -> [B, L]."""
        x = self.column[rows]
        return torch.nn.functional.pad(x, (0, self.width - x.shape[1]))

    def __len__(self) -> int:
        return len(self.column)


def filled(split: Split) -> Split:
    """Return a split whose batches are all of one width."""
    wide: dict[str, Any] = {
        name: Filled(column, int(column.lengths.max()))
        for name, column in (("x", split.x), ("y", split.y))
        if getattr(column, "shape", None) == (-1,)
    }
    return split._replace(**wide)


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
        self.dataset = examples  # so called by whoever wraps loaders, as Lightning does for TPUs
        self.batches, self.seen = batches, seen
        self.num_workers, self.length = num_workers, len(batches())

    def __iter__(self) -> Iterator[Batch]:
        # a generator: epoch and place are read when the first batch is asked for, since Lightning
        # makes its loaders before it restores a checkpoint
        batches = self.batches()
        batches = batches[self.seen() % max(1, len(batches)) :]
        if not self.num_workers:
            yield from map(self.dataset.__getitem__, batches)
            return
        yield from DataLoader(
            self.dataset,
            batch_size=None,
            sampler=batches,
            collate_fn=whole,
            num_workers=self.num_workers,
            pin_memory=torch.cuda.is_available(),
        )

    def __len__(self) -> int:
        return self.length
