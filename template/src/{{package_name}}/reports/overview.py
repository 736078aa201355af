"""What the data are, before anything is learnt from them: how many, which values, which are odd.

Legend: N examples, *S shape of one example.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from ..datamodule import DataModule, Split

ODD = 3  # examples that are named
UNEVEN = 10.0  # times as many examples in the largest class as in the smallest


class Odd(NamedTuple):
    """An example unlike the others. why: by what, and how the others are."""

    split: str
    row: int
    group: str
    why: str


def values(x: Tensor) -> str:
    """Describe numbers in a line: kind, range, and how they spread. x: any shape."""
    kind = str(x.dtype).removeprefix("torch.")
    if not x.is_floating_point():
        return f"{kind} {int(x.min())} .. {int(x.max())}, {len(x.unique())} of them different"
    low, high = x.min().item(), x.max().item()
    return f"{kind} {low:.3g} .. {high:.3g}, mean {x.mean():.3g}, std {x.std():.3g}"


def features(splits: dict[str, Split]) -> dict[str, Tensor]:
    """Measure each example of all splits by what most often gives an odd one away.

    Returns:
        by name, [N] float64 of the splits one after the other: length, variety and rarity of
        tokens, else mean, spread and largest value.
    """
    if next(iter(splits.values())).x.is_floating_point():
        flats = [split.x.flatten(1).double() for split in splits.values()]
        return {
            "mean": torch.cat([x.mean(dim=1) for x in flats]),
            "spread": torch.cat([x.std(dim=1) for x in flats]),
            "largest value": torch.cat([x.abs().amax(dim=1) for x in flats]),
        }
    rows = [row[row > 0] for split in splits.values() for row in split.x.flatten(1)]  # 0: filling
    counts = torch.bincount(torch.cat(rows)).double()
    bits = -(counts / counts.sum()).log2()
    sizes = torch.tensor([len(row) for row in rows], dtype=torch.float64)
    variety = torch.tensor([len(row.unique()) for row in rows], dtype=torch.float64)
    rarity = torch.stack([bits[row].mean() for row in rows])
    return {"length": sizes, "different tokens": variety, "bits per token": rarity}


def odd(splits: dict[str, Split]) -> list[Odd]:
    """Find the examples that are farthest from the middle half of all, by each feature in turn."""
    places = [(name, row) for name, split in splits.items() for row in range(len(split.x))]
    columns = {name: column.nan_to_num(nan=torch.inf) for name, column in features(splits).items()}
    found: dict[int, Odd] = {}
    for name, column in itertools.islice(itertools.cycle(columns.items()), ODD * len(columns)):
        quarters = torch.tensor([0.25, 0.5, 0.75], dtype=column.dtype)
        low, middle, high = column.quantile(quarters).tolist()
        farthest = (column - middle).abs().argsort(descending=True)[: len(found) + 1].tolist()
        for place in farthest:
            if place not in found and column[place] != middle and len(found) < ODD:
                (split, row), value = places[place], column[place]
                why = f"{name} {value:.3g}; the middle half has {low:.3g} .. {high:.3g}"
                found[place] = Odd(split, row, splits[split].groups[row], why)
                break
    return [*found.values()]


def problems(data: DataModule) -> list[str]:
    """Name what is suspicious: values, copies, groups in two splits, and rare classes."""
    found = [text for name, split in data.splits.items() for text in bad(name, split.x)]
    keys = {s: {hash(row.numpy().tobytes()) for row in p.x} for s, p in data.splits.items()}
    for one, other in itertools.combinations(data.splits, 2):
        if num := len(keys[one] & keys[other]):
            found.append(f"{num} examples are in {one} and in {other}, to the last bit")
        shared = {*data.splits[one].groups} & {*data.splits[other].groups}
        if shared:
            few = ", ".join(map(str, sorted(shared)[:3]))
            found.append(f"{len(shared)} groups are in {one} and in {other} ({few})")
    for name, counts in class_counts(data).items():
        missing = [c for c, num in zip(data.classes, counts, strict=True) if not num]
        if missing:
            found.append(f"{name}: no example of {', '.join(missing[:5])}")
        elif (ratio := max(counts) / min(counts)) > UNEVEN:
            found.append(f"{name}: the largest class has {ratio:.0f} times the smallest")
    return found


def bad(name: str, x: Tensor) -> Iterator[str]:
    """Name what is wrong with the examples of one split. x: [N, *S]."""
    flat = x.flatten(1)
    if num := int((~flat.isfinite()).any(dim=1).sum()):
        yield f"{name}: {num} examples with values that are NaN or infinite"
    if num := int((flat == flat[:, :1]).all(dim=1).sum()):
        yield f"{name}: {num} examples that are one value throughout"


def class_counts(data: DataModule) -> dict[str, list[int]]:
    """Count the examples of each class in each split; nothing where there are no classes."""
    if not data.classes:
        return {}
    num = len(data.classes)
    return {s: torch.bincount(p.y, minlength=num).tolist() for s, p in data.splits.items()}
