"""Checks of an untrained model: what can be known of it before the first step.

What begins at zero hides what lies behind it, so most checks look at a copy whose weights were
shaken. Sources: Karpathy, A recipe for training neural networks (2019); torchtest.

Legend: B batch, T tokens.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..datamodule import Batch
from .bench import B, Bench, Result, apart, ends, judged, nothing
from .spies import Repeat


def initial(bench: Bench) -> Result:
    """S1: before training the loss is what it is where the last layer says nothing."""
    if bench.learns():
        return nothing(bench.learns())
    task, batch = bench.copy(), bench.batch()
    layers: list[nn.Module] = []
    leaves = [m for m in task.modules() if not list(m.children()) and list(m.parameters())]
    hooks = [m.register_forward_hook(lambda m, i, o: layers.append(m)) for m in leaves]
    with torch.no_grad():
        losses = task.losses(batch)
    for hook in hooks:
        hook.remove()
    low = float(losses.min())
    if task.floor is not None and low < task.floor - 1e-4:
        look = "a loss below its floor: is its sign right? (a task without a floor sets floor=None)"
        return judged(False, low, f"no loss below {task.floor:g}", look)
    if not layers:
        return nothing("no layer with weights has run")
    hook = layers[-1].register_forward_hook(blank_of)
    with torch.no_grad():
        blank = task.losses(batch)
    hook.remove()
    one, two = float(losses.mean()), float(blank.mean())
    ratio = one / two if two else float("inf")
    look = f"{one:.4g} with the last layer, {two:.4g} without: begin it at zero, or smaller"
    ok = 0.8 <= ratio <= 1.25 or abs(one - two) < 0.05
    return judged(ok, ratio, "0.8 to 1.25", look)


def blank_of(module: nn.Module, given: Any, out: Tensor) -> Tensor:
    """Say nothing, as a hook of a layer."""
    return torch.zeros_like(out)


def alone(bench: Bench) -> Result:
    """S2: there is one loss for each example, and it goes where its example goes."""
    batch, turn = bench.batch(), torch.arange(B).roll(3)
    moved, worst = Batch(*(part[turn] for part in batch)), 0.0
    for training in (False, True):
        task = bench.shaken().train(training)
        if task.coupled and training:
            continue
        found = []
        for given in (batch, moved):
            torch.manual_seed(0)
            task.generator.manual_seed(0)
            with torch.no_grad(), Repeat(B):
                found.append(task.losses(given))
        if found[0].shape != (B,):
            look = "losses(batch) returns one number for each example: name the axes of its means"
            return judged(False, f"shape {[*found[0].shape]}", f"shape [{B}]", look)
        if not task.coupled:
            worst = max(worst, apart(found[0][turn], found[1], range(B)))
    look = "a mean, softmax or view over the wrong axis mixes examples in `losses`"
    return judged(worst < 1e-5, worst, "permuted losses differ by less than 1e-5", look)


def separate(bench: Bench) -> Result:
    """S3: what is predicted for an example does not depend on the others of its batch."""
    norms = [
        n for n, m in bench.task.named_modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)
    ]
    if norms:
        look = f"{norms[0]} couples the examples of a batch in training: use GroupNorm"
        return judged(False, f"{len(norms)} BatchNorm", "none", look)
    task, batch = bench.shaken(), bench.batch()
    other = bench.batch(num=B, start=1)
    mixed = Batch(*(replaced(a, b) for a, b in zip(batch, other, strict=True)))
    rest = range(1, B)
    with torch.no_grad():
        one, two = (task.predict(task.inputs(b)) for b in (batch, mixed))
        worst = apart(one, two, rest)
        if not task.coupled:  # a loss may be counted by what the batch holds: all by the same
            ratio = task.losses(batch)[1:] / task.losses(mixed)[1:]
            worst = max(worst, float((ratio / ratio.median() - 1).abs().max()))
    look = "softmax, norm, mean or sort over axis 0; a view that crosses examples"
    return judged(worst < 2e-6, worst, "others change by less than 2e-6", look)


def replaced(a: Tensor, b: Tensor) -> Tensor:
    """Put the first example of another batch in place of this one's, cut or filled to its size."""
    a, out = a.clone(), torch.zeros_like(a[0])
    both = tuple(slice(min(m, n)) for m, n in zip(out.shape, b.shape[1:], strict=True))
    out[both] = b[0][both]
    a[0] = out
    return a


