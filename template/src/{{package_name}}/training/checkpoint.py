"""Checkpoints: plain numbers and their config, so a path is all that evaluate and predict need."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning import Callback, LightningModule, Trainer

from ..config import build, check, leaves
from ..errors import UserError, suggest
from ..task import Task
from . import runs

FORMAT = "what-next/1"  # changes when an older checkpoint can no longer be read


class SelfDescribing(Callback):
    """Put the resolved config, the names of the classes and running means into each checkpoint."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def on_save_checkpoint(  # noqa: D102
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        task: Task = pl_module  # type: ignore[assignment]
        checkpoint |= {"format": FORMAT, "config": self.config, "classes": list(task.classes)}
        checkpoint["totals"] = {}
        for name, (total, count) in task.totals.items():  # since they were last logged
            ranks = total.new_zeros(trainer.world_size, 2)  # sum and count of each
            ranks[trainer.global_rank] = torch.stack([total, torch.as_tensor(count).to(total)])
            checkpoint["totals"][name] = trainer.strategy.reduce(ranks, reduce_op="sum")

    def on_load_checkpoint(  # noqa: D102
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        rank, world = trainer.global_rank, trainer.world_size
        for name, ranks in checkpoint.get("totals", {}).items():
            if len(ranks) != world:  # then one of them has it all
                ranks = torch.cat([ranks.sum(dim=0, keepdim=True), ranks.new_zeros(world - 1, 2)])
            pl_module.totals[name] = tuple(ranks[rank].to(pl_module.device))  # type: ignore[index, operator]


def read(path: str | None) -> dict[str, Any]:
    """Read a checkpoint of this project.

    Raises:
        UserError: naming the file and what is wrong with it.
    """
    if not path:
        raise UserError(
            "ckpt_path is missing: give a checkpoint (ckpt_path=runs/.../checkpoints/best.ckpt)"
        )
    file = Path(path).expanduser()
    if not file.exists():
        raise UserError(f"ckpt_path={path}: there is no such file")
    if file.is_dir():
        raise UserError(
            f"ckpt_path={path} is a folder: give the file in it, often checkpoints/best.ckpt"
        )
    try:
        with zipfile.ZipFile(file) as archive:  # torch does not look at the sums that it wrote
            if (wrong := archive.testzip()) is not None:
                raise ValueError(f"{wrong} is damaged")
        content = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for what is not a whole checkpoint
        cause = str(error).strip().split("\n")[0][:100]
        raise UserError(
            f"ckpt_path={path} is no readable checkpoint, or is cut short ({cause})"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(
            f"ckpt_path={path} was not written by this project's train: it carries no config"
        )
    here, target = __name__.partition(".")[0], content["config"]["task"]["_target_"]
    if target.partition(".")[0] != here:
        raise UserError(f"ckpt_path={path} belongs to another project: its task is {target}")
    return content


def newest(folder: Path, say: Callable[[str], None]) -> str | None:
    """Find what a run can be gone on from: its newest checkpoint, or the one before if damaged.

    Args:
        folder: the run's.
        say: told in a line what was found.

    Returns:
        its path; None where there is none yet.

    Raises:
        UserError: if there are some, and none can be read.
    """
    names = (*folder.glob("hpc_ckpt_*.ckpt"), *folder.glob("checkpoints/last.ckpt"))
    # the first of equals: what was linked to previous.ckpt is as new as last.ckpt
    found = [*names, *folder.glob("checkpoints/previous.ckpt")]
    found.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    errors = []
    for path in found:
        try:
            content = read(str(path))
        except UserError as error:
            errors.append(str(error))
            continue
        if errors:
            say(f"{errors[0]}: going on from {path.name} instead")
        say(f"going on from step {content['global_step']} ({path})")
        return str(path)
    if errors:
        raise UserError(f"{errors[0]}; no other in {folder} can be read: choose another run_dir")
    return None


def go_on(cfg: DictConfig, say: Callable[[str], None]) -> dict[str, Any] | None:
    """Read the checkpoint that training starts from, if any, and set `ckpt_path` to it.

    Raises:
        UserError: if it cannot be read, or resume=auto does not know where to look.
    """
    if cfg.resume == "auto":
        folder = runs.locate(cfg.run_dir)
        if folder is None:
            raise UserError("resume=auto needs the folder to go on in: add run_dir=runs/my_run")
        if (found := newest(folder, say)) is not None:
            cfg.ckpt_path = found
    if cfg.ckpt_path is None:
        return None
    content = read(cfg.ckpt_path)
    if cfg.seed is None:  # it was drawn then
        cfg.seed = content["config"]["seed"]
    return content


def config_of(content: dict[str, Any], path: str, overrides: list[str]) -> DictConfig:
    """Return the config in a checkpoint, changed by `key=value` words.

    Raises:
        UserError: for a key that the config does not have, or a value that is not allowed.
    """
    cfg = OmegaConf.create(content["config"])
    known = [key for key, _ in leaves(content["config"])]
    # a setting of the task goes by its last name, too: `n=16` is `task.sampling.n=16`
    short = {key.rpartition(".")[2]: key for key in known if key.startswith("task.")}
    words = []
    for word in overrides:
        key, _, value = word.partition("=")
        if key not in known and key not in short:
            hint = suggest(key, [*known, *short])
            raise UserError(f"{key}: the checkpoint's config has no such setting{hint}")
        words.append(f"{key if key in known else short[key]}={value}")
    cfg = OmegaConf.merge(cfg, OmegaConf.from_dotlist(words))
    if not isinstance(cfg, DictConfig):
        raise UserError(f"ckpt_path={path} carries no usable config")
    check(cfg)
    return cfg


def restore(cfg: DictConfig, content: dict[str, Any], path: str) -> Task:
    """Build the task that the config describes and give it the checkpoint's weights.

    Raises:
        UserError: if the weights belong to another network.
    """
    network = build(cfg, "network")
    task = build(
        cfg, "task", network=network, optimizer=build(cfg, "optimizer"), seed=cfg.seed or 0
    )
    load(task, content, path)
    task.classes = tuple(content["classes"])
    return task.eval()


def load(task: Task, content: dict[str, Any], path: str) -> None:
    """Give a task the weights of a checkpoint.

    Raises:
        UserError: if they belong to another network.
    """
    try:
        task.load_state_dict(content["state_dict"])
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).split("\n") if line.strip()]
        # the first line only says that something is wrong, the second says what
        raise UserError(
            f"ckpt_path={path} does not fit this network: {' '.join(lines[:2])[:200]}"
        ) from None
