"""Checks of the data: what is wrong here, no network can make up for.

Sources: Karpathy, A recipe for training neural networks (2019); Olyae 2021, "Using PyTorch + NumPy?
You are making a mistake" (workers that draw alike).

Legend: B batch, N examples, *S shape of one example, C classes.
"""

import multiprocessing
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import islice
from types import SimpleNamespace

import torch
from torch import Tensor

from ..datamodule import Batch, DataModule, Split
from .bench import Bench, Result, judged, nothing

FEW = 8  # training batches that worker processes are asked for
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


def workers(bench: Bench) -> Result:
    """D8: worker processes hand out what one process does, each example once, none drawn alike."""
    if multiprocessing.get_start_method() != "fork":
        return nothing("processes start slowly here: check it where they are forked")
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a machine with one core
        for num in (0, 2):
            data = bench.small(bench.data.batch_size, num_workers=num)
            found.append(list(islice(data.train_dataloader(), FEW)))
    pairs = list(zip(*found, strict=True))
    wrong = sum(
        not all(torch.equal(a, b) for a, b in zip(one, two, strict=True)) for one, two in pairs
    )
    look = "random numbers in a worker: draw them in `augment`, from its generator"
    return judged(not wrong, wrong, f"0 of {len(pairs)} batches differ", look)


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "D1": shapes,
    "D2": scaled,
    "D3": alike,
    "D7": order,
    "D8": workers,
}
