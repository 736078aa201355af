"""A task as a graph of tensor operations, traced on examples of the test split.

Legend: B batch, *S shape of one example.
"""

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from ..config import build
from ..datamodule import DataModule
from ..errors import UserError
from ..loader import Examples
from ..task import Task

Named = dict[str, Tensor]
TRACED = 4  # examples of the batch that is traced: torch.export takes 1 for a constant
COMPARED = (1, 32, 3)  # examples of the batches that are compared: fewer and more than are traced


class Graph(nn.Module):
    """What is exported: tensors in, named tensors out.

    Args:
        task: whose weights these are.
        function: what `task.exported` says.
    """

    def __init__(self, task: Task, function: Callable[..., Any]) -> None:
        super().__init__()
        self.task, self.function = task, function

    def forward(self, *inputs: Tensor) -> Named:
        """Run the function, and name what it returns: a NamedTuple by its fields."""
        out = self.function(*inputs)
        if isinstance(out, Tensor):
            return {"prediction": out}
        names = getattr(out, "_fields", None) or [f"output_{i}" for i in range(len(out))]
        return {name: part for name, part in zip(names, out, strict=True) if part is not None}


def load(cfg: DictConfig) -> DataModule:
    """Load the data that the checkpoint was trained on: their test split is what is compared on."""
    data: DataModule = build(cfg, "data", seed=cfg.seed)
    data.prepare_data()
    data.setup("test")
    return data


def examples(task: Task, data: DataModule) -> tuple[Callable[..., Any], list[Named]]:
    """Return what is exported, and inputs for it: to trace by, and some that differ in shape.

    Data of different length are in order of length: the first, the middle and the last differ.
    """
    rows = torch.cat(data.order("test", 0))
    middle = max(0, len(rows) // 2 - TRACED)
    last, most, first_ones = COMPARED
    picked = [rows[middle : middle + TRACED], rows[-last:], rows[-most:], rows[:first_ones]]
    batches, function = [], None
    with torch.no_grad():
        for few in picked:
            function, inputs = task.exported(Examples(data.splits["test"], data.trim)[few])
            # a copy each: torch.export looks at what a view was cut of
            batches.append({name: value.clone() for name, value in inputs.items()})
    assert function is not None
    return function, batches


def varying(batches: list[Named]) -> dict[str, list[int]]:
    """Say which dimensions of each input differ between batches; the first always may."""
    found = {}
    for name, value in batches[0].items():
        shapes = zip(*(batch[name].shape for batch in batches), strict=True)
        found[name] = [d for d, sizes in enumerate(shapes) if d == 0 or len(set(sizes)) > 1]
        assert value.ndim, f"{name}: a batch comes first"
    return found


@torch.no_grad()
def run(module: Callable[..., Named], batch: Named) -> Named:
    """Run a batch, and give back copies: a graph may return its input itself."""
    return {name: value.clone() for name, value in module(*batch.values()).items()}


def trace(graph: Graph, batch: Named, moves: dict[str, list[int]]) -> torch.export.ExportedProgram:
    """Follow the graph on a batch, with free sizes where they differ.

    Raises:
        UserError: saying what torch.export cannot follow.
    """
    # AUTO: a size that the network fixes all the same is found where batches are compared
    free = {name: {d: torch.export.Dim.AUTO for d in moves[name]} for name in batch}
    with quiet():
        try:
            shapes = (tuple(free.values()),)
            return torch.export.export(graph, tuple(batch.values()), dynamic_shapes=shapes)
        except Exception as error:  # it raises whatever the traced code and its own parts raise
            name = type(graph.task.network).__name__
            raise UserError(
                f"network: torch.export cannot follow {name}: {first(error)}"
            ) from error


def first(error: BaseException) -> str:
    """Return the first line of a long message that says something, of the innermost cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the exporters' talk of their own parts from the screen."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        before = logging.root.manager.disable
        logging.disable(logging.ERROR)
        try:
            yield
        finally:
            logging.disable(before)
