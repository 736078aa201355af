"""What a trainer comes to on devices that are not here: nothing is trained on them."""

import csv
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from omegaconf import OmegaConf
from variants import Variant

DIGITS = Variant("classification", "image", "gpu")
EIGHT = {  # what Lightning asks before it believes in a GPU: on this machine there are eight
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
    package("training.prepare").prepare(package("config").compose())  # to keep Lightning quiet
    cfg = package("config").compose(*words, "accumulate=4", f"run_dir={tmp_path}")
    package("config").check(cfg)
    plain: Any = OmegaConf.to_container(cfg, resolve=True)
    trainer = package("training.experiment").make_trainer(cfg, plain)
    assert type(trainer.accelerator).__name__ == "CUDAAccelerator"
    assert type(trainer.strategy).__name__ == strategy
    assert (trainer.world_size, trainer.precision) == (world, precision)
    assert trainer.accumulate_grad_batches == 4
    assert cfg.optimizer.fused is fused, "Lightning clips no gradients before a fused step"
    assert not trainer._accelerator_connector.use_distributed_sampler


def test_the_learning_rate_follows_the_size_of_a_step(
    package: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    rates = []
    for rule in ("null", "sqrt", "linear"):
        folder = tmp_path / rule
        few = ("trainer.max_steps=1", "+trainer.limit_train_batches=4", "trainer=cpu")
        words = (*few, "trainer.log_every_n_steps=1", "baseline=none", "test=false", "accumulate=4")
        cfg = package("config").compose(*words, f"lr_scale={rule}", f"run_dir={folder}")
        package("training.experiment").train(cfg)
        with (folder / "metrics.csv").open(newline="") as file:
            rates.append(next(float(row["lr"]) for row in csv.DictReader(file) if row["lr"]))
    assert rates == [rates[0], 2 * rates[0], 4 * rates[0]]
