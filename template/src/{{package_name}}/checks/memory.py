"""The check of one batch: whatever else is wrong, a network can learn a few examples by heart.

What it says must get better as its loss falls, or the two do not mean the same. Samples are scored
as a set, not one by one: of them it is asked whether they come nearer to the batch. And no loss is
below its floor, whatever a network says: training goes where the loss is lowest, and would get
there in the end, if not in 200 steps.

Source: Karpathy, A recipe for training neural networks (2019).

Legend: B batch.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..datamodule import Batch
from ..reports.report import smaller_is_better
from ..task import Task
from .bench import Bench, Result, headline, judged, nothing

STEPS, OFTEN = 200, 50  # at most, and after how many it is looked at
UNITS, FAR = 24, 1e4  # those of the narrowest layers that are moved, one by one, and how far


def memorize(bench: Bench) -> Result:
    """T1: one batch can be learnt by heart: the loss falls, and its score gets better."""
    if bench.learns():
        return nothing(bench.learns())
    task, batch = bench.copy(), bench.batch()
    if task.floor is not None and (low := lowest(bench.shaken(), batch)) < task.floor - 0.01:
        look = "a unit that says a number far off takes the loss below its floor: signs, squares"
        return judged(False, low, f"no loss below {task.floor:g}", look)
    optimizer, schedule = bench.optimizer(task, STEPS)
    before, first = reach(task, batch), math.nan
    for step in range(1, STEPS + 1):
        loss = task.losses(batch).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
        if schedule is not None and schedule.get("interval") == "step":
            schedule["scheduler"].step()
        last = float(loss.detach())
        first = last if step == 1 else first
        if step == STEPS or (step % OFTEN == 0 and fell(task, first, last)):
            result = learnt(task, batch, (first, last), before)
            if result.ok:
                break
    return result


@torch.no_grad()
def lowest(task: Task, batch: Batch) -> float:
    """Return the lowest loss where one unit of a narrow layer says a number that is far off.

    Narrow are the layers that a loss relies on to mean something: codes, variances, heads.
    """
    sizes: dict[nn.Module, int] = {}

    def measure(module: nn.Module, given: Any, out: Any) -> None:
        if isinstance(out, Tensor) and out.is_floating_point() and out.ndim > 1:
            sizes[module] = out.shape[axis_of(module)]

    layers = [m for m in task.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd)]
    hooks = [layer.register_forward_hook(measure) for layer in layers]
    found = [task.losses(batch)]
    for hook in hooks:
        hook.remove()
    units = [(n, layer, unit) for layer, n in sizes.items() for unit in range(n)]
    for _, layer, unit in sorted(units, key=lambda u: u[0])[:UNITS]:
        for far in (-FAR, FAR):
            hook = layer.register_forward_hook(moved(unit, far))
            found.append(task.losses(batch))
            hook.remove()
    every = torch.cat(found)
    return float(every[every.isfinite()].min()) if every.isfinite().any() else math.nan


def axis_of(module: nn.Module) -> int:
    """Return the axis of a layer's units: [..., D], or [B, C, *S]."""
    return -1 if isinstance(module, nn.Linear) else 1


def moved(unit: int, far: float) -> Any:
    """Return a hook that has one unit say a number."""

    def hook(module: nn.Module, given: Any, out: Tensor) -> Tensor:
        out = out.clone()
        out.select(axis_of(module), unit).fill_(far)
        return out

    return hook


def fell(task: Task, first: float, last: float) -> bool:
    """Say whether a loss fell to less than half; where it has no floor, whether it fell."""
    if task.floor is None:
        return last < first - 0.1
    return last - task.floor < 0.5 * (first - task.floor)


def learnt(
    task: Task, batch: Batch, losses: tuple[float, float], before: tuple[str, float] | None
) -> Result:
    """Judge what a batch came to. losses: at first and at last; before: its score at first."""
    first, last = losses
    ok, number = fell(task, first, last), f"loss {first:.4g} to {last:.4g}"
    look = "can it learn at all? the loss, the targets, the rate"
    if task.floor is not None and last < task.floor - 1e-4:
        ok, look = False, "the loss fell below its floor: is its sign right?"
    if before and (after := reach(task, batch)):
        name, (a, b) = after[0], (before[1], after[1])
        number += f", {name} {a:.4g} to {b:.4g}"
        if not (b < a if smaller_is_better(name) else b > a):
            ok, look = False, f"the loss fell, but {name} is no better: do both mean the same?"
    return judged(ok, number, "to less than half, the score better", look)


def reach(task: Task, batch: Batch) -> tuple[str, float] | None:
    """Return the score of a batch; where none is scored, how far what is made is from it."""
    score = headline(task, batch)
    if score is None and (perfect := task.perfect(batch)) is not None:
        with torch.no_grad():
            made = task.predict(task.inputs(batch)).flatten(1)
        return "distance", float(torch.cdist(made, perfect.flatten(1)).amin(dim=1).mean())
    return score


CHECKS: dict[str, Callable[[Bench], Result]] = {"T1": memorize}
