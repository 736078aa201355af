"""Exercises: a bug that trains without an error, to be found by `uv run check`.

    uv run train exercise=softmax_dim     trains, and is a little worse than it should be
    uv run check exercise=softmax_dim     says which check fails, and what to look at

Each plants its bug into the task and the data once they are built.
"""

from typing import Any

import torch
from torch import Tensor, nn

from ..datamodule import DataModule
from ..errors import UserError
from ..task import Task


def layers(task: Task) -> list[nn.Module]:
    """List the network's layers that have weights, in the order in which they were made."""
    leaves = (m for m in task.network.modules() if not list(m.children()))
    return [m for m in leaves if any(p.requires_grad for p in m.parameters())]


def softmax_dim(task: Task, data: DataModule) -> None:
    """Weigh the first layer's features by a softmax over the batch, where features were meant."""

    def gate(module: nn.Module, given: Any, out: Tensor) -> Tensor:
        weight = out.flatten(1).float().mean(dim=1, keepdim=True).softmax(dim=0) * len(out)
        return out * weight.view(-1, *[1] * (out.ndim - 1)).to(out)

    layers(task)[0].register_forward_hook(gate)


def detached(task: Task, data: DataModule) -> None:
    """Cut the first layer off: it gets no gradient, and stays as it was drawn."""
    layers(task)[0].register_forward_hook(lambda module, given, out: out.detach())


def shuffled_pairs(task: Task, data: DataModule) -> None:
    """Give each training example the label of another.

    Raises:
        UserError: where there are no labels to learn.
    """
    if not task.labelled:
        raise UserError("exercise=shuffled_pairs needs labels, which are not what is learnt here")
    train = data.splits["train"]
    rows = torch.randperm(len(train.y), generator=torch.Generator().manual_seed(0))
    data.splits["train"] = train._replace(y=train.y[rows])


def leaked_split(task: Task, data: DataModule) -> None:
    """Put training examples in place of a tenth of the validation examples."""
    train, val = data.splits["train"], data.splits["val"]
    x, y = val.x.clone(), val.y.clone()
    for old, new in ((x, train.x), (y, train.y)):
        old[::10] = 0
        cut = tuple(slice(min(m, n)) for m, n in zip(old.shape[1:], new.shape[1:], strict=True))
        rows = len(old[::10])
        old[::10][(slice(None), *cut)] = new[:rows][(slice(None), *cut)]
    data.splits["val"] = val._replace(x=x, y=y)
