"""Sweep: search settings with Optuna: `uv run sweep`.

All that is known lies in one folder: study.db (SQLite), and a run for each trial. The same command
goes on after any end, kill -9 included: a trial that nobody works on any longer is run again under
its own settings, from its own newest checkpoint. Started twice, two workers share the trials.
"""

import contextlib
import importlib.util
import signal
import sqlite3
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from .config import build, launch
from .errors import UserError
from .sweeps.outcome import ENDED, Names, finished, tell

if TYPE_CHECKING:
    from optuna import Study, Trial  # pyright: ignore[reportMissingImports]
    from optuna.storages import RDBStorage  # pyright: ignore[reportMissingImports]
    from optuna.trial import FrozenTrial  # pyright: ignore[reportMissingImports]

WAIT_S = 1.0  # between two looks at what the other workers do
BEGUN = "begun"  # attribute of a trial: its number, once its worker reports
DOOMED = 3  # trials that end in an error, and no other: it is not their settings


def main() -> None:
    """Compose the config, then search; torch is imported only once the config is right."""

    def job(cfg: DictConfig) -> None:
        if importlib.util.find_spec("optuna") is None:
            raise UserError("sweep needs optuna: uv run --extra sweep sweep ..., or pip install it")
        sweep(cfg)

    launch(job, "sweep")


class Turn:
    """A lock that a process which dies gives back, on every system: an open transaction of SQLite.

    Args:
        path: of a file that holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held: sqlite3.Connection | None = None

    def take(self) -> None:
        """Wait until no other worker has it."""
        held = sqlite3.connect(self.path, timeout=600, isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")
        self.held = held

    def give(self) -> None:
        """Let the others; once is enough."""
        if self.held is not None:
            self.held.close()
            self.held = None


def sweep(cfg: DictConfig) -> None:
    """Run trials until as many as wanted are finished, by this worker and others."""
    import optuna  # pyright: ignore[reportMissingImports]

    from .sweeps.trial import FAILURES, Space, attempt, words_of

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    if cfg.trainer.get("strategy", "auto") != "auto":
        raise UserError(
            f"trainer.strategy={cfg.trainer.strategy}: a trial of a sweep is one process; start "
            "the command on each device instead (CUDA_VISIBLE_DEVICES=1 uv run sweep ...)"
        )
    names = Names(Path(cfg.run_dir).expanduser().absolute())
    names.folder.mkdir(parents=True, exist_ok=True)
    space, words = Space(cfg), words_of()
    turn = Turn(names.folder / "turn.db")

    def objective(trial: "Trial") -> float:
        # a process that dies from here on is missed: Optuna forgets one that never reported
        storage.record_heartbeat(trial._trial_id)
        trial.set_user_attr(BEGUN, trial.number)
        turn.give()
        with interruptible():
            return attempt(trial, cfg, space, words, names.folder)

    try:
        turn.take()
        study, storage = open_study(cfg, names.database, words)
        turn.give()
        while True:
            turn.take()
            requeue(study)
            trials = study.get_trials(deepcopy=False)
            done = sum(map(finished, trials))
            states = [trial.state.name for trial in trials]
            claimed = done + states.count("RUNNING")
            refuse_doomed(trials)
            if done >= cfg.sweep.trials:
                break
            if "WAITING" in states or claimed < cfg.sweep.trials:
                # each trial draws from a stream of its own: a restart repeats none
                waiting = (trial.number for trial in trials if trial.state.name == "WAITING")
                number = next(waiting, len(trials))
                seed = hash((cfg.seed or 0, number)) % 2**32
                study.sampler = build(cfg, "sweep.sampler", seed=seed)
                study.optimize(objective, n_trials=1, catch=FAILURES)
            else:
                turn.give()
                time.sleep(WAIT_S)
        turn.give()
    except KeyboardInterrupt:
        print("interrupted: the same command goes on with the sweep", flush=True)
        raise SystemExit(128 + signal.SIGINT) from None
    finally:
        turn.give()
    tell(study, names, space.keys, words)


def open_study(cfg: DictConfig, path: Path, words: list[str]) -> tuple["Study", "RDBStorage"]:
    """Open the study in a folder, or begin one.

    Raises:
        UserError: if the folder holds a sweep of other settings: their scores do not compare.
    """
    import optuna  # pyright: ignore[reportMissingImports]

    beat_s = max(1, cfg.sweep.grace_s // 6)
    storage = optuna.storages.RDBStorage(
        f"sqlite:///{path}",
        engine_kwargs={"connect_args": {"timeout": 60}},
        heartbeat_interval=beat_s,
        grace_period=max(cfg.sweep.grace_s, beat_s + 1),
    )
    study = optuna.create_study(
        storage=storage,
        study_name="sweep",
        pruner=build(cfg, "sweep.pruner"),
        direction="maximize" if cfg.monitor.mode == "max" else "minimize",
        load_if_exists=True,
    )
    begun = study.user_attrs.get("words")
    if begun is None:
        study.set_user_attr("words", words)
        study.set_user_attr("metric", cfg.monitor.metric)
    elif sorted(begun) != sorted(words):
        raise UserError(
            f"run_dir={path.parent} holds a sweep of other settings ({' '.join(begun) or 'none'}): "
            "choose another folder, or give the same"
        )
    return study, storage


def requeue(study: "Study") -> None:
    """Put the trials in line again that no worker finished: it was killed, or interrupted.

    Their successors know their settings and what was measured so far. What was put in line once is
    not again, whenever this process or an earlier one was ended.
    """
    import optuna  # pyright: ignore[reportMissingImports]

    optuna.storages.fail_stale_trials(study)
    for trial in study.get_trials(deepcopy=False):  # by whoever has the turn: nobody is beginning
        if trial.state.name == "RUNNING" and trial.user_attrs.get(BEGUN) != trial.number:
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    again = optuna.storages.RetryHeartbeatStaleTrialCallback(inherit_intermediate_values=True)
    trials = study.get_trials(deepcopy=True)
    replaced = {n for trial in trials for n in again.retry_history(trial)}
    for trial in trials:
        lost = trial.state.name == "FAIL" and not finished(trial)
        if lost and trial.number not in replaced:
            again(study, trial)


def refuse_doomed(trials: list["FrozenTrial"]) -> None:
    """End a sweep in which every trial ends in an error."""
    ended = [trial for trial in trials if finished(trial)]
    if len(ended) >= DOOMED and all(ENDED in trial.user_attrs for trial in ended):
        raise UserError(
            f"all of {len(ended)} trials ended in an error, the last in: "
            f"{ended[-1].user_attrs[ENDED]}; mend it, and choose another run_dir"
        )


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn a trial's own way of leaving into an interruption: the trial is put in line again."""
    try:
        yield
    except SystemExit:
        raise KeyboardInterrupt from None
    finally:  # a run listens to signals, and does not stop to
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if __name__ == "__main__":
    main()
