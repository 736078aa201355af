"""What a process settles before it computes: threads, seed, and who may talk."""

import logging
import os
import warnings

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from ..config import entries
from . import runs

# what Lightning tells everybody and a person who has just typed `train` cannot use
QUIET = (
    ".*number of training batches.*smaller than the logging interval.*",
    ".*dataloader is not resumable.*",
    ".*(Checkpoint|logs) directory.*exists and is not empty.*",
    ".*LeafSpec.*",
    ".*It is recommended to use.*sync_dist.*",  # the task reduces sums and counts itself
    ".*The dirpath has changed from.*",
    ".*`srun` command is available.*",  # said on the login node of a cluster, where none is meant
    ".*could not find the monitored key.*",  # refused before training; here none was validated yet
)


def prepare(cfg: DictConfig) -> int:
    """Set threads, seed and silence. Returns the seed, a new one where the config has null."""
    for name in ("pytorch_lightning", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for pattern in QUIET:
        warnings.filterwarnings("ignore", pattern)
    if cfg.threads is not None:
        torch.set_num_threads(cfg.threads)
    spare_average(cfg)
    seed = cfg.seed if cfg.seed is not None else runs.draw_seed()
    pl.seed_everything(seed, workers=True, verbose=False)
    return seed


def spare_average(cfg: DictConfig) -> None:
    """Have XLA write no weights in place where their average is kept.

    It begins as a copy, for which XLA takes the same buffer, and such a step would delete it.
    """
    callbacks = [str(block.get("_target_")) for block in entries(cfg, "callbacks").values()]
    tpu = (cfg.get("trainer") or {}).get("accelerator") == "tpu"
    if tpu and any(name.endswith("WeightAveraging") for name in callbacks):
        os.environ.setdefault("XLA_ENABLE_PARAM_ALIASING", "0")
