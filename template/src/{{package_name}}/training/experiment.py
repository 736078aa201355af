"""One experiment: build what the config describes, train it, test it once, and say how it went."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import ModelCheckpoint
from rich.console import Console

from ..config import build, entries
from ..datamodule import DataModule
from ..errors import UserError, suggest
from ..reports import report
from ..task import Task
from . import checkpoint, direct, runs
from .keeper import Atomic, keep_curves
from .prepare import prepare
from .schedule import lr_factor


def train(cfg: DictConfig, callbacks: Sequence[pl.Callback] = ()) -> dict[str, float]:
    """Train as the config says, then test the best weights.

    Args:
        cfg: of the run.
        callbacks: besides those of the config.

    Returns:
        the scores of the test.
    """
    console, began = Console(), runs.began()
    say = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    content = checkpoint.go_on(cfg, say if runs.rank() == 0 else lambda line: None)
    cfg.seed = prepare(cfg)
    data, task = assemble(cfg)
    monitors = monitored(cfg)
    refuse_unlogged(task, data, monitors)

    folder = runs.choose(cfg.run_dir, resume=cfg.ckpt_path, auto=cfg.resume == "auto")
    trainer, folder = open_run(cfg, folder, (content or {}).get("global_step", 0), callbacks)
    task.lr_factor = lr_factor(cfg.lr_scale, trainer.world_size * cfg.accumulate)
    sizes = " / ".join(f"{len(data.splits[s].x):,}" for s in ("train", "val", "test"))
    weights = sum(p.numel() for p in task.parameters())
    if trainer.is_global_zero:
        summary = f"{cfg.title}: {sizes} examples (train / validate / test), {weights:,} weights"
        if (ranks := trainer.world_size) * cfg.accumulate > 1:
            summary += (
                f"; a step takes {ranks} x {cfg.accumulate} batches of {data.batch_size} "
                "(processes x accumulate x data.batch_size)"
            )
        for line in (*data.tell(folder), summary):
            say(line)

    if cfg.train:
        if cfg.compile:
            whole = type(task.network).forward is not torch.nn.Module.forward
            for module in [task.network] if whole else task.network.children():
                module.compile()
        trainer.fit(task, data, ckpt_path=cfg.ckpt_path, weights_only=True)
    keeper = trainer.checkpoint_callback
    best, chosen_by = "", ", ".join(monitors) or "nothing"
    if isinstance(keeper, ModelCheckpoint):
        best = keeper.best_model_path
        if keeper.monitor and not best and (last := Path(keeper.dirpath, "last.ckpt")).exists():  # type: ignore[arg-type]
            # max_steps ended inside the first epoch
            best, chosen_by = str(last), "nothing: training ended before validation"
    if best and cfg.train:
        checkpoint.load(task, checkpoint.read(best), best)
    elif content is not None and not cfg.train:
        checkpoint.load(task, content, cfg.ckpt_path)
    trained_s = time.monotonic() - began
    if not cfg.test:
        return {name: float(value) for name, value in trainer.callback_metrics.items()}
    scores = test(cfg, trainer, task, data)
    facts = {
        "seconds": round(time.monotonic() - began, 1),
        "of these to load and train": round(trained_s, 1),
        "steps": trainer.global_step or (content or {}).get("global_step", 0),
        "examples (train / validate / test)": sizes,
        "weights": weights,
        "seed": cfg.seed,
        "best checkpoint": report.near(Path(best)) if best else "none",
        "chosen by": chosen_by,
    }
    if isinstance(keeper, ModelCheckpoint) and keeper.best_model_score is not None:
        facts[f"best {keeper.monitor}"] = round(float(keeper.best_model_score), 5)
    if trainer.fast_dev_run:  # type: ignore[attr-defined]
        console.print("fast_dev_run: one batch of each split went through; no table, no report")
    elif trainer.is_global_zero:
        report.finish(folder, console, cfg.title, scores, task, data, facts, best)
    return scores


def assemble(cfg: DictConfig) -> tuple[DataModule, Task]:
    """Build what is trained, and what on: the data are loaded, the task has seen them."""
    data: DataModule = build(cfg, "data", seed=cfg.seed)
    cfg.data.update(data.discover())
    task = make_task(cfg)
    data.prepare_data()
    data.setup("fit")
    introduce(cfg, task, data)
    return data, task


def make_task(cfg: DictConfig) -> Task:
    """Build the task with its network, untrained."""
    network, optimizer = build(cfg, "network"), build(cfg, "optimizer")
    return build(cfg, "task", network=network, optimizer=optimizer, seed=cfg.seed)


def introduce(cfg: DictConfig, task: Task, data: DataModule) -> None:
    """Show a new task the data, and plant the bug of an exercise where one is asked for."""
    task.classes = data.classes
    task.check(data)
    task.look(data)
    if cfg.get("exercise") is not None:
        build(cfg, "exercise")(task, data)


def evaluate(path: str, run_dir: str | None, overrides: list[str]) -> dict[str, float]:
    """Test a checkpoint with nothing but itself; the report goes to a new folder."""
    content = checkpoint.read(path)
    cfg = checkpoint.config_of(content, path, overrides)
    cfg.logger = {}  # they would write where the run did, over its curves
    console = Console()
    prepare(cfg)
    task = checkpoint.restore(cfg, content, path)
    data: DataModule = build(cfg, "data", seed=cfg.seed)
    data.prepare_data()
    data.setup("test")
    if data.classes != task.classes:
        raise UserError(
            f"ckpt_path={path} knows the classes {', '.join(task.classes[:20])}, but the data have "
            f"{', '.join(data.classes[:20])}: give it the data that it was trained on"
        )
    task.check(data)
    beside = Path(path).expanduser().absolute().parent.parent
    cfg.run_dir = run_dir or str(beside / time.strftime("evaluate-%Y-%m-%d_%H-%M-%S"))
    trainer, folder = open_run(cfg, runs.fresh(Path(cfg.run_dir).expanduser().absolute()))
    for line in data.tell(folder):
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    scores = test(cfg, trainer, task, data)
    facts = {
        "checkpoint": Path(path),
        "steps": content["global_step"],
        "seconds": round(time.monotonic() - runs.began(), 1),
    }
    best = str(Path(path).expanduser().absolute())
    report.finish(folder, console, cfg.title, scores, task, data, facts, best)
    return scores


def open_run(
    cfg: DictConfig, folder: Path, step: int = 0, callbacks: Sequence[pl.Callback] = ()
) -> tuple[pl.Trainer, Path]:
    """Write down in the run's folder what is about to happen, and build the trainer.

    Args:
        cfg: of the run.
        folder: the run's.
        step: that training goes on from.
        callbacks: besides those of the config.
    """
    cfg.run_dir = str(folder)
    plain: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    try:
        trainer = make_trainer(cfg, plain, callbacks)
    except UserError:
        if runs.rank() == 0 and not any(folder.iterdir()):
            folder.rmdir()
        raise
    if runs.rank() == 0:
        keep_curves(trainer, folder, step)
        OmegaConf.save(OmegaConf.create(plain), folder / "config.yaml")
        runs.write_json(folder / "environment.json", runs.environment())
    return trainer, folder


def make_trainer(
    cfg: DictConfig, plain: dict[str, Any], more: Sequence[pl.Callback] = ()
) -> pl.Trainer:
    """Build the trainer with its callbacks, and `more` of them, and loggers."""
    callbacks = [*(build(cfg, name) for name in entries(cfg, "callbacks")), *more]
    loggers = [build(cfg, name) for name in entries(cfg, "logger")]
    callbacks.append(checkpoint.SelfDescribing(plain))
    places = {"callbacks": callbacks, "logger": loggers, "default_root_dir": cfg.run_dir}
    trainer = build(cfg, "trainer", plugins=[Atomic()], **places)
    direct.install(trainer)
    return trainer


def monitored(cfg: DictConfig) -> dict[str, str]:
    """Find what the callbacks watch: {metric: setting that names it}."""
    blocks = entries(cfg, "callbacks").items()
    return {block.monitor: f"{name}.monitor" for name, block in blocks if block.get("monitor")}


def refuse_unlogged(task: Task, data: DataModule, monitors: dict[str, str]) -> None:
    """Score one validation batch, so that a metric which nobody logs is refused before training."""
    with torch.no_grad():
        names = task.eval().scores(task.predict, next(iter(data.val_dataloader())))
    task.train()
    logged = [f"val/{name}" for name in names] + ["val/loss", "train/loss"]
    for metric, setting in monitors.items():
        if metric not in logged:
            raise UserError(
                f"{setting}={metric}: nobody logs it{suggest(metric, logged)}; "
                f"logged are {', '.join(logged)}"
            )


def test(cfg: DictConfig, trainer: pl.Trainer, task: Task, data: DataModule) -> dict[str, float]:
    """Measure the model, and the baseline on the same inputs, on the test split."""
    if cfg.baseline is not None and not trainer.fast_dev_run:  # type: ignore[attr-defined]
        # in evaluation, or what it is tuned on would be varied as in training
        baseline = build(cfg, "baseline").fit(data, task.eval())
        task.references = {baseline.name: baseline.predict, **task.references}
    means = trainer.test(task, data, verbose=False)[0]
    scores = {name: float(value) for name, value in means.items()}
    if trainer.fast_dev_run:  # type: ignore[attr-defined]
        return scores
    with torch.inference_mode():
        return task.eval().survey({"model": task.predict, **task.references}, data) | scores
