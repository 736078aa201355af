"""The training step, straight: what Lightning does in a step, without what nobody asked it to do.

Lightning passes each step through some forty hooks, each with a profiler and a note of where it is;
on a small network that costs as much as the network. Where none of them is in use, the step is
taken here: the same operations in the same order, so the same numbers. Everywhere else (several
devices, 16-bit arithmetic, accumulated gradients, a profiler, a callback that wants to see the
gradients) Lightning's own step runs, and around the step always: epochs, validation, the best
checkpoint, logging, resuming. The last checkpoint is written here, between two steps.
"""

from collections.abc import Callable
from typing import Any

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.loops.training_epoch_loop import _TrainingEpochLoop
from pytorch_lightning.plugins.precision import Precision
from pytorch_lightning.profilers import PassThroughProfiler
from pytorch_lightning.strategies import SingleDeviceStrategy

from .keeper import Keeper

# called between forward and step: whoever has one of these gets Lightning's own step
BETWEEN = (
    "on_before_zero_grad",
    "on_before_backward",
    "on_after_backward",
    "on_before_optimizer_step",
)
# of the module alone
OWN = ("optimizer_step", "optimizer_zero_grad", "configure_gradient_clipping", "backward")


def overrides(thing: Callback | LightningModule, base: type, hook: str) -> bool:
    """Say whether a callback or module has a hook of its own."""
    return getattr(type(thing), hook) is not getattr(base, hook)


def hooks(trainer: Trainer, name: str) -> list[Callable[..., Any]]:
    """List the callbacks' own hooks of this name."""
    return [getattr(c, name) for c in trainer.callbacks if overrides(c, Callback, name)]  # type: ignore[attr-defined]


def is_plain(trainer: Trainer, task: LightningModule) -> bool:
    """Say whether a step is nothing but forward, backward, clipping and the optimizer's step."""
    return (
        type(trainer.strategy) is SingleDeviceStrategy
        and type(trainer.precision_plugin) is Precision
        and type(trainer.profiler) is PassThroughProfiler  # type: ignore[attr-defined]
        and trainer.accumulate_grad_batches == 1
        and trainer.gradient_clip_algorithm in (None, "norm")
        and task.automatic_optimization
        and not any(hooks(trainer, name) for name in BETWEEN)
        and not any(overrides(task, LightningModule, name) for name in (*BETWEEN, *OWN))
    )


def nothing() -> None:
    """Do nothing."""


class DirectLoop(_TrainingEpochLoop):
    """Lightning's loop over the batches of an epoch, with a shorter way through a plain step."""

    plain = False
    counted = False  # saved after a step that going on takes up again at its end
    starts: list[Callable[..., Any]]
    ends: list[Callable[..., Any]]

    def on_run_start(self, data_fetcher: Any) -> None:
        """See once an epoch whether the steps are plain."""
        super().on_run_start(data_fetcher)
        trainer, task = self.trainer, self.trainer.lightning_module
        self.starts = hooks(trainer, "on_train_batch_start")
        self.ends = hooks(trainer, "on_train_batch_end")
        self.plain = is_plain(trainer, task)
        if self.plain and task.device.type == "cpu":
            # torch asks for a GPU driver in each step, in case it records a graph on one
            for optimizer in trainer.optimizers:
                optimizer._accelerator_graph_capture_health_check = nothing

    def advance(self, data_fetcher: Any) -> None:
        """Train on one batch."""
        if self.restarting and self._num_ready_batches_reached():
            # gone on with after an epoch's last step: only its end is left
            self._skip_next_val = True
            return
        if not self.plain or self.restarting:
            super().advance(data_fetcher)
            return
        self.val_loop.restarting = False  # or validation would go on where a checkpoint left it
        trainer, task = self.trainer, self.trainer.lightning_module
        batch, _, _ = next(data_fetcher)
        index, progress = self.batch_idx + 1, self.batch_progress
        progress.is_last_batch = data_fetcher.done
        batch = trainer.datamodule.transfer_batch_to_device(batch, task.device, 0)  # type: ignore[attr-defined]
        progress.increment_ready()
        trainer._logger_connector.on_batch_start(batch)
        for hook in self.starts:
            hook(trainer, task, batch, index)
        task.on_train_batch_start(batch, index)
        progress.increment_started()
        loss = self.step(batch, index)
        progress.increment_processed()
        self.update_lr_schedulers("step", update_plateau_schedulers=False)
        if self._num_ready_batches_reached():
            self.update_lr_schedulers("epoch", update_plateau_schedulers=False)
        output = {"loss": loss.detach()}
        for hook in self.ends:
            hook(trainer, task, output, batch, index)
        task.on_train_batch_end(output, batch, index)
        trainer._logger_connector.on_batch_end()
        progress.increment_completed()
        trainer._logger_connector.update_train_step_metrics()

    def on_advance_end(self, data_fetcher: Any) -> None:
        """Validate and log as is due, then let the keeper save."""
        again = self._skip_next_val  # nothing was trained: the step before a checkpoint ends
        validated = self._should_check_val_fx(data_fetcher)
        super().on_advance_end(data_fetcher)
        trainer, fit = self.trainer, self.trainer.fit_loop
        if trainer.fast_dev_run or again or self._should_accumulate():  # type: ignore[attr-defined]
            return
        ended = self._num_ready_batches_reached()
        last = ended and fit.max_epochs == trainer.current_epoch + 1
        final = last or self.global_step == self.max_steps or trainer.should_stop
        self.counted = ended or validated
        for keeper in (c for c in trainer.callbacks if isinstance(c, Keeper)):  # type: ignore[attr-defined]
            keeper.after_step(trainer, ended=ended, final=final)
        self.counted = False

    def on_save_checkpoint(self) -> dict[str, Any]:
        """Return the loop's state; a step at the end of an epoch or validation ends once more."""
        state = super().on_save_checkpoint()
        state["_batches_that_stepped"] -= self.counted
        return state

    def step(self, batch: Any, index: int) -> torch.Tensor:
        """Move the weights once. Returns the loss."""
        trainer, task = self.trainer, self.trainer.lightning_module
        optimizer, steps = (
            trainer.optimizers[0],
            self.automatic_optimization.optim_progress.optimizer,
        )
        steps.step.increment_ready()
        steps.zero_grad.increment_ready()
        steps.zero_grad.increment_started()
        task._current_fx_name = "training_step"  # `log` asks where it is called from
        loss: torch.Tensor = task.training_step(batch, index)  # type: ignore[assignment]
        task._current_fx_name = None
        optimizer.zero_grad()
        steps.zero_grad.increment_completed()
        loss.backward()
        if trainer.gradient_clip_val:
            groups = optimizer.param_groups
            parameters = [p for group in groups for p in group["params"]]
            torch.nn.utils.clip_grad_norm_(parameters, trainer.gradient_clip_val)
        optimizer.step()
        steps.step.increment_completed()
        return loss


def install(trainer: Trainer) -> None:
    """Give a trainer the shorter way."""
    old = trainer.fit_loop.epoch_loop
    trainer.fit_loop.epoch_loop = DirectLoop(
        trainer, min_steps=old.min_steps, max_steps=old.max_steps
    )
