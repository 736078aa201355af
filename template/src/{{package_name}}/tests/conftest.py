"""What the tests share: a small run of the real thing, made once."""

import copy
import csv
import functools
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf, open_dict

from ..config import CONFIGS, build, compose
from ..datamodule import Batch, DataModule, Examples
from ..task import Task
from ..training.experiment import train

STEPS = 4
SMALL = (
    f"trainer.max_steps={STEPS}",
    f"+trainer.limit_train_batches={STEPS}",
    "+trainer.limit_val_batches=2",
    "+trainer.limit_test_batches=2",
    "trainer.log_every_n_steps=1",
    "baseline=none",
)


once = functools.cache(compose)


def configured(*overrides: str) -> DictConfig:
    """Return what `compose` does, sooner: options are composed once, settings set in copies."""
    options = [word for word in overrides if (CONFIGS / word.strip("+~").split("=")[0]).is_dir()]
    settings = [word for word in overrides if word not in options]
    cfg = copy.deepcopy(once(*options))
    for word in OverridesParser.create().parse_overrides(settings):
        if word.is_delete():
            block, _, key = word.key_or_group.rpartition(".")
            with open_dict(cfg):
                del OmegaConf.select(cfg, block)[key]
        else:
            OmegaConf.update(cfg, word.key_or_group, word.value(), force_add=word.is_add())
    return cfg


@pytest.fixture(scope="session")
def cfg() -> DictConfig:
    """The default configuration."""
    return compose()


@pytest.fixture(scope="session")
def data(cfg: DictConfig) -> DataModule:
    """The real data, loaded."""
    torch.set_num_threads(cfg.threads or 1)
    data = build(cfg, "data", seed=0)
    data.prepare_data()
    data.setup()
    return data


@pytest.fixture
def task(cfg: DictConfig, data: DataModule) -> Task:
    """An untrained task."""
    torch.manual_seed(0)
    task = build(cfg, "task", network=build(cfg, "network"), optimizer=build(cfg, "optimizer"))
    task.classes = data.classes
    return task


def batch_of(data: DataModule, rows: list[int]) -> Batch:
    """Some validation examples as the loader would hand them out."""
    return Examples(data.splits["val"], data.trim)[torch.tensor(rows)]


def run(folder: Path, *overrides: str) -> dict[str, Any]:
    """Train a few steps into `folder`; returns the scores."""
    return train(configured(*SMALL, f"run_dir={folder}", *overrides))


def training_of(folder: Path) -> list[dict[str, str]]:
    """Return what a run logged before its test."""
    with (folder / "metrics.csv").open(newline="") as file:
        rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]
    return [row for row in rows if "train/loss" in row or "val/loss" in row]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder and the scores of a short run."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    return folder, run(folder)
