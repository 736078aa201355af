"""Checks of the data: what is wrong here, no network can make up for.

Sources: Karpathy, A recipe for training neural networks (2019); deepchecks (mixed splits,
conflicting labels); Barz 2020, 1902.00423 (duplicates in test sets).

Legend: B batch, N examples, *S shape of one example, C classes.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from types import SimpleNamespace

import torch
from torch import Tensor

from .bench import Bench, Result, judged, nothing
from .datamodule import Batch, DataModule, Split

SPLITS = ("train", "val", "test")
SAMPLE = 50  # training batches from which statistics are taken


def shapes(bench: Bench) -> Result:
    """D1: batches hold what the splits say, numbers are finite, every class occurs in training."""
    wrong: list[str] = []
    data, train = bench.data, bench.data.splits["train"]
    for name, split in data.splits.items():
        if not len(split.x) == len(split.y) == len(split.groups):
            wrong.append(f"{name}: {len(split.x)} x, {len(split.y)} y, {len(split.groups)} groups")
            continue
        if (split.x.dtype, split.x.ndim) != (train.x.dtype, train.x.ndim):
            wrong.append(f"{name}: x is {split.x.dtype}, in training {train.x.dtype}")
        if split.x.is_floating_point() and not split.x.isfinite().all():
            wrong.append(f"{name}: x is not finite")
        if not split.x.is_floating_point() and split.x.amin() < 0:
            wrong.append(f"{name}: a token is below 0")
        if data.classes and not 0 <= int(split.y.min()) <= int(split.y.max()) < len(data.classes):
            wrong.append(f"{name}: y is outside of 0 to {len(data.classes) - 1}")
        wrong += [f"{name}: {text}" for text in loaded(data, name, split)]
    if data.classes and len(train.y.unique()) < len(data.classes):
        wrong.append(f"train: {len(train.y.unique())} of {len(data.classes)} classes occur")
    look = "; ".join(wrong) or "DataModule.load, and what loads its batches"
    return judged(not wrong, len(wrong), "0 contradictions", look)


def loaded(data: DataModule, name: str, split: Split) -> list[str]:
    """Say where the batches of a split are not its rows."""
    wrong, seen = set(), []
    for batch in getattr(data, f"{name}_dataloader")():
        seen.append(batch.index)
        if not len(batch.x) == len(batch.y) == len(batch.index):
            wrong.add("x, y and index of a batch have different lengths")
        elif not torch.equal(batch.y, split.y[batch.index]):
            wrong.add("y of a batch is not that of its rows")
        elif not torch.equal(batch.x, data.trim(split.x[batch.index])):
            wrong.add("x of a batch is not that of its rows")
    rows = torch.cat(seen).sort().values
    if not torch.equal(rows, torch.arange(len(split.x))):
        wrong.add(f"{len(rows)} rows are loaded of {len(split.x)}, each once is meant")
    return sorted(wrong)


def sample(bench: Bench, split: str) -> list[Batch]:
    """Take some batches as training or validation sees them, augmented or not."""
    rng, found = torch.Generator().manual_seed(0), []
    rows = bench.data.order(split, 0)
    for number in torch.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).long().tolist():
        batch = bench.rows(split, rows[number])
        if split == "train":
            batch = batch._replace(x=bench.data.augment(batch.x, rng))
        found.append(batch)
    return found


def channels(batches: list[Batch]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each channel; of all where there are no channels."""
    parts = [b.x.double() for b in batches]
    if parts[0].ndim < 3:
        flat = torch.cat([p.flatten() for p in parts])[None]
    else:
        flat = torch.cat([p.transpose(0, 1).flatten(1) for p in parts], dim=1)
    return flat.mean(dim=1), flat.std(dim=1)


def extremes(batches: list[Batch]) -> tuple[float, float]:
    """Return the lowest and the highest value."""
    return min(float(b.x.min()) for b in batches), max(float(b.x.max()) for b in batches)


def scaled(bench: Bench) -> Result:
    """D2: what training sees has about mean 0 and deviation 1, and no channel is constant."""
    if not bench.data.splits["train"].x.is_floating_point():
        return nothing("tokens have no scale")
    center, spread = channels(sample(bench, "train"))
    ok = bool((center.abs() < 2).all() and (spread > 0.02).all() and (spread < 5).all())
    number = f"mean {float(center.abs().max()):.2g}, deviation {float(spread.min()):.2g}"
    if len(spread) > 1:
        number += f" to {float(spread.max()):.2g}"
    look = "normalise x once: in DataModule.load, or in the network, not in both"
    return judged(ok, number, "mean within 2, deviation .02 to 5", look)


def alike(bench: Bench) -> Result:
    """D3: training, as augmented, and validation come from one distribution."""
    train, val = sample(bench, "train"), sample(bench, "val")
    look = "are x of training and of validation normalised, and augmented, as they should be?"
    if train[0].x.is_floating_point():
        (one, a), (two, b) = channels(train), channels(val)
        far = float(((one - two).abs() / (a + b).clamp_min(1e-12) * 2).max())
        ratio = float(torch.maximum(a / b.clamp_min(1e-12), b / a.clamp_min(1e-12)).max())
        (low, high), (bottom, top) = extremes(train), extremes(val)
        ends_apart = max(abs(low - bottom), abs(high - top)) / max(1e-12, high - low)
        number = f"{far:.2f} deviations, 1 to {ratio:.2f}, {ends_apart:.2f} of the range"
        ok = far < 2 and ratio < 3 and ends_apart < 0.45
        allowed = "means 2 deviations apart, deviations 1 to 3, extremes .45 of the range"
        return judged(ok, number, allowed, look)
    filling = bench.data.filling
    counts = [Counter(t for b in s for t in b.x.flatten().tolist()) for s in (train, val)]
    for count in counts:
        count.pop(filling, None)
    one, two = ({t: n / c.total() for t, n in c.items()} for c in counts)
    far = sum(abs(one.get(t, 0) - two.get(t, 0)) for t in one.keys() | two.keys()) / 2
    return judged(far < 0.2, far, "shares of tokens differ by less than 0.2", look)


