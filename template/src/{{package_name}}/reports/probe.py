"""A network seen from inside: what each module gives for one batch, and what comes back to it.

Hooks on the modules do it, for one forward and backward pass. A part of a network that starts at
zero keeps what is before it from its gradient, but only until it has moved: the batch is learnt for
a step or a few, until each parameter has had a gradient, and the last of these passes is shown.

Legend: B batch, *S any shape.
"""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ..datamodule import Batch
from ..task import Task
from ..training.schedule import parameter_groups

STEPS = 5  # at most; what is not reached by then is cut off
BINS = 8  # of a histogram
BARS = " \u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
LARGE, SMALL = 30.0, 1e-3  # spreads that are no longer about 1; a branch may well start small


@dataclass
class Values:
    """Numbers in short. zeros: their share; bad: how many are NaN or infinite."""

    mean: float
    std: float
    zeros: float
    bad: int
    histogram: str

    @classmethod
    def of(cls, x: Tensor) -> "Values":
        """Sum up numbers of any shape."""
        flat = x.detach().flatten().double().cpu()
        good = flat[flat.isfinite()]
        std = good.std(correction=0).item() if len(good) else torch.nan
        mean = good.mean().item() if len(good) else torch.nan
        zeros = (flat == 0).double().mean().item()
        return cls(mean, std, zeros, len(flat) - len(good), histogram(good))


@dataclass
class Sight:
    """What a module gave.

    Args:
        name: of the module in the network.
        kind: its class.
        shape: of its output.
        output: the numbers, None where it gives none.
        dead: units that are 0 for the whole batch, of all its units.
        quiet: whether it, or a part of it, started with weights that are all 0.
        calls: how often it was called; the first is shown.
        gradient: of the loss by its output; None where there is none.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    output: Values | None
    dead: tuple[int, int]
    quiet: bool
    calls: int = 1
    gradient: Values | None = None

    def problems(self) -> list[str]:
        """Name what is suspicious."""
        found = []
        for what, seen in (("output", self.output), ("gradient", self.gradient)):
            if seen is not None and seen.bad:
                found.append(f"{seen.bad} values of its {what} are NaN or infinite")
        if self.gradient is None or self.output is None or self.output.bad:
            return found
        num, units = self.dead
        if num:
            found.append(f"{num} of {units} units are 0 for the whole batch")
        std = self.output.std
        if std > LARGE or (std < SMALL and not self.quiet):
            found.append(f"its output spreads by {std:.3g}, far from 1")
        return found


@dataclass
class Look:
    """What one batch showed.

    Args:
        loss: before any step.
        sights: what each module gave, in the order in which they were done.
        steps: that were taken before the pass that is shown.
        unreached: parameters that had no gradient in any pass; None where nothing is trained by
            gradients.
    """

    loss: float = torch.nan
    sights: dict[str, Sight] = field(default_factory=dict)
    steps: int = 0
    unreached: list[str] | None = None


def look(task: Task, batch: Batch) -> Look:
    """Pass a batch through the task's losses and back; the weights are moved a little."""
    found, network = Look(), task.network
    for name, module in network.named_modules():
        if name and not isinstance(module, nn.Sequential | nn.ModuleList):
            module.register_forward_hook(watch(name, module, found.sights))
    task.train()
    if not task.automatic_optimization:
        with torch.no_grad():
            found.loss = task.losses(batch).mean().item()
        return found
    optimizer = task.make_optimizer(parameter_groups(network))
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    reached: set[str] = set()
    for found.steps in range(STEPS):
        found.sights.clear()
        loss = task.losses(batch).mean()
        if not found.steps:
            found.loss = loss.item()
        optimizer.zero_grad()
        if loss.requires_grad:
            loss.backward()
        reached |= {n for n, p in trained.items() if p.grad is not None and p.grad.any()}
        if reached == trained.keys():
            break
        optimizer.step()
    found.unreached = sorted(trained.keys() - reached)
    return found


def watch(name: str, module: nn.Module, sights: dict[str, Sight]) -> Any:
    """Return a hook that writes down what a module gives, and asks for its gradient."""
    quiet = any(not p.any() for p in module.parameters())
    own = any(True for _ in module.parameters(recurse=False))
    plain = not own and not isinstance(module, nn.modules.dropout._DropoutNd)

    def hook(module: nn.Module, given: Any, output: Any) -> None:
        if name in sights:
            sights[name].calls += 1
            return
        x = first_tensor(output)
        if x is None:
            return
        sight = sights[name] = Sight(
            name=name,
            kind=type(module).__name__,
            shape=tuple(x.shape),
            output=Values.of(x) if x.is_floating_point() else None,
            # a layer with weights of its own gives 0 only where they are
            dead=dead_units(x.detach()) if plain else (0, 0),
            quiet=quiet,
        )
        if x.requires_grad:
            x.register_hook(lambda g: setattr(sight, "gradient", Values.of(g)))

    return hook


def first_tensor(output: Any) -> Tensor | None:
    """Return the first tensor of what a module gives."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, tuple | list):
        return next((x for part in output if (x := first_tensor(part)) is not None), None)
    return None


def dead_units(x: Tensor) -> tuple[int, int]:
    """Count the units that are 0 throughout, and all of them.

    Units are the channels of a picture or clip [B, C, *S], and the last axis of vectors [..., D].
    """
    if x.ndim < 2:
        return 0, 1
    axis = 1 if x.ndim > 3 else x.ndim - 1
    alive = (x != 0).transpose(0, axis).flatten(1).any(dim=1)
    return int((~alive).sum()), len(alive)


def histogram(x: Tensor) -> str:
    """Draw how numbers are spread between the least and the greatest. x: [N] finite."""
    if not len(x) or x.min() == x.max():
        return ""
    counts = torch.histc(x, BINS)
    heights = (counts / counts.max() * (len(BARS) - 1)).ceil().long().tolist()
    return "".join(BARS[height] for height in heights)
