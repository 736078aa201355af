"""Examples beside what noise made of them and what the model made of that.

Legend: *S shape of one example.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

from .reports.pictures import name_row, pyplot
from .view import SUFFIX, save, show


class Triptych(NamedTuple):
    """One example, noisy, restored and clean: [*S] each, and what to call it."""

    label: str
    x_noisy: Tensor
    guess: Tensor
    x: Tensor

    def save(self, folder: Path, names: tuple[str, str, str]) -> list[Path]:
        """Write all three as files of the data's own kind."""
        paths = [folder / f"{name}{SUFFIX}" for name in names]
        for path, signal in zip(paths, self[1:], strict=True):
            save(signal, path)
        return paths


def draw_triptychs(target: Path, rows: list[Triptych]) -> Path:
    """Draw a row for each."""
    plt = pyplot()
    pictures: list[list[np.ndarray]] = [
        [show(signal) for signal in signals] for _, *signals in rows
    ]
    height, width = pictures[0][0].shape[:2]
    tall = 6.6 / 3 * height / width + 0.15
    figure, axes = plt.subplots(
        len(rows), 3, figsize=(6.9, max(2.0, tall * len(rows))), squeeze=False
    )
    for line, (name, *_), row in zip(axes, rows, pictures, strict=True):
        for axis, picture in zip(line, row, strict=True):
            axis.imshow(picture)
            axis.set_xticks([])
            axis.set_yticks([])
        name_row(line[0], name, height_in=tall)
    for axis, title in zip(axes[0], ("noisy", "restored", "clean"), strict=True):
        axis.set_title(title)
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
