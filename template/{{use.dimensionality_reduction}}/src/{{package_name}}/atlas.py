"""Look at codes: a map of them with examples on it, and what they give back.

Legend: N examples, *S shape of one example, Z latent.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .reports.pictures import COLUMNS, name_row, pyplot
from .view import show

TILES, TILE = 14, 56  # along each side of the sheet of decoded codes, and pixels of each
SHOWN = 40  # examples on a map, at most
SIDE = 600  # pixels of a map, about
AREA = 4500  # pixels that an example takes on it ..
LOWEST = 57  # .. its height at least, or no letter of a text could be read ..
LARGEST = 1.3  # .. and how much it is magnified at most
MARGIN = 0.06  # of a map beside the codes, at least
ACROSS = 8  # examples side by side, half as many where they are wide


class Panel(NamedTuple):
    """One map. z: [N, Z], y: [N]; examples: (x [*S], z [Z], class or None) that are shown on it."""

    title: str
    z: Tensor
    y: Tensor
    examples: Sequence[tuple[Tensor, Tensor, int | None]]


def plane(z: Tensor, known: Tensor) -> Tensor:
    """Lay codes out in two dimensions: as they are, or along the main axes of known codes.

    z: [N, Z], known: [M, Z] -> [N, 2].
    """
    if z.shape[1] <= 2:
        return F.pad(z, (0, 2 - z.shape[1]))
    mean = known.mean(dim=0)
    return (z - mean) @ torch.linalg.svd(known - mean, full_matrices=False).Vh[:2].T


def scale(picture: np.ndarray) -> float:
    """Return how much an example's picture is magnified on a map. picture: [H, W, 3]."""
    height, width = picture.shape[:2]
    return min(LARGEST, max(LOWEST / height, (AREA / height / width) ** 0.5))


def share(picture: np.ndarray) -> np.ndarray:
    """Return the part of a map's width and height that an example takes. picture: [H, W, 3]."""
    return np.array(picture.shape[1::-1]) * scale(picture) / SIDE


def beside(picture: np.ndarray) -> np.ndarray:
    """Return the margin that keeps examples off the numbers at the axes. picture: [H, W, 3]."""
    return np.maximum(MARGIN, share(picture) / 2)


def across(picture: np.ndarray) -> int:
    """Return how many examples are drawn side by side. picture: of one, [H, W, 3]."""
    return ACROSS // 2 if picture.shape[1] > 1.3 * picture.shape[0] else ACROSS


def scattered(z: Tensor, picture: np.ndarray) -> list[int]:
    """Choose examples whose pictures do not cover each other. z: [N, Z] -> row numbers."""
    place = plane(z, z)
    low, high = place.quantile(0.01, dim=0), place.quantile(0.99, dim=0)
    place = (place - low) / (high - low).clamp_min(1e-9)
    wider = (1 + 2 * beside(picture)) / (1 + 2 * MARGIN)
    apart = torch.from_numpy(1.15 * share(picture) * wider).float()
    chosen: list[int] = []
    for row in torch.randperm(len(place), generator=torch.Generator().manual_seed(0)).tolist():
        inside = bool(((place[row] >= 0) & (place[row] <= 1)).all())
        free = ((place[chosen] - place[row]).abs() > apart).any(dim=1).all()
        if inside and free:
            chosen.append(row)
    return chosen[:SHOWN]


def draw_map(target: Path, panels: list[Panel], classes: tuple[str, ...]) -> Path:
    """Draw each panel's codes as points, colored by class, with pictures of its examples."""
    plt = pyplot()
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    num = max(1, len(classes))
    colors = plt.get_cmap("tab10" if num <= 10 else "tab20")(np.arange(num) % 20)
    wide, tall = min(COLUMNS, len(panels)), -(-len(panels) // COLUMNS)
    size = (7 * wide + 0.8, 6.8 * tall)
    figure, axes = plt.subplots(tall, wide, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, panel in zip(axes.flat, panels, strict=False):
        place = plane(panel.z, panel.z).numpy()
        for number in range(num):
            of = panel.y.numpy() == number
            name = classes[number] if classes else None
            axis.scatter(*place[of].T, s=9, alpha=0.65, color=colors[number], lw=0, label=name)
        margin = np.full(2, MARGIN)
        for x, z, y in panel.examples:
            picture = show(x)
            margin = beside(picture)
            image = OffsetImage(picture, zoom=scale(picture) * 72 / 110, resample=True)
            edge = {"edgecolor": "red" if y is None else colors[y], "lw": 1.2}
            at = tuple(plane(z[None], panel.z)[0].tolist())
            axis.add_artist(AnnotationBbox(image, at, pad=0.05, bboxprops=edge))
        low, high = np.quantile(place, 0.005, axis=0), np.quantile(place, 0.995, axis=0)
        (left, bottom), (right, top) = low - margin * (high - low), high + margin * (high - low)
        axis.set_xlim(left, right)
        axis.set_ylim(bottom, top)
        names = ("z1", "z2") if panel.z.shape[1] <= 2 else ("first main axis of z", "second")
        axis.set(title=panel.title, xlabel=names[0], ylabel=names[1])
    if classes:
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", markerscale=2.5, fontsize=8)
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target


def draw_rows(target: Path, rows: list[tuple[str, Tensor]]) -> Path:
    """Draw each row's name and examples, one row below the other. Each [N, *S]."""
    plt = pyplot()
    pictures = [[show(x) for x in row] for _, row in rows]
    height, width = pictures[0][0].shape[:2]
    tall = max(0.4, 12 / len(pictures[0]) * height / width)
    size = (12.8, tall * len(rows) + 0.3)
    figure, axes = plt.subplots(len(rows), len(pictures[0]), figsize=size, squeeze=False)
    for line, (name, _), row in zip(axes, rows, pictures, strict=True):
        for axis, picture in zip(line, row, strict=True):
            axis.imshow(picture)
            axis.set_xticks([])
            axis.set_yticks([])
        name_row(line[0], name, height_in=tall, points=8)
    figure.tight_layout(pad=0.4)
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target


def lattice(z: Tensor) -> Tensor:
    """Lay a lattice over the codes, narrow where there are many. z: [N, 2] -> [TILES^2, 2]."""
    across, upward = z.quantile(torch.linspace(0.02, 0.98, TILES), dim=0).T
    rows, columns = torch.meshgrid(upward.flip(0), across, indexing="ij")
    return torch.stack([columns.flatten(), rows.flatten()], dim=1)


def draw_sheet(target: Path, x: Tensor) -> Path:
    """Draw a square of examples side by side. x: [TILES^2, *S]."""
    from PIL import Image

    tiles = np.stack([show(one) for one in x])
    tiles = tiles.reshape(TILES, TILES, *tiles.shape[1:])
    rows = [np.concatenate(list(row), axis=1) for row in tiles]
    sheet = Image.fromarray(np.concatenate(rows))
    size = TILES * TILE / max(sheet.size)
    sheet.resize((round(size * sheet.width), round(size * sheet.height)), 0).save(target)
    return target
