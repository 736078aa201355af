"""A sweep: what is searched, what a trial is, and what is left of all of them."""

import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from omegaconf import DictConfig, open_dict

from ..config import compose
from ..errors import UserError
from ..sweep import Turn
from ..sweeps.outcome import WRITTEN, experiment, finished, rank
from ..sweeps.trial import Space, knobs, written


class Low:
    """A trial that suggests the first or lowest of everything."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def suggest_categorical(self, key: str, values: list[Any]) -> Any:
        self.asked[key] = values
        return values[0]

    def suggest_float(self, key: str, low: float, high: float, **given: Any) -> float:
        self.asked[key] = (low, high, given)
        return low

    suggest_int = suggest_float


@pytest.fixture(scope="module")
def swept() -> DictConfig:
    """The configuration of a sweep."""
    return compose(name="sweep")


def of(swept: DictConfig, space: dict[str, Any]) -> Space:
    cfg = swept.copy()
    with open_dict(cfg):
        cfg.sweep.space = space
    return Space(cfg)


def test_the_space_of_the_project_names_settings_that_exist(
    cfg: DictConfig, swept: DictConfig
) -> None:
    trial = Low()
    words = Space(swept).suggest(trial)  # type: ignore[arg-type]
    assert trial.asked["optimizer.lr"][2] == {"log": True}
    assert trial.asked["optimizer.lr"][0] == pytest.approx(cfg.optimizer.lr / 10)
    assert ("network.dropout" in trial.asked) == ("dropout" in cfg.network)
    assert words[0].startswith("optimizer.lr=0.")
    assert swept.run_dir == "runs/sweep"
    same = swept.copy()
    with open_dict(same):
        del same["sweep"]
    same.run_dir = cfg.run_dir
    assert same == cfg, "besides, a sweep is made of what train is made of"


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"optimizer": {"lrr": {"low": 1.0, "high": 2.0}}}, r"lrr.*did you mean 'optimizer.lr'"),
        ({"optimizer": {"lr": {"low": 2.0, "high": 1.0}}}, "low must be below high"),
        ({"optimizer": {"lr": {"low": 0.0, "high": 1.0, "log": True}}}, "above 0"),
        ({"optimizer": {"lr": {"low": 0.1}}}, "low and high"),
        ({"optimizer": {"lr": []}}, "list of values"),
        ({"network": {"nonsense": {"low": 0.0, "high": 1.0, "optional": True}}}, "is empty"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    swept: DictConfig, space: dict[str, Any], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        of(swept, space)


def test_lists_choose_options_of_groups_and_whole_numbers_stay_whole(swept: DictConfig) -> None:
    found = list(knobs({"size": ["tiny", "small"], "data": {"batch_size": {"low": 8, "high": 9}}}))
    assert [knob.key for knob in found] == ["size", "data.batch_size"]
    some = {"size": ["small"], "data": {"batch_size": {"low": 8, "high": 9}}}
    words = of(swept, some).suggest(Low())  # type: ignore[arg-type]
    assert words == ["size=small", "data.batch_size=8"]
    assert [written(value) for value in (None, True, 1, 0.5, "a")] == [
        "null",
        "true",
        "1",
        "0.5",
        "a",
    ]


def test_the_best_settings_are_an_experiment() -> None:
    text = experiment({"optimizer.lr": 0.5, "optimizer.weight_decay": 0.1, "size": "small"}, "x")
    assert text.splitlines()[:2] == ["# @package _global_", f"{WRITTEN}: x"]
    assert yaml.safe_load(text) == {
        "defaults": [{"override /size": "small"}],
        "optimizer": {"lr": 0.5, "weight_decay": 0.1},
    }


def test_trials_are_ranked_whole_then_early_then_failed() -> None:
    def trial(state: str, value: float | None, **attrs: str) -> Any:
        return SimpleNamespace(state=SimpleNamespace(name=state), value=value, user_attrs=attrs)

    rows = [trial("FAIL", None, error="x"), trial("PRUNED", 9.0)]
    rows += [trial("COMPLETE", 1.0), trial("COMPLETE", 2.0)]
    best = sorted(rows, key=lambda row: rank(row, lower=False))
    assert [row.value for row in best] == [2.0, 1.0, 9.0, None]
    assert min(rows, key=lambda row: rank(row, lower=True)).value == 1.0
    assert all(map(finished, rows))
    assert not finished(trial("FAIL", None)), "it was killed: nobody says why it ended"
    assert not finished(trial("RUNNING", None))


def test_a_turn_is_one_worker_s_at_a_time(tmp_path: Any) -> None:
    turn = Turn(tmp_path / "turn.db")
    turn.take()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(tmp_path / "turn.db", timeout=0).execute("BEGIN EXCLUSIVE")
    turn.give()
    turn.give()
    turn.take()
    turn.give()
