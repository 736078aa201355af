"""Checks of the code while it runs: what torch does without an error, and nobody meant.

Sources: vahidk, Effective PyTorch (broadcasting, the good and the ugly); Karpathy's list of common
mistakes (2018); Tambon 2021, 2112.13314 (silent bugs of deep-learning frameworks).

Legend: B batch.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..datamodule import Batch
from ..task import Task
from .bench import B, Bench, Result, judged, tensors
from .spies import Meta, Spy

FEW = 5  # examples of a second batch: what is suspect only by the size of the first, is not


def spied(bench: Bench, num: int) -> dict[str, set[str]]:
    """Run losses, predictions and scores of a batch under a spy."""
    spy, batch = Spy(num), bench.batch(num=num)
    for training in (True, False):
        task = bench.shaken().train(training)
        with torch.no_grad(), spy:
            task.losses(batch)
            if not training:
                task.scores(task.predict, batch)
    return spy.seen


def lines(found: set[str], otherwise: str) -> str:
    """Name the first lines, or what to look at otherwise."""
    return "; ".join(sorted(found)[:3]) or otherwise


def broadcast(bench: Bench) -> Result:
    """S9: no operation stretches both of its operands over the batch."""
    one, two = (spied(bench, num)["broadcast"] for num in (B, FEW))
    at = {text.partition(" ")[0] for text in two}
    found = {text for text in one if text.partition(" ")[0] in at}
    look = lines(found, "[B] with [B, 1] gives [B, B]: name the axes, keepdim, view")
    return judged(not found, len(found), "0 lines", look)


def twice(bench: Bench) -> Result:
    """S10: probabilities are made once, and losses get what they ask for."""
    found = spied(bench, B)["twice"]
    look = lines(found, "cross_entropy takes logits, nll_loss and ctc_loss logarithms")
    return judged(not found, len(found), "0 lines", look)


def across(bench: Bench) -> Result:
    """S11: nothing adds up over the batch, and a batch of one is a batch."""
    found, one = set(spied(bench, B)["across"]), bench.batch(num=1)
    spy, task = Spy(1), bench.shaken()
    with torch.no_grad(), spy:
        losses, guess = task.losses(one), tensors(task.predict(task.inputs(one)))
    found |= {text for text in spy.seen["across"] if "squeeze" in text}
    if losses.shape != (1,):
        found.add(f"losses of one example have shape {[*losses.shape]}")
    if any(not t.ndim or len(t) != 1 for t in guess):
        found.add("predict of one example returns no batch of one")
    look = lines(found, "softmax(dim=...) and squeeze(dim=...) name their axis, never the batch's")
    return judged(not found, len(found), "0 lines", look)


def portable(bench: Bench) -> Result:
    """S12: no tensor is nailed to a device, none is float64, none is unknown to the module."""
    task = bench.copy()
    wrong = [
        f"{name} is float64"
        for name, t in [*task.named_parameters(), *task.named_buffers()]
        if t.dtype == torch.float64
    ]
    for name, module in task.network.named_modules(prefix="network"):
        known = {id(t) for t in [*module.parameters(), *module.buffers()]}
        wrong += [
            f"{name}.{key} is a tensor, but no buffer: register_buffer"
            for key, value in vars(module).items()
            if isinstance(value, Tensor)
            and not isinstance(value, nn.Parameter)
            and id(value) not in known
        ]
    batch = bench.batch()
    with torch.no_grad():
        losses = task.losses(batch)
    if losses.dtype != torch.float32:
        wrong.append(f"losses are {losses.dtype}")
    wrong += halved(task, batch, float(losses.mean()))
    wrong += elsewhere(bench.copy(), batch)
    return judged(
        not wrong,
        len(wrong),
        "0 tensors",
        "; ".join(wrong[:3]) or "torch.zeros(..., device=x.device)",
    )


def halved(task: Task, batch: Batch, full: float) -> list[str]:
    """Run the losses with matrices in 16 bits, as on a GPU. full: their mean in 32 bits."""
    try:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            half = float(task.losses(batch).float().mean())
    except RuntimeError as error:
        # a GPU keeps more operations in 32 bits than the CPU: only what mixes both is an error
        return [f"in 16 bits: {error}"] if "expected dtype" in str(error) else []
    far = abs(half - full) / max(0.1, abs(full))
    return [f"in 16 bits the loss is {far:.0%} off"] if far > 0.1 else []


def elsewhere(task: Task, batch: Batch) -> list[str]:
    """Run the losses on a device that only has shapes: a tensor made on the CPU does not fit."""
    task, batch = task.to("meta").train(), Batch(*(part.to("meta") for part in batch))
    spy = Meta()
    try:
        with torch.no_grad(), spy:
            task.losses(batch)
    except Exception:  # torch raises several kinds, by operation
        pass  # also where a number was asked for, which a shape does not have
    return [f"a tensor was made on the CPU: {spy.mixed}"] if spy.mixed else []


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "S9": broadcast,
    "S10": twice,
    "S11": across,
    "S12": portable,
}
