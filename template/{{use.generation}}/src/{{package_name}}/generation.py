"""Generation: new examples out of random numbers.

What all generators share: which classes are asked for, how many samples a test draws, and that the
command predict reads no file but writes some.

Legend: N samples, *S shape of one example.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .datamodule import Batch, DataModule
from .errors import UserError, refuse_existing
from .reports.pictures import pyplot
from .task import Predict, Score, Task
from .view import SUFFIX, save, show

TEST_SEED = 20_011  # of the samples that are tested: no seed of a run makes its test easier
WIDEST = 1200  # pixels of a sheet
TALL = 128  # pixels of a picture in it, about: smaller ones are magnified


@dataclass(kw_only=True)
class Sampling:
    """What the command predict makes.

    Args:
        n: how many samples.
        label: name of their class; None for all classes in turn.
    """

    n: int
    label: str | int | None

    def __post_init__(self) -> None:
        self.require("n", isinstance(self.n, int) and self.n > 0, "a whole number of 1 or more")

    def require(self, name: str, holds: bool, allowed: str) -> None:
        """Refuse a setting of this block by name."""
        if not holds:
            value = getattr(self, name)
            raise UserError(f"task.sampling.{name}={value!r} is not allowed: {allowed}")


class Generation(Task):
    """The base of every generator: implement `losses`, `predict`, `survey` and `make`.

    Args:
        sampling: what the command predict makes.
        num_samples: how many samples the test draws; fewer where only a part of it is run.
        **task: what every task takes.
    """

    words = "n=16 output=samples"

    def __init__(self, *, sampling: Sampling, num_samples: int, **task) -> None:
        super().__init__(**task)
        self.sampling, self.num_samples = sampling, num_samples

    def make(self, y: Tensor, generator: torch.Generator) -> Tensor:
        """Make one example of each class, as `sampling` says. y: [N] int64 -> [N, *S]."""
        raise NotImplementedError

    def scores(self, predict: Predict, batch: Batch) -> dict[str, Score]:
        """Score no single example: samples are judged as a set, in `survey`."""
        return {}

    def in_turn(self, num: int) -> Tensor:
        """Ask for all classes in turn: [num] int64."""
        return torch.arange(num, device=self.device) % max(1, len(self.classes))

    def asked(self) -> Tensor:
        """Return the class of each sample that `sampling` asks for: [N] int64.

        Raises:
            UserError: if there is no such class.
        """
        label = self.sampling.label
        if label is None:
            return self.in_turn(self.sampling.n)
        if str(label) not in self.classes:
            allowed = ", ".join(self.classes) if self.classes else "none, the data have no classes"
            raise UserError(
                f"task.sampling.label={label}: there is no such class; allowed: {allowed}"
            )
        number = self.classes.index(str(label))
        return torch.full((self.sampling.n,), number, device=self.device)

    def tested(self, data: DataModule) -> int:
        """Count the samples to draw: as large a part of `num_samples` as of the test was run."""
        ran = sum(self.trainer.num_test_batches)  # by this process, of its own and of all batches
        own, whole = len(data.loader("test")), len(data.order("test", 0))
        share = 1.0 if ran == own else ran * self.trainer.world_size / whole
        return max(8, round(min(1.0, share) * self.num_samples))

    @torch.inference_mode()
    def answer(self, data: DataModule, given: str | None, output: Path) -> Iterator[str]:
        """Make samples and write each to a file, and a sheet of all; nothing is overwritten."""
        if given is not None:
            raise UserError(f"input={given}: samples are made of nothing, leave input out")
        y = self.asked()
        digits = len(str(len(y)))
        names = [f"sample-{k:0{digits}}{self.slug(c)}" for k, c in enumerate(y.tolist(), start=1)]
        files, sheet = [output / f"{name}{SUFFIX}" for name in names], output / "sheet.png"
        refuse_existing(*files, sheet)
        output.mkdir(parents=True, exist_ok=True)
        x = self.make(y, torch.Generator().manual_seed(self.seed))
        for example, path in zip(x, files, strict=True):
            save(example, path)
            yield str(path)
        yield str(save_sheet(sheet, [show(example) for example in x]))

    def slug(self, number: int) -> str:
        """Write a class as a part of a file's name, nothing where there are none."""
        return "-" + re.sub(r"[^\w+-]+", "-", self.classes[number]) if self.classes else ""


def save_sheet(target: Path, pictures: list[np.ndarray], columns: int | None = None) -> Path:
    """Write pictures of one size side by side and below each other.

    Args:
        target: a PNG file.
        pictures: uint8 [H, W, 3] each, row by row; the last row may be short.
        columns: in a row; None for as many as make a sheet of handy width.
    """
    height, width = pictures[0].shape[:2]
    zoom = max(1, TALL // height)
    columns = columns or max(1, min(8, WIDEST // (zoom * width)))
    blank = np.full_like(pictures[0], 255)
    pictures = pictures + [blank] * (-len(pictures) % columns)
    wide = [np.pad(p, ((1, 1), (1, 1), (0, 0)), constant_values=255) for p in pictures]
    rows = [np.concatenate(wide[i : i + columns], axis=1) for i in range(0, len(wide), columns)]
    sheet = np.concatenate(rows).repeat(zoom, axis=0).repeat(zoom, axis=1)
    pyplot().imsave(target, sheet)
    return target
