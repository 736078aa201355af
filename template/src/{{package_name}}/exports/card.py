"""The model card of an export: what it is, how good, how to use it, in the hub's own format."""

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from ..config import CONFIGS, compose
from ..reports.finished import read
from ..reports.report import rows_of, smaller_is_better
from ..task import Task

Named = dict[str, Tensor]


def write_card(
    folder: Path,
    path: Path,
    cfg: DictConfig,
    task: Task,
    function: Callable[..., Any],
    example: tuple[Named, Named],
    moves: dict[str, list[int]],
    formats: Sequence[str],
) -> None:
    """Write README.md.

    Args:
        folder: of the export.
        path: of the checkpoint.
        cfg: of the run.
        task: in it.
        function: that was exported.
        example: inputs and outputs of a batch.
        moves: the dimensions of each input that may have any size.
        formats: that were written.
    """
    inputs, outputs = example
    card = OmegaConf.load(CONFIGS / "card.yaml")
    licence = "other" if card.license == "none" else str(card.license).lower()
    package = __name__.partition(".")[0]
    lines = ["---", f"license: {licence}", "library_name: pytorch", f"tags: [{package}]", "---", ""]
    lines += [f"# {cfg.title}", "", *what(task, function), ""]
    lines += ["## Data", "", *data_of(cfg, card), "", "## Score", "", *scores(path, task), ""]
    lines += ["## Inputs and outputs", "", "| name | type | shape |", "| --- | --- | --- |"]
    for name, value in inputs.items():
        size = ["any" if d in moves[name] else str(n) for d, n in enumerate(value.shape)]
        lines.append(f"| in: `{name}` | {kind(value)} | [{', '.join(size)}] |")
    for name, value in outputs.items():
        size = ["B", *map(str, value.shape[1:])]
        lines.append(f"| out: `{name}` | {kind(value)} | [{', '.join(size)}] for the example |")
    lines += [
        "",
        "The first size is the batch. Inputs are as the project's data module hands them out "
        f"(`{cfg.data._target_}.read` of one file of your own).",
    ]
    if task.classes:
        lines += ["", f"Classes, in order: {', '.join(task.classes)}."]
    lines += ["", "## Use", ""]
    if "onnx" in formats:
        lines += ["Without torch:", "", "```", "pip install onnxruntime numpy", "python infer.py"]
        lines += ["```", ""]
    if "pt2" in formats:
        lines += ["With torch, without the project:", "", "```python", "import torch", ""]
        lines += ['model = torch.export.load("model.pt2").module()', "```", ""]
    lines += [
        "The weights alone, in the project:",
        "",
        "```python",
        "from omegaconf import OmegaConf",
        "from safetensors.torch import load_file",
        f"from {package}.config import build",
        "",
        'network = build(OmegaConf.load("config.yaml"), "network")',
        'network.load_state_dict(load_file("model.safetensors"))',
        "network.eval()",
        "```",
        "",
    ]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")


def what(task: Task, function: Callable[..., Any]) -> list[str]:
    """Say what is learnt, and what is computed, in the words of the code."""
    summary, *_ = (inspect.getdoc(type(task)) or "").split("\n\n")
    made, *_ = (inspect.getdoc(function) or "").split("\n\n")
    return [summary, "", f"What is exported: {' '.join(made.split())}"]


def data_of(cfg: DictConfig, card: Any) -> list[str]:
    """Describe the data: those that come with the project, or the user's own."""
    if cfg.data._target_ != compose().data._target_:
        own = Path(str(cfg.data.get("path") or cfg.data.get("name") or cfg.data._target_)).name
        return [f"Own data: `{own}`. Say here what they are, from where, and their licence."]
    lines = [f"{card.name}.", "", f"- Source: {card.source}", f"- Licence: {card.licence}"]
    return [*lines, f"- Size and splits: {card.size}"]


def scores(path: Path, task: Task) -> list[str]:
    """Set the model beside its baseline, as its run measured them on the test split."""
    if path.name != "best.ckpt":
        return [f"Not measured: a run tests best.ckpt, and this is {path.name}."]
    try:
        run = read(path.parent.parent)
    except ValueError as error:
        return [f"Not measured: {error}."]
    lines = ["On the test split:", "", f"| metric | better | {' | '.join(run.sides)} |"]
    lines.append("|" + " --- |" * (2 + len(run.sides)))
    for row in rows_of(run.scores, run.sides, task.bounds):
        cells = [f"{row.scores[s]:.4g}" if s in row.scores else "-" for s in run.sides]
        aim = "lower" if smaller_is_better(row.metric) else "higher"
        lines.append(f"| {row.metric} | {aim} | {' | '.join(cells)} |")
    return lines


def kind(value: Tensor) -> str:
    """Name the type of a tensor's numbers."""
    return str(value.dtype).removeprefix("torch.")
