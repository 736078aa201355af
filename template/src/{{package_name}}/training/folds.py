"""Cross-validation: what is trained and validated on, divided anew into K folds of like size.

The test split is left as it is, so every fold is measured on the same. A group is never parted:
groups are dealt out, the largest first, each to the fold that has least of its classes so far.
Where each example is a group of its own, that is stratification. Nothing is drawn: groups of one
size come in the order of their hashes, so the folds are the same on every machine.

Source: Kohavi, A study of cross-validation and bootstrap (1995).
Legend: N examples of both splits, K folds.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import UserError
from ..files.column import Chosen, Column
from ..files.shares import place
from ..loader import Split

DIVIDED = ("train", "val")


def refuse(folds: int | None, fold: int) -> None:
    """Refuse a fold that there is not: raise UserError."""
    if folds is None and fold:
        raise UserError(
            f"data.fold={fold} has no effect without data.folds: say how many there are, for "
            f"example data.folds=5 data.fold={fold}"
        )
    if folds is not None and not 0 <= fold < folds:
        raise UserError(
            f"data.fold={fold} is not allowed: 0 to {folds - 1}, as data.folds={folds} counts"
        )


def deal(groups: Sequence[str], y: Sequence[int], folds: int) -> Tensor:
    """Say in which fold each example is: [N] int64 in [0, K).

    A group goes where the sum of the squares of all counts, by fold and class, grows least.

    Args:
        groups: N names.
        y: N classes.
        folds: K, no more than there are groups: each fold then gets one.
    """
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    found = torch.empty(len(groups), dtype=torch.long)
    classes, sizes = [Counter[int]() for _ in range(folds)], [0] * folds
    for group in sorted(rows, key=lambda name: (-len(rows[name]), place(name))):
        own = Counter(y[row] for row in rows[group])

        def growth(fold: int, own: Counter[int] = own) -> tuple[int, int]:
            return sum(n * classes[fold][label] for label, n in own.items()), sizes[fold]

        best = min(range(folds), key=growth)
        found[rows[group]] = best
        classes[best].update(own)
        sizes[best] += len(rows[group])
    return found


def divide(
    splits: dict[str, Split], folds: int, fold: int, classes: Sequence[str]
) -> dict[str, Split]:
    """Return the splits with fold number `fold` to validate on, and all others to train on.

    Raises:
        UserError: if there are fewer groups than folds, or a class is in this fold alone.
    """
    old = [splits[name] for name in DIVIDED]
    groups = [group for split in old for group in split.groups]
    if (count := len(set(groups))) < folds:
        raise UserError(
            f"data.folds={folds} is more than the {count} groups of train and val together, and a "
            f"group is never parted: set data.folds to 2 to {count}"
        )
    y = torch.cat([split.y for split in old]).tolist() if classes else [0] * len(groups)
    inside = deal(groups, y, folds) == fold
    found = dict(splits)
    for name, chosen in zip(DIVIDED, (~inside, inside), strict=True):
        rows = chosen.nonzero()[:, 0]
        x, targets = (choose(parts, rows) for parts in zip(*(s[:2] for s in old), strict=True))
        found[name] = Split(x, targets, [groups[row] for row in rows.tolist()])
    known = set(found["train"].y.tolist()) if classes else set(y)
    for label in sorted(set(y) - known):
        raise UserError(
            f"data.folds={folds}: all examples of class {classes[label]} are in fold {fold}, so "
            "none is left to train on: set fewer folds, or add groups with this class"
        )
    return found


def choose(parts: Sequence[Any], rows: Tensor) -> Any:
    """Choose rows of what lies one behind the other: tensors [n, *S] or columns -> [len(rows), *S].

    Where tensors differ in their last axis, the end is filled with zeros, as PAD and silence are.
    """
    columns = [part for part in parts if isinstance(part, Column)]
    if columns:
        return Chosen(columns, rows)
    width = max(part.shape[-1] for part in parts)
    wide = [F.pad(p, (0, width - p.shape[-1])) if p.ndim > 1 else p for p in parts]
    return torch.cat(wide)[rows]
