"""Checks of training: short runs by the trainer, as `train` makes them.

What is learnt of pairs shows where they are exchanged: it costs nothing if x was no help. So no run
that sees nothing (an input-independent baseline) is needed beside.

Sources: Karpathy, A recipe for training neural networks (2019); torchtest.

Legend: B batch.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import Tensor

from ..task import Task
from .bench import B, Bench, Result, judged, nothing

FEWEST = 16  # validation examples of which a mean and its error are known
LEARNT = (60, 240)  # of a short run, and of another where that one learnt nothing


def moves(bench: Bench) -> Result:
    """S6: each weight gets a gradient, and changes, within five steps."""
    if bench.learns():
        return nothing(bench.learns())
    task, live = bench.fresh(0), set()
    before = {name: p.detach().clone() for name, p in task.named_parameters()}
    for name, p in task.named_parameters():
        if p.requires_grad:
            p.register_hook(lambda g, name=name: live.add(name) if g.abs().max() > 0 else None)
    bench.fit(task, 5, bench.small(2 * B))
    wrong = [
        name
        for name, p in task.named_parameters()
        if p.requires_grad and (name not in live or torch.equal(p, before[name]))
    ]
    look = ", ".join(wrong[:3]) or "detach(), no_grad, a branch whose output is not used, argmax"
    return judged(not wrong, len(wrong), "0 weights without a gradient", look)


def spread(bench: Bench, num: int) -> Tensor:
    """Choose validation examples from all over the split: [N] rows."""
    count = len(bench.data.splits["val"].x)
    return torch.linspace(0, count - 1, min(num, count)).long()


@torch.no_grad()
def validated(bench: Bench, task: Task, num: int = 128) -> Tensor:
    """Return the losses of some validation examples: [N]."""
    return torch.cat([task.losses(bench.rows("val", r)) for r in spread(bench, num).split(16)])


def sees(bench: Bench) -> Result:
    """T2: a short run does better on new examples than it began, because of what they are."""
    if bench.learns():
        return nothing(bench.learns())
    if (count := len(bench.data.splits["val"].x)) < FEWEST:
        return nothing(f"validation has only {count} examples")
    before = validated(bench, bench.fresh(0).eval())
    for steps in LEARNT:
        task = bench.fresh(0)
        bench.fit(task, steps, bench.small(bench.data.batch_size))
        ok, number, look = learnt(bench, task, before)
        if ok:
            break
    return judged(
        ok, f"{number} after {steps} steps", "lower by 3 standard errors, and in training", look
    )


def learnt(bench: Bench, task: Task, before: Tensor) -> tuple[bool, str, str]:
    """Judge what a run has learnt of validation examples. before: their losses at first, [N]."""
    after = validated(bench, task.eval())
    number = f"{float(before.mean()):.4g} to {float(after.mean()):.4g}"
    if not surely(before - after):
        return False, number, "does training see what evaluation does?"
    if task.labelled:
        worse = exchanged(bench, task)
        number += f", {float(worse.mean()):.2g} more with the y of another"
        if not surely(worse):
            return False, number, "do x and y belong together, in each split?"
    if task.floor is None or task.coupled:  # neighbors in training may be training examples
        return True, number, ""
    task.generator.manual_seed(0)
    trained = validated(bench, task.train())
    number += f", {float(trained.mean()):.4g} as in training"
    ok = float((trained - after).mean().abs()) < 0.5 * float(before.mean() - task.floor)
    return ok, number, "training and evaluation lower something else: which targets has each?"


def surely(gain: Tensor) -> bool:
    """Say whether a mean is above 0 by 3 standard errors. gain: [N], what is not finite is not."""
    gain = gain[gain.isfinite()]
    return len(gain) > 1 and bool(gain.mean() > 3 * gain.std() / len(gain) ** 0.5)


@torch.no_grad()
def exchanged(bench: Bench, task: Task) -> Tensor:
    """Return how much more two examples lose where each has the y of the other: [N // 2].

    Where nothing was learnt of x, a loss is a term of x and one of y, and both cancel.
    """
    rows = spread(bench, 128)
    y, half = bench.data.splits["val"].y[rows], len(rows) // 2
    if y.ndim == 1:  # two of other classes
        pairs = rows[y.argsort(stable=True)][: 2 * half].view(2, half).T
    else:  # two of like length: that would tell which belong together
        size = (y != 0).flatten(1).sum(dim=1)
        pairs = rows[size.argsort(stable=True)][: 2 * half].view(half, 2)
    found = []
    for some in pairs.split(8):
        batch = bench.rows("val", some.flatten())
        turned = batch.y.unflatten(0, (-1, 2)).flip(dims=[1]).flatten(0, 1)
        other = batch._replace(y=turned, index=batch.index.clone())
        more = task.losses(other) - task.losses(batch)
        found.append(more.view(-1, 2).mean(dim=1))
    return torch.cat(found)


def same(one: Task, two: Task) -> bool:
    """Say whether all weights and buffers are equal."""
    other = two.state_dict()
    return all(torch.equal(v, other[k]) for k, v in one.state_dict().items())


def reproducible(bench: Bench) -> Result:
    """T6: the same seed gives the same run, another seed another."""
    if bench.learns():
        return nothing(bench.learns())
    found = []
    for seed in (0, 0, 1):
        found.append(bench.fresh(seed))
        bench.fit(found[-1], 5, bench.small(seed=seed))
    wrong = [] if same(found[0], found[1]) else ["two runs with one seed differ"]
    wrong += ["another seed gives the same run"] if same(found[0], found[2]) else []
    look = "; ".join(wrong) or "random numbers from anywhere but the task's generator"
    return judged(not wrong, len(wrong), "0 differences", look)


def resumed(bench: Bench) -> Result:
    """T7: four steps are two and two more from a checkpoint."""
    if bench.learns():
        return nothing(bench.learns())
    with tempfile.TemporaryDirectory() as folder:

        def fit(where: Path, **resume: str) -> Task:
            often = ModelCheckpoint(where, "{step}", every_n_train_steps=2, save_top_k=-1)
            task = bench.fresh(0)
            keep = {"callbacks": [often], "enable_checkpointing": True}
            bench.fit(task, 4, bench.small(), **keep, **resume)
            return task

        whole = fit(Path(folder, "whole"))
        path = next(Path(folder, "whole").glob("*=2.ckpt"))
        rest = fit(Path(folder, "rest"), ckpt_path=str(path))
    look = "what a checkpoint does not hold: random state, buffers, the place in the epoch"
    return judged(same(whole, rest), "equal" if same(whole, rest) else "different", "equal", look)


def steady(bench: Bench) -> Result:
    """T8: gradients are finite, and ten steps do not make the loss explode."""
    if bench.learns():
        return nothing(bench.learns())
    task, norms = bench.fresh(0), []
    first = float(validated(bench, task.eval(), 32).mean())
    weights = [p for p in task.parameters() if p.requires_grad]
    for p in weights:
        p.register_hook(lambda g: norms.append(float(g.norm())))
    bench.fit(task, 10, bench.small(bench.data.batch_size))
    last, top = float(validated(bench, task.eval(), 32).mean()), max(norms, default=0.0)
    finite = bool(torch.tensor([*norms, last]).isfinite().all())
    ok = finite and last < first + 2 * abs(first) + 1
    look = "the learning rate, log or sqrt or division by 0, the norm of the inputs"
    return judged(
        ok, f"loss {first:.4g} to {last:.4g}, gradient to {top:.3g}", "finite, below 3 times", look
    )


def schedule(bench: Bench) -> Result:
    """T10: the learning rate changes with each step: it rises, and ends at a tenth or less."""
    if bench.learns():
        return nothing(bench.learns())
    optimizer, plan = bench.optimizer(bench.copy(), 100)
    if plan is None:
        return nothing("there is no schedule")
    if plan.get("interval") != "step":
        look = 'the schedule moves once an epoch: {"interval": "step"}'
        return judged(False, f"interval {plan.get('interval')}", "interval step", look)
    rates = []
    for _ in range(100):
        rates.append(max(g["lr"] for g in optimizer.param_groups))
        optimizer.step()
        plan["scheduler"].step()
    number = f"{rates[0]:.2g}, {max(rates):.2g}, {rates[-1]:.2g}"
    start = rates[0] < max(rates) or round(100 * bench.task.warmup) == 0
    look = "steps of the schedule, against trainer.estimated_stepping_batches"
    return judged(
        start and rates[-1] <= 0.1 * max(rates),
        number,
        "begins below its peak, ends below 10 %",
        look,
    )


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "S6": moves,
    "T2": sees,
    "T6": reproducible,
    "T7": resumed,
    "T8": steady,
    "T10": schedule,
}