def digests(bench: Bench, split: str) -> list[str]:
    """Return a number for each example that equal examples share, whatever they are filled with."""
    found, filling = [], bench.data.filling
    for x in bench.data.splits[split].x:
        row = x if filling is None else x[: ends(x[None], filling)[0]]
        found.append(hashlib.blake2b(row.contiguous().numpy().tobytes()).hexdigest()[:32])
    return found


def ends(x: Tensor, filling: float) -> list[int]:
    """Count the values up to the last that is no filling. x: [B, T] -> B numbers."""
    at = torch.arange(1, x.shape[1] + 1, device=x.device)
    return torch.where(x != filling, at, 0).amax(dim=1).tolist()


def duplicates(bench: Bench) -> Result:
    """D4: no example is in two splits, and none in training has two labels."""
    found = {name: digests(bench, name) for name in SPLITS}
    shared = {
        f"{a} and {b}": len(set(found[a]) & set(found[b])) for a, b in combinations(SPLITS, 2)
    }
    labels: dict[str, set[int]] = {}
    if bench.data.classes:
        for key, y in zip(found["train"], bench.data.splits["train"].y.tolist(), strict=True):
            labels.setdefault(key, set()).add(y)
    both = sum(len(ys) > 1 for ys in labels.values())
    number = max(shared.values())
    wrong = [f"{n} examples are in {where}" for where, n in shared.items() if n]
    wrong += [f"{both} training examples have two labels"] if both > 0.01 * len(labels) else []
    look = "; ".join(wrong) or "how DataModule.load parts the splits"
    return judged(not wrong, number, "0 in two splits, 1 % with two labels", look)


def groups(bench: Bench) -> Result:
    """D6: no group (speaker, photograph, scaffold) is in two splits."""
    found = {name: set(bench.data.groups(name)) for name in SPLITS}
    shared = {f"{a} and {b}": found[a] & found[b] for a, b in combinations(SPLITS, 2)}
    number = sum(map(len, shared.values()))
    wrong = [f"{min(own)!r} is in {where}" for where, own in shared.items() if own]
    look = "; ".join(wrong) or "part the groups, then take the examples of each"
    return judged(not number, number, "0 groups in two splits", look)


def order(bench: Bench) -> Result:
    """D7: validation is the same each time; an epoch shows all of training in a new order."""

    def rows(split: str, epoch: int) -> tuple[Tensor, list[Tensor]]:
        data = bench.small(bench.data.batch_size)
        loop = SimpleNamespace(epoch_loop=SimpleNamespace(batch_progress=PROGRESS))
        ranks = {"global_rank": 0, "world_size": 1}
        data.trainer = SimpleNamespace(current_epoch=epoch, fit_loop=loop, **ranks)  # type: ignore[assignment]
        found = list(getattr(data, f"{split}_dataloader")())
        return torch.cat([b.index for b in found]), [b.x for b in found]

    wrong = []
    (one, x_one), (two, x_two) = rows("val", 0), rows("val", 1)
    if not torch.equal(one, two):
        wrong.append("validation comes in another order each time")
    elif not all(torch.equal(a, b) for a, b in zip(x_one, x_two, strict=True)):
        wrong.append("examples of validation change: are they augmented?")
    (one, _), (two, _), (again, _) = rows("train", 0), rows("train", 1), rows("train", 0)
    if torch.equal(one, two):
        wrong.append("training comes in the same order in each epoch")
    if torch.equal(one, one.sort().values):
        wrong.append("training is not shuffled")
    if not torch.equal(one, again):
        wrong.append("the order of an epoch is another each time")
    if not torch.equal(one.sort().values, two.sort().values):
        wrong.append("two epochs show different examples")
    look = "; ".join(wrong) or "DataModule.order and its loaders"
    return judged(not wrong, len(wrong), "0 differences", look)


# of a trainer that has not begun
PROGRESS = SimpleNamespace(current=SimpleNamespace(ready=0))


def filled(bench: Bench) -> Result:
    """D9: filling stands behind the end of an example only, none is empty, few are cut."""
    data = bench.data
    if (filling := data.filling) is None:
        return nothing("examples are of one size: the data module states no `filling`")
    inside = empty = full = total = widest = 0
    for name in SPLITS:
        x = data.splits[name].x
        real = x != filling
        size = torch.tensor(ends(x, filling))
        empty += int((size == 0).sum())
        if not x.is_floating_point():  # a wave may be silent inside
            inside += int((real.sum(dim=1) != size).sum())
        full, total = full + int((size == x.shape[1]).sum()), total + len(x)
        widest = max(widest, x.shape[1])
    share = full / total
    number = f"{inside} with filling inside, {empty} empty, {share:.1%} as long as the longest"
    look = "rows that fill the whole width may have been cut: how are examples filled up?"
    return judged(not inside and not empty and share < 0.05, number, "0, 0, below 5 %", look)


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "D1": shapes,
    "D2": scaled,
    "D3": alike,
    "D4": duplicates,
    "D6": groups,
    "D7": order,
    "D9": filled,
}
