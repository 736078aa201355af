"""The files of an export: written, read again, and compared with the checkpoint."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig, OmegaConf

from ..errors import UserError
from ..task import Task
from ..training import checkpoint
from ..training.prepare import prepare
from .card import write_card
from .decompose import TABLE
from .graph import Graph, Named, examples, first, load, quiet, run, trace, varying

ALLOWED = 1e-3  # of the largest value of an output: both sides add up in another order


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
                optimize=False,  # minutes on a long graph, and onnxruntime does it as it loads
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
    try:
        found = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    except Exception as error:  # its own kinds
        raise UserError(
            f"formats: onnxruntime does not take model.onnx: {first(error)}; "
            "formats=pt2 writes the others"
        ) from error

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
