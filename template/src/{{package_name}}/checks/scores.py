"""Checks of evaluation: that what is measured is what was meant, the same each time.

Sources: Karpathy's list of common mistakes (2018); the exact means of big_vision's evaluators;
Kraft 1949 (code lengths).

Legend: B batch.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..reports.report import smaller_is_better
from .bench import B, Bench, Result, apart, headline, judged, nothing, plain

NUM = 20  # examples that are scored in parts and as a whole


def modes(bench: Bench) -> Result:
    """T4: in evaluation nothing is random and nothing changes; training is no evaluation."""
    task, batch, wrong = bench.shaken(), bench.batch("val"), []
    flags = {name: m.training for name, m in task.named_modules()}
    before = {k: v.clone() for k, v in task.state_dict().items()}
    with torch.no_grad():
        x = task.inputs(batch)
        torch.manual_seed(1)
        one = task.predict(x)
        torch.manual_seed(2)
        two = task.predict(task.inputs(batch._replace(index=batch.index.clone())))
        if apart(one, two, range(B)) > 0:
            wrong.append("predict twice gives two answers: dropout in evaluation, random inputs?")
        if not torch.equal(task.losses(batch), task.losses(batch)):
            wrong.append("losses twice in evaluation are not the same")
        task.scores(task.predict, batch)
    if flags != {name: m.training for name, m in task.named_modules()}:
        wrong.append("predict or scores turns train() on")
    if asleep := sleeping(bench):
        wrong.append(f"{asleep} is in evaluation while it is trained")
    rows = torch.arange(min(B, len(bench.data.splits["val"].x)))
    found = [bench.validate(task, [rows]) for _ in range(2)]
    if found[0] != found[1]:
        wrong.append("validation twice gives two scores")
    after = task.state_dict()
    wrong += [f"evaluation changes {k}" for k, v in before.items() if not torch.equal(v, after[k])]
    with torch.no_grad():
        x = x.clone()
        kept = x.clone()
        task.predict(x)
        if not torch.equal(kept, x):
            wrong.append("predict changes its input")
    look = "; ".join(wrong[:3]) or "train() and eval(), F.dropout(training=self.training)"
    return judged(not wrong, len(wrong), "0 differences", look)


def sleeping(bench: Bench) -> str:
    """Name a module that gets gradients in a step of training, but runs as in evaluation."""
    if bench.learns():
        return ""
    task, found = bench.copy(), []

    def hook(name: str) -> Callable[[nn.Module, Any], None]:
        # what is shown without gradients, as a teacher, may well be in evaluation
        def look(module: nn.Module, given: Any) -> None:
            if torch.is_grad_enabled() and not module.training:
                found.append(name)

        return look

    for name, module in task.named_modules():
        drops = isinstance(module, nn.modules.dropout._DropoutNd)
        if drops or any(p.requires_grad for p in module.parameters()):
            module.register_forward_pre_hook(hook(name or type(task).__name__))
    bench.fit(task, 1, bench.small())
    return found[0] if found else ""


def hidden(bench: Bench) -> Result:
    """T3: labels reach the network by x alone.

    A loss that is -log p(y | x) is the length of a code for y, so the sum of exp(-loss) over all y
    is 1 (Kraft 1949), and less where the loss is more, as with smoothed labels. What knows y
    beforehand makes all codes short.
    """
    task, batch, wrong = bench.shaken(), bench.batch(), []
    if not task.labelled:
        return nothing("the task does not say that it learns labels")
    other = batch._replace(y=batch.y.roll(1, dims=0), index=batch.index.clone())
    with torch.no_grad():
        if apart(task.inputs(batch), task.inputs(other), range(B)) > 0:
            wrong.append("inputs(batch) is another where y is another")
        if not task.nats or not bench.data.classes:
            return judged(not wrong, len(wrong), "inputs without y", "inputs, and what it takes")
        sums = []
        for training in (False, True):
            total = torch.zeros(B)
            for y in range(len(bench.data.classes)):
                torch.manual_seed(0)
                task.generator.manual_seed(0)
                task.train(training)
                total += (-task.losses(batch._replace(y=torch.full_like(batch.y, y)))).exp()
            sums.append(float(total.max()))
    if max(sums) > 1.01:
        wrong.append("losses knows y before it says how likely y is")
    look = "; ".join(wrong) or "losses, inputs"
    return judged(not wrong, max(sums), "at most 1 over all classes, inputs without y", look)


def exact(bench: Bench) -> Result:
    """T5: scores are the same at any batch size."""
    task, rows = bench.shaken(), torch.arange(min(NUM, len(bench.data.splits["val"].x)))
    if len(rows) < 3:
        return nothing(f"validation has only {len(rows)} examples")
    one, end = bench.validate(task, [rows]), 3 if len(rows) > 3 else 2
    parts = rows[:end], rows[end : end + 7], rows[end + 7 :]
    few = bench.validate(task, [part for part in parts if len(part)])
    with torch.no_grad():
        whole, part = (task.losses(bench.rows("val", r)) for r in (rows, parts[0]))
    ratio = whole[:end] / part
    counted = float((ratio - 1).abs().max()) > 1e-4 and float(ratio.std()) < 1e-4
    names = [n for n in one if not (counted and n.endswith("/loss"))]
    if not names:
        return nothing("nothing is logged but a loss that is counted by the batch")
    far = {n: abs(one[n] - few[n]) / max(1e-6, abs(one[n])) for n in names}
    worst = max(far, key=lambda n: far[n])
    look = f"{worst} is a mean of means: add up sums and counts"
    return judged(far[worst] < 1e-4, far[worst], "differs by less than 1e-4", look)


def direction(bench: Bench) -> Result:
    """T9: the perfect prediction scores best, and what is watched points the right way."""
    wrong = []
    blocks = plain(bench.cfg, "callbacks") or {}
    for name, block in blocks.items():
        metric, mode = (block or {}).get("monitor"), (block or {}).get("mode")
        if metric and mode and (mode == "min") != smaller_is_better(metric):
            wrong.append(f"callbacks.{name}: {metric} is watched with mode={mode}")
    task, batch = bench.shaken(), bench.batch("val")
    own, ideal = headline(task, batch), task.perfect(batch)
    if (own is None or ideal is None) and not wrong:
        return nothing("no single example is scored, or the task names no perfect prediction")
    if own is not None and ideal is not None:
        # by half a batch: of a small split, neighbors are one example
        turn, parts = torch.arange(B).roll(B // 2), ideal if isinstance(ideal, tuple) else (ideal,)
        turned = [part[turn] for part in parts]
        moved: Any = turned[0] if isinstance(ideal, Tensor) else type(ideal)(*turned)
        alike = all(map(torch.equal, parts, turned))  # few examples may all say the same
        found = [headline(task, batch, p) for p in (ideal, moved)]
        if all(found):
            (name, best), (_, others) = found  # type: ignore[misc]
            sign = -1 if smaller_is_better(name) else 1
            least = name.endswith(("error", "distance"))  # of which there is none
            ahead = (alike or sign * best > sign * others) and sign * best > sign * own[1]
            if not ahead or (least and abs(best) > 1e-3):
                wrong.append(
                    f"{name}: perfect {best:.4g}, of others {others:.4g}, untrained {own[1]:.4g}"
                )
    look = "; ".join(wrong) or "judge, and callbacks.*.mode"
    return judged(not wrong, len(wrong), "0 contradictions", look)


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "T3": hidden,
    "T4": modes,
    "T5": exact,
    "T9": direction,
}
