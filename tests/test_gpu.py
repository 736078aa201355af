"""One code on any number of GPUs: what a trainer comes to; where there is one, that it trains."""

import importlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
import torch
from conftest import run_python, show
from omegaconf import OmegaConf
from variants import TEMPLATE, Variant

DIGITS = Variant("classification", "image", "gpu")
EIGHT = {  # what Lightning asks before it believes in a GPU: on this machine there are eight
    "lightning_fabric.accelerators.cuda.num_cuda_devices": 8,
    "pytorch_lightning.accelerators.cuda.num_cuda_devices": 8,
    "torch.cuda.is_available": True,
    "torch.cuda.device_count": 8,
    "torch.cuda.set_device": None,
}


@pytest.fixture
def package(
    project: Callable[[Variant], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], ModuleType]:
    """Return a function that imports a module of a project."""
    monkeypatch.syspath_prepend(project(DIGITS) / "src")
    return lambda name: importlib.import_module(f"{DIGITS.package}.{name}")


@pytest.fixture
def eight() -> Iterator[None]:
    """Pretend that there are eight GPUs, as far as building a trainer goes."""
    patches = [mock.patch(name, return_value=value) for name, value in EIGHT.items()]
    for patch in patches:
        patch.start()
    yield
    for patch in patches:
        patch.stop()


@pytest.mark.parametrize(
    ("words", "world", "strategy", "precision", "fused"),
    [
        (["trainer=gpu"], 1, "SingleDeviceStrategy", "bf16-mixed", False),
        (["trainer=gpu", "precision=32-true"], 1, "SingleDeviceStrategy", "32-true", True),
        (["trainer=gpu", "precision=16-mixed"], 1, "SingleDeviceStrategy", "16-mixed", False),
        (["trainer=gpu", "trainer.devices=8"], 8, "DDPStrategy", "bf16-mixed", False),
        (["trainer=ddp"], 8, "DDPStrategy", "bf16-mixed", False),
        (["trainer=ddp", "trainer.devices=8"], 8, "DDPStrategy", "bf16-mixed", False),
        (["trainer=ddp", "trainer.num_nodes=2"], 16, "DDPStrategy", "bf16-mixed", False),
        (["trainer=fsdp"], 8, "FSDPStrategy", "bf16-mixed", False),
        (["trainer=fsdp", "trainer.num_nodes=2"], 16, "FSDPStrategy", "bf16-mixed", False),
        (["trainer=multi_node", "trainer.devices=1"], 2, "DDPStrategy", "32-true", True),
        (["trainer=multi_node", "precision=bf16-mixed"], 16, "DDPStrategy", "bf16-mixed", False),
    ],
    ids=lambda v: "+".join(v) if isinstance(v, list) else None,
)
def test_a_trainer_for_devices_that_are_not_here(
    words: list[str],
    world: int,
    strategy: str,
    precision: str,
    fused: bool,
    eight: None,
    package: Callable[[str], ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NUM_NODES", "2")  # which only trainer=multi_node heeds
    package("experiment").prepare(package("config").compose())  # to keep Lightning quiet
    cfg = package("config").compose(*words, "accumulate=4", f"run_dir={tmp_path}")
    package("config").check(cfg)
    plain: Any = OmegaConf.to_container(cfg, resolve=True)
    trainer = package("experiment").make_trainer(cfg, plain)
    assert type(trainer.accelerator).__name__ == "CUDAAccelerator"
    assert type(trainer.strategy).__name__ == strategy
    assert (trainer.world_size, trainer.precision) == (world, precision)
    assert trainer.accumulate_grad_batches == 4
    assert cfg.optimizer.fused is fused, "Lightning clips no gradients before a fused step"
    assert not trainer._accelerator_connector.use_distributed_sampler


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")
@pytest.mark.parametrize("words", [(), ("compile=true",)], ids=["bf16", "compiled"])
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_it_trains_on_a_gpu(
    project: Callable[[Variant], Path], variant: Variant, words: tuple[str, ...], tmp_path: Path
) -> None:
    few = [f"+trainer.limit_{split}_batches=5" for split in ("train", "val", "test")]
    words = (*words, "trainer=gpu", "trainer.max_steps=10", *few, "run_dir=run")
    done = run_python(project(variant), "-m", f"{variant.package}.train", *words, cwd=tmp_path)
    assert done.returncode == 0, show(done)
    results = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    assert all(math.isfinite(score) for score in results["scores"].values())
    state = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)["state_dict"]
    assert all(weight.isfinite().all() for weight in state.values())
