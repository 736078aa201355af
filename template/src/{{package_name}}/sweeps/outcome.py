"""What a sweep leaves for people: a table, a picture, and the best settings as an experiment."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from rich.table import Table

from ..config import CONFIGS
from ..reports.pictures import pyplot
from ..reports.report import near, screen

if TYPE_CHECKING:
    from optuna import Study  # pyright: ignore[reportMissingImports]
    from optuna.trial import FrozenTrial  # pyright: ignore[reportMissingImports]

ENDED = "error"  # attribute of a trial: what it ended in
SHOWN = 10  # trials on the screen
WRITTEN = "# Written by `uv run sweep`"  # a file that says so may be written again
EXPERIMENT = "best"


class Names(NamedTuple):
    """The files in a sweep's folder."""

    folder: Path

    @property
    def database(self) -> Path:
        """The study."""
        return self.folder / "study.db"

    @property
    def table(self) -> Path:
        """All trials."""
        return self.folder / "trials.csv"

    @property
    def picture(self) -> Path:
        """Scores over trials and over each setting."""
        return self.folder / "sweep.png"


def finished(trial: "FrozenTrial") -> bool:
    """Say whether a trial came to its end: a score, or a reason."""
    ended = trial.state.name == "FAIL" and ENDED in trial.user_attrs
    return ended or trial.state.name in ("COMPLETE", "PRUNED")


def tell(study: "Study", names: Names, keys: Sequence[str], words: Sequence[str]) -> None:
    """Write and print what was found.

    Args:
        study: the sweep.
        names: of its files.
        keys: the settings that were searched.
        words: the settings of all trials.
    """
    metric, lower = study.user_attrs["metric"], study.direction.name == "MINIMIZE"
    trials = [trial for trial in study.get_trials(deepcopy=False) if finished(trial)]
    trials.sort(key=lambda trial: rank(trial, lower=lower))
    rows = [row(trial, keys) for trial in trials]
    heads = ["trial", "ended", metric, *keys]
    with names.table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*heads, "error"])
        writer.writerows(
            [*cells, t.user_attrs.get(ENDED, "")] for cells, t in zip(rows, trials, strict=True)
        )
    table = Table(*heads, show_edge=False, pad_edge=False, header_style="bold")
    for cells in rows[:SHOWN]:
        table.add_row(*map(short, cells))
    console = screen()
    console.print(table)
    states = [trial.state.name for trial in trials]
    console.print(
        f"{len(trials)} trials: {states.count('COMPLETE')} to the end, {states.count('PRUNED')} "
        f"ended early, {states.count('FAIL')} in an error",
        highlight=False,
    )
    best = next((trial for trial in trials if trial.state.name == "COMPLETE"), None)
    if best is None:
        return
    draw(names.picture, trials, keys, metric, lower=lower)
    console.print(
        f"saved in {near(names.folder)}: {names.table.name}, {names.picture.name}, "
        f"{names.database.name}",
        highlight=False,
        soft_wrap=True,
    )
    target = CONFIGS / "experiment" / f"{EXPERIMENT}.yaml"
    if target.exists() and WRITTEN not in target.read_text(encoding="utf-8"):
        target = names.folder / f"{EXPERIMENT}.yaml"  # that one is the user's own
    told = f"trial {best.number + 1} of {near(names.folder)}: {metric} {best.value:.4g}"
    target.write_text(experiment(best.params, told), encoding="utf-8")
    line = " ".join(["uv run train", f"experiment={EXPERIMENT}", *words])
    console.print(f"next:\n  {line}   ({near(target)})", highlight=False, soft_wrap=True)


def rank(trial: "FrozenTrial", *, lower: bool) -> tuple[int, float]:
    """Order trials: whole ones by their score, then those that were ended early, then errors."""
    place = ["COMPLETE", "PRUNED", "FAIL"].index(trial.state.name)
    value = math.inf if trial.value is None or math.isnan(trial.value) else trial.value
    return place, value if lower or value == math.inf else -value


def row(trial: "FrozenTrial", keys: Sequence[str]) -> list[Any]:
    """Return the cells of a trial, its settings in the order of `keys`."""
    words = {"COMPLETE": "whole", "PRUNED": "early", "FAIL": "in an error"}
    settings = [trial.params.get(key, "") for key in keys]
    value = "" if trial.value is None else trial.value
    return [trial.number + 1, words[trial.state.name], value, *settings]


def short(cell: Any) -> str:
    """Write a cell for the screen."""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def experiment(params: dict[str, Any], told: str) -> str:
    """Write settings as an option of the group `experiment`.

    A setting without a dot chooses an option of a group (`size: small`), which Hydra wants among
    the defaults.
    """
    groups = {key: value for key, value in params.items() if (CONFIGS / key).is_dir()}
    tree: dict[str, Any] = {}
    for key, value in params.items():
        if key not in groups:
            *path, last = key.split(".")
            node = tree
            for name in path:
                node = node.setdefault(name, {})
            node[last] = value
    if groups:
        tree = {"defaults": [{f"override /{k}": v} for k, v in groups.items()], **tree}
    text = yaml.safe_dump(tree, sort_keys=False)
    return f"# @package _global_\n{WRITTEN}: {told}\n{text}"  # Hydra reads the first line alone


def draw(
    target: Path, trials: Sequence["FrozenTrial"], keys: Sequence[str], metric: str, *, lower: bool
) -> None:
    """Draw the score of each trial over its number, with the best so far, and over each setting."""
    plt = pyplot()
    panels = ["trial", *keys]
    columns = min(3, len(panels))
    lines = -(-len(panels) // columns)
    size = (4.2 * columns, 3.2 * lines)
    figure, axes = plt.subplots(lines, columns, figsize=size, squeeze=False, layout="tight")
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    looks = {"COMPLETE": ("o", "C0", "whole"), "PRUNED": ("x", "C7", "ended early")}
    for axis, key in zip(axes.flat, panels, strict=False):
        for state, (marker, color, label) in looks.items():
            found = [t for t in trials if t.state.name == state and t.value is not None]
            where = [t.number + 1 if key == "trial" else t.params.get(key) for t in found]
            shown = [(x, t.value) for x, t in zip(where, found, strict=True) if x is not None]
            if shown:
                axis.scatter(*zip(*shown, strict=True), marker=marker, color=color, label=label)
        scales = [t.distributions[key] for t in trials if key in t.distributions]
        if any(getattr(scale, "log", False) for scale in scales):
            axis.set_xscale("log")
        axis.set(xlabel=key, ylabel=metric)
        axis.grid(alpha=0.3)
    done = [trial for trial in trials if trial.state.name == "COMPLETE"]
    whole = sorted((t.number + 1, t.value) for t in done if t.value is not None)
    best = [whole[0][1]]
    for _, value in whole[1:]:
        best.append(min(best[-1], value) if lower else max(best[-1], value))
    first = axes.flat[0]
    first.step([n for n, _ in whole], best, where="post", color="C1", label="best so far")
    first.legend()
    figure.savefig(target, dpi=110)
    plt.close(figure)
