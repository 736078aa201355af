"""Examples on disk that are indexed like a tensor: read and checked once, then a seek each.

To decode a picture or to resample a recording takes a hundred times as long as to copy the result,
and only what was decoded is known to be whole. So every example is written once, two bytes a value,
one behind the other, into a file that is mapped into memory: what is held is what is looked at.

Legend: N examples, B batch, *S shape of one example, which may differ in its length if it has one
axis; then the end is filled with zeros, as PAD and silence are.
"""

from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

LARGEST = 65504  # of float16
STORED = {True: np.float16, False: np.int16}  # 11 bits are more than a picture has; tokens


class Column:
    """N examples in a file: column[rows] is a tensor [B, *S], column[row] one example [*S].

    Args:
        path: of the file.
        real: whether they are float32; else int64.
        lengths: [N] values of each.
        shape: *S, or (-1,) where they differ in length.
    """

    def __init__(self, path: Path, *, real: bool, lengths: Tensor, shape: tuple[int, ...]) -> None:
        self.path, self.real, self.lengths, self.shape = path, real, lengths, shape
        self.ends = lengths.cumsum(dim=0)
        self.values: np.ndarray | None = None  # mapped when first looked at

    def __getstate__(self) -> dict[str, Any]:
        """Travel to another process without the values."""
        return self.__dict__ | {"values": None}

    def __len__(self) -> int:
        return len(self.lengths)

    def row(self, number: int) -> Tensor:
        """Return one example as it was given: [*S]."""
        if self.values is None:
            self.values = np.memmap(self.path, STORED[self.real], mode="r")
        end, length = int(self.ends[number]), int(self.lengths[number])
        found = torch.from_numpy(np.array(self.values[end - length : end])).view(self.shape)
        return found.float() if self.real else found.long()

    def __getitem__(self, rows: int | slice | Tensor) -> Tensor:
        """rows: a number -> [*S]; a slice, numbers [B] or a mask [N] -> [B, *S]."""
        if isinstance(rows, int) or (isinstance(rows, Tensor) and rows.ndim == 0):
            return self.row(int(rows))
        if isinstance(rows, Tensor) and rows.dtype == torch.bool:
            rows = rows.nonzero()[:, 0]
        numbers = range(len(self))[rows] if isinstance(rows, slice) else rows.tolist()
        found = [self.row(number) for number in numbers]
        if not found:
            return torch.zeros(0, *(max(0, size) for size in self.shape))
        if self.shape == (-1,):
            return torch.nn.utils.rnn.pad_sequence(found, batch_first=True)
        return torch.stack(found)

    def some(self, most: int) -> Tensor:
        """Choose rows evenly, which as tensors take no more than so many bytes: [n]."""
        widest = int(self.lengths.max()) if len(self) else 1
        count = min(len(self), max(2, most // max(1, widest * (4 if self.real else 8))))
        return torch.linspace(0, len(self) - 1, count).round().long()


class Chosen(Column):
    """Rows of several columns, in any order: a column again, and nothing is copied.

    Args:
        parts: M examples, one part behind the other.
        rows: [N] numbers in [0, M).
    """

    def __init__(self, parts: Sequence[Column], rows: Tensor) -> None:
        full = [part for part in parts if len(part)]
        shapes = {part.shape for part in full}
        self.parts, self.rows = full, rows
        self.real = bool(full) and full[0].real
        self.shape = shapes.pop() if len(shapes) == 1 else (-1,)
        self.lengths = torch.cat([part.lengths for part in full])[rows]

    def row(self, number: int) -> Tensor:
        """Return one example as it was given: [*S]."""
        place = int(self.rows[number])
        for part in self.parts:
            if place < len(part):
                break
            place -= len(part)
        return part.row(place)


class Writer:
    """Write examples into a file, one by one, within `with`.

    Args:
        path: of a file that is not there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.file = path, path.open("wb")
        self.lengths, self.real = array("q"), True
        self.shape: tuple[int, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.file.close()

    def add(self, x: Tensor) -> None:
        """Write one example. x: [*S]."""
        self.real, shape = x.is_floating_point(), tuple(x.shape)
        if self.shape not in (None, shape):
            assert len(shape) == 1, "only examples with one axis may differ in shape"
            shape = (-1,)
        self.shape = shape
        self.lengths.append(x.numel())
        if self.real:
            x = x.clamp(-LARGEST, LARGEST)
        self.file.write(x.detach().numpy().astype(STORED[self.real]).tobytes())

    def column(self) -> Column:
        """Return what was written."""
        lengths, shape = torch.tensor(self.lengths, dtype=torch.long), self.shape or (-1,)
        return Column(self.path, real=self.real, lengths=lengths, shape=shape)


def lengths_of(x: Tensor | Column) -> Tensor:
    """Count the tokens of each row that are no filling (0): [N]."""
    return x.lengths if isinstance(x, Column) else (x != 0).sum(dim=1)
