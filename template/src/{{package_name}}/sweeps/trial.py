"""One trial of a sweep: settings are suggested, a run is trained with them, and is told to end."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytorch_lightning as pl
import torch
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from ..config import CONFIGS, check, known_keys, quoted
from ..errors import UserError, suggest
from ..training.experiment import train
from .outcome import ENDED

if TYPE_CHECKING:
    from optuna import Trial  # pyright: ignore[reportMissingImports]

FAILURES = (UserError, torch.OutOfMemoryError)  # of a trial, and not of the sweep
RANGE = {"low", "high", "log", "step", "optional"}  # what a range may say


class Knob(NamedTuple):
    """A setting that is searched: its dotted key, and a list of values or a range."""

    key: str
    values: Any

    def suggest(self, trial: "Trial") -> Any:
        """Draw a value."""
        if isinstance(self.values, list):
            return trial.suggest_categorical(self.key, self.values)
        low, high = self.values["low"], self.values["high"]
        whole = isinstance(low, int) and isinstance(high, int)
        draw = trial.suggest_int if whole else trial.suggest_float
        given = {name: self.values[name] for name in ("log", "step") if name in self.values}
        return draw(self.key, low, high, **given)


class Space:
    """What is searched.

    Args:
        cfg: with `sweep.space`, and the settings that it names.

    Raises:
        UserError: for a setting that there is not, or a range that is none.
    """

    def __init__(self, cfg: DictConfig) -> None:
        plain: Any = OmegaConf.to_container(cfg.sweep.space, resolve=True)
        self.knobs: list[Knob] = []
        for knob in knobs(plain):
            if OmegaConf.select(cfg, knob.key, default=...) is ...:
                if isinstance(knob.values, dict) and knob.values.get("optional"):
                    continue
                raise UserError(
                    f"sweep.space.{knob.key}: there is no setting {knob.key} to be searched"
                    f"{suggest(knob.key, known_keys())}"
                )
            refuse_wrong(knob)
            self.knobs.append(knob)
        if not self.knobs:
            raise UserError("sweep.space is empty: name at least one setting to be searched")

    @property
    def keys(self) -> list[str]:
        """Name the settings."""
        return [knob.key for knob in self.knobs]

    def suggest(self, trial: "Trial") -> list[str]:
        """Draw all values; return them as the command line has them."""
        try:
            return [f"{knob.key}={written(knob.suggest(trial))}" for knob in self.knobs]
        except ValueError as error:  # a list has changed since the sweep began
            raise UserError(f"sweep.space: {error}; choose another run_dir") from None


def written(value: Any) -> str:
    """Write a value as the command line has it."""
    text = "null" if value is None else str(value)
    return text.lower() if isinstance(value, bool) else text


def knobs(node: dict[str, Any], prefix: str = "") -> Iterator[Knob]:
    """Walk the space: a leaf is a list, or says `low`."""
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not RANGE & set(value):
            yield from knobs(value, f"{key}.")
        elif value is not None:
            yield Knob(key, value)


def refuse_wrong(knob: Knob) -> None:
    """Refuse what is neither a list nor a range."""
    values, name = knob.values, f"sweep.space.{knob.key}"
    if isinstance(values, list) and values:
        return
    if not isinstance(values, dict) or not {"low", "high"} <= set(values) <= RANGE:
        raise UserError(
            f"{name}={values}: give a list of values, or low and high (and log: true, step)"
        )
    low, high = values["low"], values["high"]
    if not low < high or (values.get("log") and low <= 0):
        raise UserError(f"{name}={values}: low must be below high, and above 0 with log: true")


class Reporter(pl.Callback):
    """Tell the sweep of each validation, and end the run where the sweep has seen enough.

    Args:
        trial: that the run is.
        metric: that is searched for.
    """

    def __init__(self, trial: "Trial", metric: str) -> None:
        self.trial, self.metric = trial, metric

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Report, then ask."""
        if trainer.sanity_checking:
            return
        if trainer.current_epoch not in measured(self.trial):  # by the one that it goes on from
            self.trial.report(float(trainer.callback_metrics[self.metric]), trainer.current_epoch)
        if self.trial.should_prune():
            from optuna import TrialPruned  # pyright: ignore[reportMissingImports]

            raise TrialPruned


def measured(trial: "Trial") -> dict[int, float]:
    """Return the scores that were reported, by epoch."""
    return trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values


def words_of() -> list[str]:
    """Return what was typed for all trials: no word of the sweep itself."""
    typed = HydraConfig.get().overrides.task
    own = ("sweep", "+sweep", "~sweep", "run_dir")
    return [word for word in typed if word.partition("=")[0].partition(".")[0] not in own]


def attempt(trial: "Trial", cfg: DictConfig, space: Space, words: list[str], folder: Path) -> float:
    """Train with suggested settings; return the best score of any epoch, as best.ckpt has it.

    Args:
        trial: that suggests.
        cfg: of the sweep.
        space: what is suggested.
        words: the settings of all trials.
        folder: of the sweep.

    Raises:
        UserError: what the run ended in; the trial remembers it.
        optuna.TrialPruned: if the sweep has seen enough.
    """
    from optuna.storages import (  # pyright: ignore[reportMissingImports]
        RetryHeartbeatStaleTrialCallback as again,
    )

    number = again.retried_trial_number(trial.study.get_trials(deepcopy=False)[trial.number])
    number = trial.number if number is None else number
    try:
        chosen = space.suggest(trial)
        where = folder / f"trial-{number + 1:03}"
        goes_on = ", again" if number != trial.number else ""
        print(f"trial {number + 1}{goes_on}: {' '.join(chosen)}", flush=True)
        run = composed([*words, *chosen, quoted(f"run_dir={where}"), "resume=auto", "test=false"])
        train(run, callbacks=[Reporter(trial, cfg.monitor.metric)])
        scores = measured(trial).values()
        if not scores:
            raise UserError(f"{cfg.monitor.metric} was never measured: train for a whole epoch")
    except FAILURES as error:
        trial.set_user_attr(ENDED, " ".join(str(error).split())[:300])
        raise
    return max(scores) if cfg.monitor.mode == "max" else min(scores)


def composed(words: list[str]) -> DictConfig:
    """Compose the config of a run, as `train` would if these were typed."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        whole = compose("train", overrides=words, return_hydra_config=True)
    HydraConfig.instance().set_config(whole)  # what a run says of itself is then of this one
    with open_dict(whole):
        del whole["hydra"]
    check(whole)
    return whole
