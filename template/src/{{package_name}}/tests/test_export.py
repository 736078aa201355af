"""An export: what is traced, that a difference is an error, and what the card says.

The exporters themselves take seconds and packages of the extra `export`; the command compares their
files with the checkpoint each time.
"""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from omegaconf import DictConfig
from torch import Tensor

from ..datamodule import DataModule
from ..errors import UserError
from ..export import chosen, export, push
from ..exports.card import write_card
from ..exports.decompose import TABLE
from ..exports.formats import compare, write_weights
from ..exports.graph import Graph, examples, run, varying
from ..task import Task


class Two(NamedTuple):
    a: Tensor
    b: Tensor | None


def test_a_graph_names_what_it_returns(task: Task) -> None:
    x = torch.zeros(2, 3)
    assert list(Graph(task, lambda x: x)(x)) == ["prediction"]
    assert list(Graph(task, lambda x: Two(x, None))(x)) == ["a"]
    assert list(Graph(task, lambda x: (x, x))(x)) == ["output_0", "output_1"]


def test_the_examples_differ_in_shape_and_the_task_takes_them(task: Task, data: DataModule) -> None:
    function, batches = examples(task.eval(), data)
    moves = varying(batches)
    assert len({len(next(iter(batch.values()))) for batch in batches}) == 4, "batch sizes"
    graph = Graph(task, function)
    for batch in batches:
        assert all(0 in moves[name] for name in batch)
        size = len(next(iter(batch.values())))
        assert all(len(value) == size for value in run(graph, batch).values())


def test_operations_in_other_words_compute_the_same() -> None:
    keys, values = torch.tensor([0.0, 1.0, 1.0, 3.0]), torch.tensor([[-1.0, 0.0, 1.0], [2.0, 3, 4]])
    (search,) = TABLE.values()
    for right in (False, True):
        truth = torch.searchsorted(keys, values, right=right)
        assert torch.equal(search(keys, values, right=right), truth)


def test_what_differs_is_refused() -> None:
    x = {"x": torch.randn(3, 2)}
    truth = {"y": x["x"] * 2}
    assert "within 0" in compare("pt2", [(x, truth)], lambda batch: {"y": batch["x"] * 2})
    wrong: list[tuple[Any, str]] = [
        (lambda batch: {"y": batch["x"] * 2.1}, r"model.onnx differs .* in y at x \[3, 2\]"),
        (lambda batch: {"y": batch["x"] * torch.nan}, "differs"),
        (lambda batch: {"y": batch["x"][:2] * 2}, r"makes y \[2, 2\] of x \[3, 2\]"),
        (lambda batch: batch["nothing"], r"model.onnx takes no x \[3, 2\]"),
    ]
    for function, said in wrong:
        with pytest.raises(UserError, match=said):
            compare("onnx", [(x, truth)], function)


def test_the_card_says_what_it_is(
    task: Task, data: DataModule, cfg: DictConfig, tmp_path: Path
) -> None:
    function, batches = examples(task.eval(), data)
    example = (batches[0], run(Graph(task, function), batches[0]))
    where = tmp_path / "run" / "checkpoints" / "best.ckpt"
    write_card(tmp_path, where, cfg, task, function, example, varying(batches), ["pt2", "onnx"])
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("---\nlicense: ") and cfg.title in text
    assert "Source: " in text and "Licence: " in text
    assert "Not measured: " in text, "there is no run beside this checkpoint"
    assert all(f"| in: `{name}` |" in text for name in batches[0])
    assert "python infer.py" in text and "torch.export.load" in text


def test_weights_come_back(task: Task, cfg: DictConfig, tmp_path: Path) -> None:
    load = pytest.importorskip("safetensors.torch", reason="uv run --extra export pytest").load_file
    write_weights(tmp_path, task, cfg)
    found, network = load(tmp_path / "model.safetensors"), task.network
    assert all(torch.equal(value, found[name]) for name, value in network.state_dict().items())
    assert str(tmp_path) not in (tmp_path / "config.yaml").read_text(), "no paths of this machine"


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    assert chosen("pt2") == ["pt2"]
    with pytest.raises(UserError, match="formats=pt2,tflite: tflite is none of pt2, onnx"):
        chosen("pt2,tflite")
    for name in ("onnx", "onnxruntime", "onnxscript", "safetensors"):
        pytest.importorskip(name, reason="uv run --extra export pytest")
    with pytest.raises(UserError, match=r"output=.*exists"):
        export({"ckpt_path": "x.ckpt", "output": str(tmp_path)}, [])


def test_push_uploads_the_folder_to_a_private_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    class Api:
        def create_repo(self, name: str, **given: Any) -> None:
            calls.append((name, given))
            if name == "a/taken":
                raise errors.HfHubHTTPError("403 Forbidden: not yours")

        def upload_folder(self, **given: Any) -> str:
            calls.append(("upload", given))
            return "where-it-is"

    errors = SimpleNamespace(
        HfHubHTTPError=type("HfHubHTTPError", (Exception,), {}),
        LocalTokenNotFoundError=type("LocalTokenNotFoundError", (Exception,), {}),
    )
    hub, module = ModuleType("huggingface_hub"), ModuleType("huggingface_hub.errors")
    hub.HfApi = Api  # type: ignore[attr-defined]
    module.__dict__.update(vars(errors))
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    monkeypatch.setitem(sys.modules, "huggingface_hub.errors", module)
    assert push(tmp_path, "a/b") == "uploaded to where-it-is"
    assert calls == [
        ("a/b", {"private": True, "exist_ok": True}),
        ("upload", {"folder_path": tmp_path, "repo_id": "a/b"}),
    ]
    with pytest.raises(UserError, match=r"hub=a/taken: 403 Forbidden: not yours"):
        push(tmp_path, "a/taken")
