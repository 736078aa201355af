"""Checks of what is filled in behind the end of an example: it stays there, and changes nothing.

Source: the field's own mishaps with padding (Hugging Face issue 24257).

Legend: B batch, T values of an example, filling included.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..datamodule import Batch
from ..task import fraction
from .bench import SPLITS, B, Bench, Result, apart, ends, judged, mean, nothing, tensors


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
        longest = int((size == x.shape[1]).sum())
        full, total = full + max(0, longest - 1), total + len(x)  # one of them has to be
        widest = max(widest, x.shape[1])
    share = full / total
    number = f"{inside} with filling inside, {empty} empty, {share:.1%} more as long as the longest"
    look = "rows that fill the whole width may have been cut: how are examples filled up?"
    return judged(not inside and not empty and share < 0.05, number, "0, 0, below 5 %", look)


def padding(bench: Bench) -> Result:
    """S5: an example alone, with more filling, and beside a longer one: the same answer."""
    if (filling := bench.data.filling) is None:
        return nothing("examples are of one size: the data module states no `filling`")
    task, batch, worst = bench.shaken(), bench.batch(), 0.0
    with torch.no_grad():
        whole = task.predict(task.inputs(batch))
        scores = task.scores(task.predict, batch)
        for row in range(0, B, 2):
            own = cut(batch, torch.tensor([row]), filling)
            wide = F.pad(own.x, (0, 4 + own.x.shape[1] // 3), value=filling)
            for given in (own, own._replace(x=wide, index=own.index.clone())):
                x = task.inputs(given)
                mine, theirs = real(whole, row, x, filling), real(task.predict(x), 0, x, filling)
                worst = max(worst, apart(mine, theirs, [0]))
                for name, score in task.scores(task.predict, given).items():
                    top, bottom = (p[row : row + 1] for p in fraction(scores[name]))
                    here = mean((top, bottom))
                    worst = max(worst, abs(mean(score) - here) / max(0.01, abs(here)))
        if not task.coupled:  # the batch filled up; two short ones, alone and beside the longest
            wide = F.pad(batch.x, (0, 4 + batch.x.shape[1] // 3), value=filling)
            more = batch._replace(x=wide, index=batch.index.clone())
            worst = max(worst, apart(task.losses(batch), task.losses(more), range(B)))
            few = torch.tensor(ends(batch.x, filling)).argsort()[[0, 1, -1]]
            one, two = (task.losses(cut(batch, rows, filling)) for rows in (few[:2], few))
            worst = max(worst, float((one[0] / one[1] * two[1] / two[0] - 1).abs()))
    look = "mask what is filled in: attention, mean over time, convolution, norm"
    return judged(worst < 1e-3, worst, "differs by less than 1e-3", look)


def cut(batch: Batch, rows: Tensor, filling: float) -> Batch:
    """Take some examples, and no more filling than they need."""
    own = Batch(*(part[rows] for part in batch))
    return own._replace(x=own.x[:, : max(1, *ends(own.x, filling))])


def real(prediction: Any, row: int, x: Tensor, filling: float) -> list[Tensor]:
    """Take one row of a prediction, of an axis as long as the input only what is no filling."""
    end, found = ends(x, filling)[0], []
    for part in tensors(prediction):
        mine = part[row : row + 1]
        found.append(mine[:, :end] if mine.ndim > 1 and mine.shape[1] >= x.shape[1] else mine)
    return found


CHECKS: dict[str, Callable[[Bench], Result]] = {"D9": filled, "S5": padding}
