"""Checks of training: short runs by the trainer, as `train` makes them.

Sources: Karpathy, A recipe for training neural networks (2019): one batch by heart, an
input-independent baseline; Zhang 2016, 1611.03530 (random labels); torchtest.

Legend: B batch.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import Tensor

from .bench import B, Bench, Result, headline, judged, nothing
from .datamodule import Split
from .report import smaller_is_better
from .task import Task

STEPS = 200  # of one batch
LEARNT = 60  # of a short run


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


def memorize(bench: Bench) -> Result:
    """T1: one batch can be learnt by heart: the loss falls, and its score gets better."""
    if bench.learns():
        return nothing(bench.learns())
    task, batch = bench.copy(), bench.batch()
    optimizer, schedule = bench.optimizer(task, STEPS)
    score, first, last = headline(task, batch), 0.0, 0.0
    for step in range(STEPS):
        loss = task.losses(batch).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
        if schedule is not None and schedule.get("interval") == "step":
            schedule["scheduler"].step()
        last = float(loss.detach())
        first = first if step else last
    final, look = headline(task, batch), "can it learn at all? the loss, the targets, the rate"
    floor = task.floor if task.floor is not None else last - 0.5 * abs(first) - 1e-9
    share = (last - floor) / (first - floor) if task.floor is not None else last / first
    ok = share < 0.5 if task.floor is not None else last < first - 0.1
    number = f"loss {first:.4g} to {last:.4g}"
    if task.floor is not None and last < task.floor - 1e-4:
        ok, look = False, "the loss fell below its floor: is its sign right?"
    if score and final:
        name, (a, b) = score[0], (score[1], final[1])
        number += f", {name} {a:.4g} to {b:.4g}"
        if not ((b < a) if smaller_is_better(name) else (b > a)):
            ok, look = False, f"the loss fell, but {name} is no better: do both mean the same?"
    return judged(ok, number, "to less than half, the score better", look)


def validated(bench: Bench, task: Task, num: int = 128) -> Tensor:
    """Return the losses of some validation examples: [N]."""
    count = len(bench.data.splits["val"].x)
    rows = torch.linspace(0, count - 1, min(num, count)).long()
    task.eval()
    with torch.no_grad():
        return torch.cat([task.losses(bench.rows("val", r)) for r in rows.split(16)])


def short(bench: Bench, change: Callable[[Split], Split] | None = None) -> Tensor:
    """Train a little, on a changed training split; return the losses of validation: [N]."""
    key = change.__name__ if change else ""
    if key not in bench.runs:
        data = bench.small(bench.data.batch_size)
        if change:
            data.splits = data.splits | {"train": change(data.splits["train"])}
        task = bench.fresh(0)
        bench.fit(task, LEARNT, data)
        bench.runs[key] = validated(bench, task)
    return bench.runs[key]


def blind(split: Split) -> Split:
    """Show the first example in place of each."""
    return split._replace(x=split.x[:1].expand_as(split.x).clone())


def permuted(split: Split) -> Split:
    """Give each example what belongs to another."""
    rows = torch.randperm(len(split.y), generator=torch.Generator().manual_seed(0))
    return split._replace(y=split.y[rows])


def sees(bench: Bench) -> Result:
    """T2: a short run does better on new examples than it began, and than one that sees nothing."""
    if bench.learns():
        return nothing(bench.learns())
    other, what = validated(bench, bench.fresh(0)), "untrained"
    if bench.task.labelled:
        other, what = torch.minimum(other.mean(), short(bench, blind).mean()), "blind"
    real = short(bench)
    gain = other - real
    error = float(gain.std() / len(gain) ** 0.5)
    number = f"{float(real.mean()):.4g}, {what} {float(other.mean()):.4g}"
    look = "do x and y belong together, in each split? does training see what evaluation does?"
    return judged(float(gain.mean()) > 2 * error, number, "lower by 2 standard errors", look)


def guesses(bench: Bench) -> Result:
    """T3: with labels of other examples nothing can be learnt that holds for new ones."""
    if bench.learns():
        return nothing(bench.learns())
    if not bench.task.labelled:
        return nothing("the task does not say that it learns labels")
    prior, found = short(bench, blind), short(bench, permuted)
    gain = prior - found
    error = float(gain.std() / len(gain) ** 0.5)
    number = f"{float(found.mean()):.4g}, blind {float(prior.mean()):.4g}"
    ok = float(gain.mean()) < max(3 * error, 0.05 * abs(float(prior.mean())))
    look = "how does y get to the network, if not by x? losses, inputs, or the data module"
    return judged(ok, number, "not lower by 3 standard errors", look)


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
    first = float(validated(bench, task, 32).mean())
    weights = [p for p in task.parameters() if p.requires_grad]
    for p in weights:
        p.register_hook(lambda g: norms.append(float(g.norm())))
    bench.fit(task, 10, bench.small(bench.data.batch_size))
    last, top = float(validated(bench, task, 32).mean()), max(norms, default=0.0)
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
    "T1": memorize,
    "T2": sees,
    "T3": guesses,
    "T6": reproducible,
    "T7": resumed,
    "T8": steady,
    "T10": schedule,
}
