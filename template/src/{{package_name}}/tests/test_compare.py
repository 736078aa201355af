"""Many runs in one table: what differs, best first, and what cannot be read is named."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from ..compare import chosen, compare, differences, short
from ..config import compose, leaves
from ..errors import UserError
from ..reports.finished import folders, read
from ..reports.folds import average
from .conftest import configured

METRIC = "wrong_error"  # smaller is better


def leave(folder: Path, score: float, *overrides: str, **results: Any) -> Path:
    """Leave what a run leaves."""
    cfg = configured(f"run_dir={folder}", *overrides)
    folder.mkdir(parents=True)
    plain = OmegaConf.create(OmegaConf.to_container(cfg, resolve=True))  # type: ignore[arg-type]
    OmegaConf.save(plain, folder / "config.yaml")
    scores = {f"model/{METRIC}": score, f"naive/{METRIC}": 0.5, "model/second": score}
    results = {"sides": ["model", "naive"], "scores": scores, "seconds": 12.3} | results
    (folder / "results.json").write_text(json.dumps(results))
    return folder


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_best_comes_first_with_what_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    leave(runs / "plain", 0.3)
    leave(runs / "fast", 0.1, "optimizer.lr=0.5")
    leave(runs / "sweep" / "1", 0.2, "seed=7")
    compare([str(runs)], None, tmp_path / "table.csv")
    rows = table(tmp_path / "table.csv")
    assert [Path(row["run"]).name for row in rows] == ["fast", "1", "plain"]
    assert set(list(rows[0])[5:]) == {"lr", "seed"}, "nothing that is the same, or that follows"
    assert [row["lr"] for row in rows][:1] == ["0.5"]
    assert [row["seed"] for row in rows] == ["0", "7", "0"]
    assert rows[0][METRIC] == "0.1"
    assert rows[0]["best baseline"] == "0.5"
    assert rows[0]["baseline"] == "naive"
    assert rows[0]["seconds"] == "12.3"
    said = capsys.readouterr().out
    assert said.index("fast") < said.index("sweep/1") < said.index("plain")
    assert "lower is better" in said


def test_a_metric_where_more_is_better_turns_the_order(tmp_path: Path) -> None:
    for name, score in (("a", 0.3), ("b", 0.9)):
        leave(tmp_path / name, score)
    compare([str(tmp_path)], "second", tmp_path / "table.csv")
    assert [Path(row["run"]).name for row in table(tmp_path / "table.csv")] == ["b", "a"]


def test_what_cannot_be_read_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(tmp_path / "good", 0.1)
    (leave(tmp_path / "unfinished", 0.1) / "results.json").unlink()
    (leave(tmp_path / "cut", 0.1) / "results.json").write_text('{"scores": {')
    (leave(tmp_path / "odd", 0.1) / "results.json").write_text("[]")
    (leave(tmp_path / "empty", 0.1) / "config.yaml").write_text("")
    compare([str(tmp_path)], None, tmp_path / "table.csv")
    said = capsys.readouterr().out
    for name, why in (
        ("unfinished", "unfinished"),
        ("cut", "unreadable"),
        ("odd", "unreadable"),
        ("empty", "unreadable"),
    ):
        assert any(f"{name}: " in line and why in line for line in said.splitlines()), (name, said)
    assert [Path(row["run"]).name for row in table(tmp_path / "table.csv")] == ["good"]


def test_settings_that_follow_from_others_are_left_out() -> None:
    default = compose()
    run = OmegaConf.to_container(compose("size=small"), resolve=True)
    before = OmegaConf.to_container(default, resolve=True)
    changed = {k for k, v in dict(leaves(run)).items() if dict(leaves(before)).get(k) != v}
    found = chosen(dict(leaves(run)), default)
    assert {"size.width", "size.depth"} <= found.keys()
    derived = {k for k, v in leaves(OmegaConf.to_container(default)) if "${" in str(v)}
    assert changed & derived, "the network is larger"
    assert not found.keys() & derived
    own = dict(leaves(run)) | {key: -5 for key in list(changed & derived)[:1]}
    assert chosen(own, default).keys() & derived, "set by itself, it is shown"


def test_what_all_runs_have_unlike_the_default_is_said_once(tmp_path: Path) -> None:
    runs = [read(leave(tmp_path / f"{n}", 0.1, "seed=5", f"optimizer.lr={n}")) for n in (1, 2)]
    common, each = differences(runs)
    assert common == {"seed": 5}
    assert each == [{"optimizer.lr": 1}, {"optimizer.lr": 2}]


def test_names_are_as_short_as_can_be() -> None:
    assert short(["a.b.lr", "c.lr", "seed"]) == {"a.b.lr": "b.lr", "c.lr": "c.lr", "seed": "seed"}


def test_runs_inside_of_runs_are_found_by_name_only(tmp_path: Path) -> None:
    outer = leave(tmp_path / "outer", 0.1)
    inner = leave(outer / "evaluate", 0.1)
    assert list(folders(tmp_path)) == [outer]
    assert list(folders(inner)) == [inner]


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    leave(tmp_path / "a", 0.1)
    (tmp_path / "there.csv").write_text("")
    for words, message in (
        (([str(tmp_path / "no")], None, None), "no such folder"),
        (([str(tmp_path)], "secondd", None), "did you mean 'second'"),
        (([str(tmp_path)], None, tmp_path / "there.csv"), "nothing is overwritten"),
    ):
        with pytest.raises(UserError, match=message):
            compare(*words)
    (tmp_path / "a" / "results.json").unlink()
    with pytest.raises(UserError, match="no finished run"):
        compare([str(tmp_path)], None, None)


def test_folds_are_averaged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of = "data.folds=3"
    for seed in (1, 2):
        for fold in range(seed + 1):
            best = {"chosen by": "val/loss", "best val/loss": seed + fold}
            words = (of, f"data.fold={fold}", f"seed={seed}")
            leave(tmp_path / f"{seed}-{fold}", fold / 10, *words, **best)
    leave(tmp_path / "plain", 0.9)
    compare([str(tmp_path)], None, None)
    said = capsys.readouterr().out
    assert (
        f"folds 0, 1 of 3 with seed=1: val/loss 1.5 +- 0.71; test {METRIC} 0.05 +- 0.071\n"
    ) in said
    assert f"all 3 folds with seed=2: val/loss 3 +- 1; test {METRIC} 0.1 +- 0.1\n" in said
    assert said.count("+-") == 4, "what is no fold is none"


def test_an_older_fold_tells_of_the_test_alone(tmp_path: Path) -> None:
    for fold in range(2):
        leave(tmp_path / f"{fold}", fold / 2, "data.folds=2", f"data.fold={fold}")
    runs = [read(folder) for folder in folders(tmp_path)]
    assert average(runs, METRIC) == [f"all 2 folds: test {METRIC} 0.25 +- 0.35"]
    assert average(runs[:1], METRIC) == [], "one fold has no mean"
