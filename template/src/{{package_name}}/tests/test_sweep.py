"""A sweep: what is searched, what a trial is, and what is left of all of them."""

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf, open_dict

from ..config import CONFIGS, compose
from ..errors import UserError
from ..sweep import Turn
from ..sweep_report import WRITTEN, experiment, finished, rank
from ..trial import Space, knobs, written


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


def of(space: dict[str, Any]) -> Space:
    cfg = compose(name="sweep")
    with open_dict(cfg):
        cfg.sweep.space = space
    return Space(cfg)


def test_the_space_of_the_project_names_settings_that_exist() -> None:
    cfg, trial = compose(name="sweep"), Low()
    words = Space(cfg).suggest(trial)  # type: ignore[arg-type]
    assert trial.asked["optimizer.lr"][2] == {"log": True}
    assert trial.asked["optimizer.lr"][0] == pytest.approx(cfg.optimizer.lr / 10)
    assert ("network.dropout" in trial.asked) == ("dropout" in cfg.network)
    tried = compose(*words)
    assert tried.optimizer.lr == pytest.approx(cfg.optimizer.lr / 10)
    assert "sweep" not in tried


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
def test_what_cannot_be_searched_is_refused(space: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        of(space)


def test_lists_choose_options_of_groups_and_whole_numbers_stay_whole() -> None:
    found = list(knobs({"size": ["tiny", "small"], "data": {"batch_size": {"low": 8, "high": 9}}}))
    assert [knob.key for knob in found] == ["size", "data.batch_size"]
    words = of({"size": ["small"], "data": {"batch_size": {"low": 8, "high": 9}}}).suggest(Low())  # type: ignore[arg-type]
    assert words == ["size=small", "data.batch_size=8"]
    assert [written(value) for value in (None, True, 1, 0.5, "a")] == [
        "null",
        "true",
        "1",
        "0.5",
        "a",
    ]


def test_the_best_settings_are_an_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    text = experiment({"optimizer.lr": 0.5, "optimizer.weight_decay": 0.1, "size": "small"}, "x")
    assert text.startswith(WRITTEN)
    assert text.splitlines()[1] == "# @package _global_"
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
    import sqlite3

    turn = Turn(tmp_path / "turn.db")
    turn.take()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(tmp_path / "turn.db", timeout=0).execute("BEGIN EXCLUSIVE")
    turn.give()
    turn.give()
    turn.take()
    turn.give()


def test_the_sweep_composes_what_train_does() -> None:
    sweep, train = compose(name="sweep"), compose()
    with open_dict(sweep):
        del sweep["sweep"]
    sweep.run_dir = train.run_dir
    assert OmegaConf.to_yaml(sweep, resolve=True) == OmegaConf.to_yaml(train, resolve=True)
    assert (CONFIGS / "sweep" / "default.yaml").is_file()
