"""What remains of a run for people: the table on the screen, report.md and its pictures."""

import csv
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from .runs import write_json

if TYPE_CHECKING:  # a task imports this file
    from .datamodule import DataModule
    from .task import Task

# metric, and who scored what: the model first, then its references
Row = tuple[str, dict[str, float]]


def smaller_is_better(name: str) -> bool:
    """Say which way a score points, by its name alone.

    Down if it ends in `error`, `loss` or `distance` or counts bits (`bits_per_byte`), else up.
    """
    metric = name.split("/")[-1]
    return metric.endswith(("error", "loss", "distance")) or metric.startswith("bits_per_")


def rows_of(scores: dict[str, float], sides: list[str]) -> list[Row]:
    """Sort scores named "side/metric" into one row for each metric."""
    metrics = [name.partition("/")[2] for name in scores if name.startswith(f"{sides[0]}/")]
    return [
        (m, {side: scores[f"{side}/{m}"] for side in sides if f"{side}/{m}" in scores})
        for m in metrics
    ]


def verdict(row: Row, bounds: Sequence[str]) -> str:
    """Say in a word how the model did against the best of its references, bounds left out."""
    name, (model, *others) = row[0], [v for side, v in row[1].items() if side not in bounds]
    if not others:
        return ""
    rival = min(others) if smaller_is_better(name) else max(others)
    if model == rival:
        return "equal"
    return "better" if (model < rival) == smaller_is_better(name) else "WORSE"


def cells(row: Row, sides: list[str], bounds: Sequence[str]) -> list[str]:
    """Write one row of the table."""
    aim = "lower" if smaller_is_better(row[0]) else "higher"
    scores = (f"{row[1][s]:.4g}" if s in row[1] else "-" for s in sides)
    return [row[0], aim, *scores, verdict(row, bounds)]


def show_table(rows: list[Row], sides: list[str], bounds: Sequence[str], console: Console) -> None:
    """Print metric | model | references | verdict."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    table.add_column("test metric")
    table.add_column("better")
    for number, side in enumerate(sides):
        table.add_column(side, justify="right", style="" if number else "bold")
    table.add_column("the model is" if len(sides) > 1 + len(bounds) else "")
    for row in rows:
        table.add_row(*cells(row, sides, bounds))
    console.print(table)


def curves(metrics: Path, target: Path) -> Path | None:
    """Draw every curve of metrics.csv: one panel for the losses, one for each score.

    Returns:
        the picture, or None where nothing was logged.
    """
    if not metrics.is_file():
        return None
    series: dict[str, list[tuple[int, float]]] = {}
    with metrics.open(newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            for name, value in line.items():
                if value and name.startswith(("train/", "val/")):
                    series.setdefault(name, []).append((int(line["step"]), float(value)))
    if not series:
        return None
    plt = pyplot()
    panels: dict[str, list[str]] = {}
    for name in series:
        panels.setdefault(name.partition("/")[2], []).append(name)
    figure, axes = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.2), squeeze=False)
    for axis, (title, names) in zip(axes[0], panels.items(), strict=True):
        for name in names:
            steps, values = zip(*series[name], strict=True)
            axis.plot(
                steps, values, label=name.partition("/")[0], marker="." if len(steps) < 40 else ""
            )
        axis.set(title=title, xlabel="step")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target


def pyplot() -> Any:
    """Import matplotlib where it is used: it is slow to import. No screen is needed."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def write(
    folder: Path,
    title: str,
    rows: list[Row],
    sides: list[str],
    bounds: Sequence[str],
    pictures: list[tuple[str, Path]],
    facts: dict[str, Any],
) -> Path:
    """Write report.md beside its pictures, and what is to be heard."""
    heads = ["test metric", "better", *sides, "the model is"]
    lines = [f"# {title}", "", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(cells(row, sides, bounds))} |" for row in rows]
    for caption, picture in pictures:
        kind = mimetypes.guess_type(picture.name)[0] or ""
        seen = kind.startswith("image/")  # others can only be linked to
        link = f"![{caption}]" if seen else f"[{picture.name}]"
        lines += ["", f"## {caption}", "", f"{link}({picture.name})"]
    lines += ["", "## How it was made", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    lines += [
        "- configuration: [config.yaml](config.yaml)",
        "- environment: [environment.json](environment.json)",
        "",
    ]
    path = folder / "report.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def finish(
    folder: Path,
    console: Console,
    title: str,
    scores: dict[str, float],
    task: "Task",
    data: "DataModule",
    facts: dict[str, Any],
    best: str,
) -> None:
    """Write the report and show the table, where things are, and what to do next."""
    plain: dict[str, Any] = {"highlight": False, "soft_wrap": True}
    sides = ["model", *task.references]
    columns = [*sides, *task.bounds]
    rows = rows_of(scores, columns)
    pictures = task.report(folder, data)
    if curve := curves(folder / "metrics.csv", folder / "curves.png"):
        pictures.append(("Learning curves", curve))
    write_json(folder / "results.json", {"sides": sides, "scores": scores, **facts})
    facts = {name.replace("_", " "): value for name, value in facts.items()}
    text = write(folder, title, rows, columns, task.bounds, pictures, facts)
    console.print()
    show_table(rows, columns, task.bounds, console)
    console.print(
        f"\nsaved in {near(folder)}: {text.name}, results.json, pictures   ({facts['time']})",
        **plain,
    )
    weights = near(Path(best)) if best else near(folder) / "checkpoints" / "best.ckpt"
    sample = next(iter(sorted(folder.glob("sample*"))), None)
    words = task.words or f"input={near(sample) if sample else '...'}"
    console.print("next:", **plain)
    for command, why in (
        (f"predict ckpt_path={weights} {words}", "use it"),
        (f"evaluate ckpt_path={weights}", "test it again, from the checkpoint alone"),
        ("train size=small", "train a larger network"),
    ):
        console.print(f"  uv run {command}   [dim]# {why}[/dim]", **plain)


def near(path: Path) -> Path:
    """Write a path the short way where it lies below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
