"""What `check` works on: the data and the task as `train` builds them, and short runs of both.

No check changes what another sees: each works on copies, with seeds of its own.

Legend: B batch, N examples, *S shape of one example.
"""

import copy
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from ..datamodule import Batch, DataModule, Examples
from ..task import Score, Task
from ..training import direct
from ..training.experiment import assemble, introduce, make_task

SPLITS = ("train", "val", "test")
B = 7  # examples of a batch: a prime, so that nothing of another length fits by luck


class Result(NamedTuple):
    """What a check found.

    ok: None where there is nothing to check; number: what was measured; threshold: what it has to
    hold; look: what to look at, or why there is nothing to check.
    """

    ok: bool | None
    number: str
    threshold: str
    look: str


def judged(ok: bool, number: Any, threshold: str, look: str) -> Result:
    """Return what a check found. number: a float is written with three digits."""
    text = f"{number:.3g}" if isinstance(number, float) else str(number)
    return Result(bool(ok), text, threshold, look)


def nothing(why: str) -> Result:
    """Return that there is nothing to check here."""
    return Result(None, "", "", why)


class Bench:
    """Data and task, and what checks do with them.

    Args:
        cfg: a configuration, as `train` takes it.
    """

    def __init__(self, cfg: DictConfig) -> None:
        self.cfg = cfg
        self.data, self.task = assemble(cfg)
        self.data.hold()

    def batch(self, split: str = "train", num: int = B, start: int = 0) -> Batch:
        """Take examples from all over a split, of all lengths that it has."""
        count = len(self.data.splits[split].x)
        return self.rows(split, (torch.linspace(0, count - 1, num).long() + start) % count)

    def rows(self, split: str, rows: Tensor) -> Batch:
        """Take these examples of a split as a batch."""
        return Examples(self.data.splits[split], self.data.trim)[rows]

    def copy(self) -> Task:
        """Copy the untrained task, in evaluation."""
        return copy.deepcopy(self.task).eval()

    def shaken(self) -> Task:
        """Copy the task and move all its weights: what begins at zero hides what lies behind it."""
        task = self.copy()
        rng = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for weight in task.parameters():
                if weight.is_floating_point():
                    size = float(weight.std()) if weight.numel() > 1 else 0.0
                    size = size or min(1.0, weight[0].numel() ** -0.5)
                    weight.add_(0.3 * size * torch.randn(weight.shape, generator=rng))
            for module in task.modules():
                if isinstance(module, nn.Embedding):
                    module._fill_padding_idx_with_zero()
        return task

    def fresh(self, seed: int, data: DataModule | None = None) -> Task:
        """Build the task anew, as a run with this seed would."""
        cfg = self.cfg.copy()
        cfg.seed = seed
        pl.seed_everything(seed, workers=True, verbose=False)
        task = make_task(cfg)
        introduce(cfg, task, data or self.data)
        return task

    def small(self, num: int = B, **changes: Any) -> DataModule:
        """Copy the data module with small batches; the examples are shared."""
        data = copy.copy(self.data)
        data.trainer = None
        vars(data).update(batch_size=num, **changes)
        return data

    def fit(self, task: Task, steps: int, data: DataModule, **changes: Any) -> pl.Trainer:
        """Train by the trainer, as `train` does, but for its files and its validation."""
        resume = changes.pop("ckpt_path", None)
        settings: dict[str, Any] = {
            "max_steps": steps,
            "max_epochs": -1,
            "gradient_clip_val": self.cfg.trainer.get("gradient_clip_val"),
            "limit_val_batches": 0,
            **changes,
        }
        trainer = quiet(**settings)
        direct.install(trainer)
        task.train()
        trainer.fit(task, data, ckpt_path=resume, weights_only=True if resume else None)
        return trainer

    def validate(self, task: Task, parts: Sequence[Tensor]) -> dict[str, float]:
        """Validate on these batches, each given by its rows."""
        data = self.small(order=lambda split, epoch: list(parts))
        found = quiet(limit_val_batches=len(parts)).validate(task, data, verbose=False)
        return dict(found[0]) if found else {}

    def optimizer(self, task: Task, steps: int) -> tuple[torch.optim.Optimizer, Any]:
        """Return the optimizer, and what the task says of its schedule (None without one)."""
        task.trainer = SimpleNamespace(estimated_stepping_batches=steps, max_epochs=1)  # type: ignore[assignment]
        made: Any = task.configure_optimizers()
        if isinstance(made, dict):
            return made["optimizer"], made.get("lr_scheduler")
        if isinstance(made, tuple):  # ([optimizers], [schedulers])
            return made[0][0], next(iter(made[1]), None)
        return made, None

    def learns(self) -> str:
        """Say why training is nothing to check: "" where it is the usual sort."""
        if not self.task.automatic_optimization:
            return "solved for, not trained by gradients"
        if not any(p.requires_grad for p in self.task.parameters()):
            return "there are no weights to train"
        return ""


def quiet(**settings: Any) -> pl.Trainer:
    """Make a trainer that writes nothing anywhere."""
    plain: dict[str, Any] = {
        "accelerator": "cpu",
        "devices": 1,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "log_every_n_steps": 10**9,
        "use_distributed_sampler": False,
    }
    return pl.Trainer(**plain | settings)


def tensors(thing: Any) -> list[Tensor]:
    """List the tensors of a prediction, in order."""
    if isinstance(thing, Tensor):
        return [thing]
    parts = thing.values() if isinstance(thing, dict) else thing
    return [t for part in parts or () for t in tensors(part)] if not isinstance(parts, str) else []


def apart(one: Any, other: Any, rows: Sequence[int]) -> float:
    """Return how far apart two predictions are at these rows, by the size of the first.

    Where one is longer than the other, what both have is compared.
    """
    worst = 0.0
    for a, b in zip(tensors(one), tensors(other), strict=True):
        a, b = a[list(rows)].detach().double(), b[list(rows)].detach().double()
        cut = tuple(slice(min(m, n)) for m, n in zip(a.shape, b.shape, strict=True))
        a, b = a[cut], b[cut]
        if a.numel():
            far = (a - b).abs().max() / a.abs().max().clamp_min(1e-12)
            worst = max(worst, float(far) if bool(far == far) else float("inf"))
    return worst


def ends(x: Tensor, filling: float) -> list[int]:
    """Count the values up to the last that is no filling. x: [B, T] -> B numbers."""
    at = torch.arange(1, x.shape[1] + 1, device=x.device)
    return torch.where(x != filling, at, 0).amax(dim=1).tolist()


def mean(score: Score) -> float:
    """Return the mean of a score over its examples: sum by count."""
    if isinstance(score, tuple):
        return float(score[0].double().sum() / score[1].double().sum())
    return float(score.double().mean())


def headline(task: Task, batch: Batch, prediction: Any = None) -> tuple[str, float] | None:
    """Return name and mean of the first score of a batch, None where there is none.

    prediction: what is scored; None for the task's own.
    """
    with torch.no_grad():
        if prediction is None:
            scores = task.scores(task.predict, batch)
        else:
            scores = task.judge(prediction, batch)
    return next(((name, mean(score)) for name, score in scores.items()), None)


def plain(cfg: DictConfig, key: str) -> Any:
    """Return a setting as plain values, None where there is none."""
    value = OmegaConf.select(cfg, key, default=None)
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