def future(bench: Bench) -> Result:
    """S4: a causal model does not see what follows, and does see what came before."""
    task, batch = bench.shaken(), bench.batch()
    if not task.causal:
        return nothing("the task does not say that it is causal")
    x = task.inputs(batch)
    size = min(ends(x, 0 if bench.data.filling is None else bench.data.filling))
    t = max(2, size // 2)
    changed = x.clone()
    changed[:, t] = torch.where(x[:, t] == x[:, 1], x[:, 2], x[:, 1])
    with torch.no_grad():
        one, two = task.predict(x), task.predict(changed)
    before = apart(one[:, :t], two[:, :t], range(B))
    after = apart(one[:, t + 1 : size], two[:, t + 1 : size], range(B))
    number = f"{before:.2g} before, {after:.2g} behind"
    look = "the attention's mask, the padding of a convolution, n-grams that reach ahead"
    return judged(before < 1e-5 < after, number, "below 1e-5, above it", look)


def heard(bench: Bench) -> Result:
    """S8: another input of the same length gives another output."""
    task, filling = bench.shaken(), bench.data.filling
    with torch.no_grad():
        x = task.inputs(bench.batch())
        other = x.roll(1, dims=0)
        if filling is not None and x.ndim > 1:
            other = x.clone()
            for row, source in zip(other, x.roll(1, dims=0), strict=True):
                place, values = row != filling, source[source != filling]
                row[place] = values.repeat(1 + len(row) // len(values))[: int(place.sum())]
        far = apart(task.predict(x), task.predict(other), range(B))
    look = "does the network use x at all? a mask of zeros, a constant, a wrong variable"
    return judged(far > 1e-6, far, "differs by more than 1e-6", look)


def one_of_each(bench: Bench) -> Result:
    """S7: each weight is in the optimizer, once; gains and biases do not decay."""
    if bench.learns():
        return nothing(bench.learns())
    task, wrong = bench.copy(), []
    named = dict(task.named_parameters())
    for name, weight in named.items():
        if not weight.requires_grad and name not in task.meant:
            wrong.append(f"{name} is frozen")
    owner: dict[int, str] = {}
    for name, weight in task.named_parameters(remove_duplicate=False):
        first = owner.setdefault(id(weight), name)
        if first != name and not {first, name} & set(task.meant):
            wrong.append(f"{name} is {first}")
    for name, module in task.named_modules():
        for key, value in vars(module).items():
            if hidden(value, set(owner)):
                wrong.append(f"{name}.{key} holds weights that are not registered")
    try:
        optimizer, _ = bench.optimizer(task, 100)
    except ValueError as error:
        return judged(False, "error", "each weight once", str(error))
    groups = [(p, g) for g in optimizer.param_groups for p in g["params"]]
    ids = [id(p) for p, _ in groups]
    wrong += [
        f"{n} is not in the optimizer"
        for n, p in named.items()
        if p.requires_grad and id(p) not in ids
    ]
    if len(ids) != len(set(ids)):
        wrong.append("a weight is in the optimizer twice")
    if set(ids) - {id(p) for p in named.values()}:
        wrong.append("the optimizer has weights that the task has not")
    wrong += [
        f"a gain or bias of {p.numel()} decays"
        for p, g in groups
        if p.ndim < 2 and g.get("weight_decay")
    ][:1]
    look = "; ".join(wrong[:3]) or "configure_optimizers, and which weights are registered"
    return judged(not wrong, len(wrong), "0 weights", look)


def hidden(value: Any, known: set[int]) -> bool:
    """Say whether an attribute holds weights that no module has registered."""
    if isinstance(value, Tensor):
        return value.requires_grad and value.is_leaf and id(value) not in known
    if isinstance(value, nn.Module):
        return any(id(p) not in known for p in value.parameters())
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list | tuple) and any(hidden(v, known) for v in value)


CHECKS: dict[str, Callable[[Bench], Result]] = {
    "S1": initial,
    "S2": alone,
    "S3": separate,
    "S4": future,
    "S7": one_of_each,
    "S8": heard,
}
