"""Compare: one table of many runs: `uv run compare`. No torch, so it is there at once.

Of each: what is different in its configuration, its headline score beside the best baseline's, and
its time. Runs that cannot be read are named and left out.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .config import compose, leaves
from .errors import UserError, fail, suggest
from .reports.finished import Run, folders, read
from .reports.folds import average
from .reports.report import near, screen, smaller_is_better

FIXED = 5  # columns before those of the settings
COLUMNS = 8  # settings that a screen shows
DOC = """
One table of many runs, best first: what is different in their configurations, the headline of
their tables beside the best baseline, and their time. Nothing is changed.
"""


def chosen(settings: dict[str, Any], default: Any) -> dict[str, Any]:
    """Leave out the settings that merely follow from others, as `network.width` does from `width`.

    Args:
        settings: of a run, resolved.
        default: the default configuration, with its interpolations.
    """
    derived = {k for k, v in leaves(OmegaConf.to_container(default)) if "${" in str(v)}
    cfg = default.copy()
    OmegaConf.set_struct(cfg, False)
    for key, value in settings.items():
        if key not in derived and OmegaConf.select(cfg, key, default=...) is not ...:
            OmegaConf.update(cfg, key, value, merge=False)
    follows = {
        key: OmegaConf.select(cfg, key, throw_on_resolution_failure=False) for key in derived
    }
    return {k: v for k, v in settings.items() if k not in derived or v != follows[k]}


def differences(runs: Sequence[Run]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Find what is not as by default: in all runs alike, and in each beyond that.

    A key that differs between the runs is listed with every run that has it, so that the default
    is seen as well.
    """
    default = compose()
    usual = dict(leaves(OmegaConf.to_container(default, resolve=True)))
    each = [chosen(run.settings, default) for run in runs]
    keys = list(dict.fromkeys(key for settings in each for key in settings))
    missing = object()
    varying, common = [], {}
    for key in keys:
        values = [settings.get(key, missing) for settings in each]
        if any(value != values[0] for value in values):
            varying.append(key)
        elif values[0] != usual.get(key, missing):
            common[key] = values[0]
    return common, [{k: s[k] for k in varying if k in s} for s in each]


def short(keys: Sequence[str]) -> dict[str, str]:
    """Name each key by as little of its end as tells it from the others."""
    names = {}
    for key in keys:
        parts = key.split(".")
        for size in range(1, len(parts) + 1):
            name = ".".join(parts[-size:])
            if sum(other == name or other.endswith(f".{name}") for other in keys) == 1:
                break
        names[key] = name
    return names


def table(runs: Sequence[Run], metric: str) -> tuple[list[str], list[list[Any]], dict[str, Any]]:
    """Lay the runs out, best first.

    Returns:
        heads, rows of plain values (None for what there is not), and what all have in common.
    """
    sign = 1 if smaller_is_better(metric) else -1

    def place(run: Run) -> tuple[bool, float]:
        score = run.model(metric)
        return (True, 0.0) if score is None else (False, sign * score)

    runs = sorted(runs, key=place)
    common, each = differences(runs)
    keys = list(dict.fromkeys(key for settings in each for key in settings))
    names = short(keys)
    heads = ["run", metric, "best baseline", "baseline", "seconds", *(names[key] for key in keys)]
    rows = []
    for run, settings in zip(runs, each, strict=True):
        score, whose = run.rival(metric) or (None, None)
        own = [settings.get(key) for key in keys]
        rows.append([str(near(run.folder)), run.model(metric), score, whose, run.seconds, *own])
    return heads, rows, common


def show(value: Any) -> str:
    """Write a value for a table."""
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser("compare", description=DOC)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="runs, or folders of them")
    parser.add_argument("--metric", help="of the test's table, in place of its first")
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="also write the table to this file"
    )
    asked = parser.parse_args()
    try:
        compare(asked.paths or ["runs"], asked.metric, asked.csv)
    except UserError as error:
        fail(error)


def compare(paths: Sequence[str], metric: str | None, target: Path | None) -> None:
    """Print the table, and what could not be read.

    Raises:
        UserError: for a path that is not there, a metric that no run has, a file in the way, or
            if there is no finished run.
    """
    console = screen()
    if target is not None and target.exists():
        raise UserError(f"--csv: {target} exists, and nothing is overwritten: name another file")
    runs, problems = [], []
    for given in paths:
        path = Path(given).expanduser()
        if not path.exists():
            raise UserError(f"{given}: there is no such folder; a run's is often runs/<name>")
        found = list(folders(path))
        if not found:
            problems.append(f"{given}: no run in it (a run has a config.yaml)")
        for folder in found:
            try:
                runs.append(read(folder))
            except ValueError as error:
                problems.append(f"{near(folder)}: {error}")
    for problem in problems:
        console.print(f"left out: {problem}", highlight=False, markup=False, soft_wrap=True)
    if not runs:
        raise UserError("there is no finished run to compare: `uv run train` makes one")
    known = list(dict.fromkeys(name for run in runs for name in run.metrics))
    if metric is not None and metric not in known:
        allowed = ", ".join(known)
        raise UserError(
            f"--metric {metric}: no run has it{suggest(metric, known)}; allowed: {allowed}"
        )
    metric = metric or known[0]
    heads, rows, common = table(runs, metric)
    settings = len(heads) - FIXED
    draw(heads[: FIXED + COLUMNS], [row[: FIXED + COLUMNS] for row in rows], console)
    if settings > COLUMNS:
        console.print(f"and {settings - COLUMNS} settings more that differ: see --csv FILE")
    aim = "lower" if smaller_is_better(metric) else "higher"
    alike = ", ".join(f"{key}={show(value)}" for key, value in common.items())
    note = f"; unlike the default, all have {alike}" if alike else ""
    console.print(f"\n{metric}: {aim} is better{note}", highlight=False, markup=False)
    for line in average(runs, metric):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    if target is not None:
        with target.open("x", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heads, *rows])
        console.print(f"saved in {near(target)}", highlight=False, markup=False, soft_wrap=True)


def draw(heads: Sequence[str], rows: Sequence[Sequence[Any]], console: Console) -> None:
    """Print the table, each row in as few lines as possible."""
    drawn = Table(show_edge=False, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        numeric = all(isinstance(row[number], int | float | None) for row in rows)
        drawn.add_column(
            head, justify="right" if numeric else "left", style="bold" if number == 1 else ""
        )
    for row in rows:
        drawn.add_row(*(Text(show(value)) for value in row))
    console.print(drawn)


if __name__ == "__main__":
    main()
