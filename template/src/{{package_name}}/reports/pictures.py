"""Pictures that any run may need: the curves of its training, and a sheet of examples."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = 2  # panels in a row: still read on a phone
CELL_IN = 2.4  # width of an example on a sheet, in inches
LETTER_IN = 0.0078  # of a name beside a row, for each point of its size


def pyplot() -> Any:
    """Import matplotlib where it is used: it is slow to import. No screen is needed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def draw_curves(metrics: Path, target: Path) -> Path | None:
    """Draw every curve of metrics.csv: one panel for the losses, one for each score.

    Returns:
        the picture, or None where nothing was logged.
    """
    if not metrics.is_file():
        return None
    series: dict[str, list[tuple[int, float]]] = {}
    with metrics.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for name, value in line.items():
                if value and name.startswith(("train/", "val/")):
                    series.setdefault(name, []).append((int(line["step"]), float(value)))
    if not series:
        return None
    plt = pyplot()
    panels: dict[str, list[str]] = {}
    for name in series:
        panels.setdefault(name.partition("/")[2], []).append(name)
    height, width = -(-len(panels) // COLUMNS), min(len(panels), COLUMNS)
    figure, axes = plt.subplots(
        height, width, figsize=(4.2 * width, 3.2 * height), squeeze=False, layout="tight"
    )
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, (title, names) in zip(axes.flat, panels.items(), strict=False):
        for name in names:
            steps, values = zip(*series[name], strict=True)
            axis.plot(
                steps, values, label=name.partition("/")[0], marker="." if len(steps) < 40 else ""
            )
        axis.set(title=title, xlabel="step")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target


def name_row(axis: Any, name: str, *, height_in: float, points: int = 10) -> None:
    """Write a row's name beside it: upwards, or across where it would reach into other rows."""
    longest = max(map(len, name.splitlines()))
    if LETTER_IN * points * longest > height_in:
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    else:
        axis.set_ylabel(name, fontsize=points)


def draw_sheet(
    target: Path, pictures: Sequence[np.ndarray], titles: Sequence[str], columns: int = 4
) -> Path:
    """Draw pictures in rows, each under its title. pictures: uint8 [H, W, 3] each."""
    plt = pyplot()
    columns = min(columns, len(pictures))
    height = -(-len(pictures) // columns)
    tall = CELL_IN * max(picture.shape[0] / picture.shape[1] for picture in pictures)
    words = 0.2 + 0.14 * max(title.count("\n") + 1 for title in titles)  # inches
    figure, axes = plt.subplots(
        height,
        columns,
        figsize=(CELL_IN * columns, height * (tall + words)),
        squeeze=False,
        layout="tight",
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, title in zip(axes.flat, pictures, titles, strict=False):
        axis.imshow(picture)
        axis.set_title(title, fontsize=8)
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
