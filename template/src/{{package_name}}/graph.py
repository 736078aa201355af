"""A task as a graph of tensor operations: traced, written, read again, compared.

Legend: B batch, *S shape of one example.
"""

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from . import checkpoint
from .card import write_card
from .config import build
from .datamodule import DataModule
from .decompose import TABLE
from .errors import UserError
from .experiment import prepare
from .loader import Examples
from .task import Task

Named = dict[str, Tensor]
TRACED = 4  # examples of the batch that is traced: torch.export takes 1 for a constant
COMPARED = (1, 3)  # examples of the batches that are compared
ALLOWED = 1e-3  # of the largest value of an output: both sides add up in another order


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


def write(folder: Path, ckpt_path: str, overrides: list[str], formats: list[str]) -> Iterator[str]:
    """Write a checkpoint into an empty folder; yield a line for each format.

    Raises:
        UserError: if a format cannot express the network, or computes something else.
    """
    content = checkpoint.read(ckpt_path)
    cfg = checkpoint.config_of(content, ckpt_path, overrides)
    prepare(cfg)
    task = checkpoint.restore(cfg, content, ckpt_path).requires_grad_(False)
    data = load(cfg)
    task.check(data)
    function, batches = examples(task, data)
    graph = Graph(task, function).eval()
    moves = varying(batches)
    truths = [(batch, run(graph, batch)) for batch in batches]
    program = trace(graph, batches[0], moves)
    outputs = list(truths[0][1])
    if "pt2" in formats:
        with quiet():
            torch.export.save(program, folder / "model.pt2")
            loaded = torch.export.load(folder / "model.pt2").module()
        yield compare("pt2", truths, lambda batch: run(loaded, batch))
    if "onnx" in formats:
        path = folder / "model.onnx"
        write_onnx(path, program, [*batches[0]], outputs, {"classes": json.dumps(task.classes)})
        yield compare("onnx", truths, session(path, outputs))
    write_weights(folder, task, cfg)
    batch, truth = truths[-1]
    arrays = {**batch, **{f"torch/{name}": value for name, value in truth.items()}}
    np.savez(folder / "example.npz", **{n: v.numpy() for n, v in arrays.items()})  # type: ignore[arg-type]
    path = Path(ckpt_path).expanduser().absolute()
    write_card(folder, path, cfg, task, function, truths[-1], moves, formats)


def load(cfg: DictConfig) -> DataModule:
    """Load the data that the checkpoint was trained on: their test split is what is compared on."""
    data: DataModule = build(cfg, "data", seed=cfg.seed)
    data.prepare_data()
    data.setup("test")
    return data


def examples(task: Task, data: DataModule) -> tuple[Callable[..., Any], list[Named]]:
    """Return what is exported, and inputs for it: to trace by, and some that differ in shape.

    Data of different length are in batches by length: the first, the middle and the last differ.
    """
    rows = data.order("test", 0)
    picked = [rows[len(rows) // 2][:TRACED]]
    picked += [rows[place][:size] for place, size in zip((-1, 0), COMPARED, strict=True)]
    if len(picked[0]) < TRACED:  # of few, long examples
        picked[0] = torch.cat(rows)[:TRACED]
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


def write_onnx(
    path: Path,
    program: torch.export.ExportedProgram,
    inputs: list[str],
    outputs: list[str],
    told: dict[str, str],
) -> None:
    """Write a graph as ONNX with its weights inside, and add what a user of the file must know.

    Raises:
        UserError: saying what ONNX has no word for.
    """
    import onnx  # pyright: ignore[reportMissingImports]

    with quiet():
        try:
            torch.onnx.export(
                program.run_decompositions(TABLE),
                (),
                path,
                dynamo=True,
                external_data=False,
                input_names=inputs,
                output_names=outputs,
                verbose=False,
            )
        except Exception as error:  # as torch.export does
            raise UserError(
                f"formats: ONNX cannot express this network: {first(error)}; "
                "formats=pt2 writes the others"
            ) from error
        model = onnx.load(path)
        onnx.helper.set_model_props(model, told)
        onnx.save(model, path)


def session(path: Path, outputs: list[str]) -> Callable[[Named], Named]:
    """Return a function that runs a batch by onnxruntime."""
    import onnxruntime  # pyright: ignore[reportMissingImports]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors alone
    found = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])

    def call(batch: Named) -> Named:
        made = found.run(outputs, {name: value.numpy() for name, value in batch.items()})
        parts = zip(outputs, made, strict=True)
        return {name: torch.as_tensor(np.asarray(value)) for name, value in parts}

    return call


def compare(name: str, truths: list[tuple[Named, Named]], module: Callable[[Named], Named]) -> str:
    """Compare a format with the checkpoint on each batch.

    Returns:
        a line for people.

    Raises:
        UserError: naming the shape that it does not take, or the output that differs.
    """
    worst, shapes = 0.0, []
    for batch, truth in truths:
        shape = ", ".join(f"{key} {list(value.shape)}" for key, value in batch.items())
        shapes.append(shape)
        try:
            made = module(batch)
        except Exception as error:  # each runtime has its own
            raise UserError(
                f"model.{name} takes no {shape}, as the checkpoint does: {first(error)}"
            ) from error
        for key, value in truth.items():
            if made[key].shape != value.shape:
                raise UserError(
                    f"model.{name} makes {key} {list(made[key].shape)} of {shape}, the checkpoint "
                    f"{list(value.shape)}"
                )
            far = (made[key].double() - value.double()).abs()
            scale = value.double().abs().max().clamp_min(1.0) if value.numel() else 1.0
            off = float((far / scale).max()) if value.numel() else 0.0
            if not off <= ALLOWED:  # NaN, too
                raise UserError(
                    f"model.{name} differs from the checkpoint by {off:.2g} of the largest "
                    f"value in {key} at {shape}; allowed is {ALLOWED:g}"
                )
            worst = max(worst, off)
    return f"model.{name}: as the checkpoint (within {worst:.1g}) at {'; '.join(shapes)}"


def write_weights(folder: Path, task: Task, cfg: DictConfig) -> None:
    """Write the network's weights, and the config that builds it."""
    from safetensors.torch import save_file  # pyright: ignore[reportMissingImports]

    weights = {name: value.clone() for name, value in task.network.state_dict().items()}
    save_file(weights, folder / "model.safetensors")  # a copy each: it refuses parts of others
    plain: Any = OmegaConf.to_container(cfg, resolve=True)  # no more of it: it names local paths
    kept = {"title": cfg.title, "classes": list(task.classes), "network": plain["network"]}
    OmegaConf.save(OmegaConf.create(kept), folder / "config.yaml")


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
