"""What remains of a run for people: the table on the screen, report.md and report.html.

The facts are gathered once, in `Report`, and written twice: as Markdown beside its pictures, and as
one page that needs no other file (page.py).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.table import Table

from ..training.runs import write_json
from . import page
from .pictures import draw_curves

if TYPE_CHECKING:  # a task's modules import this one's neighbors
    from ..datamodule import DataModule
    from ..task import Exhibit, Task

PICTURES = {".png", ".gif", ".jpg", ".svg", ".webp"}  # Markdown shows them, and links to others

WIDE = 200  # characters of a line where no terminal says how many there are


class Row(NamedTuple):
    """One metric, and who scored what.

    scores: by side, the model first, then its references; one that has none is left out.
    verdict: how the model did against the best of its rivals, in a word.
    """

    metric: str
    scores: dict[str, float]
    verdict: str


class Line(NamedTuple):
    """A row in words. others: (side, score) of each reference."""

    metric: str
    aim: str
    model: str
    others: list[tuple[str, str]]
    verdict: str

    def cells(self) -> list[str]:
        """Return the cells of a table."""
        return [self.metric, self.aim, self.model, *(s for _, s in self.others), self.verdict]


class Report(NamedTuple):
    """All that is reported of one run.

    Args:
        title: what was learnt, from which data.
        rows: the table of the test, the headline first.
        sides: its columns: the model, its references, and what is possible.
        exhibits: (caption, files in the run's folder).
        facts: how it was made; paths are shown as such.
    """

    title: str
    rows: list[Row]
    sides: list[str]
    exhibits: Sequence["Exhibit"]
    facts: dict[str, Any]

    @property
    def heads(self) -> list[str]:
        """Return the heads of the table's columns."""
        return ["test metric", "better", *self.sides, "the model is"]

    @property
    def lines(self) -> list[Line]:
        """Return the table's rows in words."""
        lines = []
        for metric, scores, word in self.rows:
            model, *others = (f"{scores[s]:.4g}" if s in scores else "-" for s in self.sides)
            aim = "lower" if smaller_is_better(metric) else "higher"
            pairs = list(zip(self.sides[1:], others, strict=True))
            lines.append(Line(metric, aim, model, pairs, word))
        return lines


def smaller_is_better(name: str) -> bool:
    """Say which way a score points, by its name alone.

    Down if it ends in `error`, `loss` or `distance` or counts bits (`bits_per_byte`), else up.
    """
    metric = name.split("/")[-1]
    return metric.endswith(("error", "loss", "distance")) or metric.startswith("bits_per_")


def rows_of(scores: dict[str, float], sides: list[str], bounds: Sequence[str]) -> list[Row]:
    """Sort scores named "side/metric" into one row for each metric; bounds are no rivals."""
    metrics = [name.partition("/")[2] for name in scores if name.startswith(f"{sides[0]}/")]
    rows = []
    for metric in metrics:
        found = {s: scores[f"{s}/{metric}"] for s in sides if f"{s}/{metric}" in scores}
        model, *others = [value for side, value in found.items() if side not in bounds]
        rows.append(Row(metric, found, verdict(metric, model, others)))
    return rows


def verdict(metric: str, model: float, others: list[float]) -> str:
    """Say in a word how the model did against the best of the others."""
    if not others:
        return ""
    rival = min(others) if smaller_is_better(metric) else max(others)
    if model == rival:
        return "equal"
    return "better" if (model < rival) == smaller_is_better(metric) else "WORSE"


def show_table(report: Report, console: Console) -> None:
    """Print metric | model | references | verdict."""
    table = Table(show_edge=False, pad_edge=False, header_style="bold")
    heads = report.heads if any(row.verdict for row in report.rows) else [*report.heads[:-1], ""]
    for number, head in enumerate(heads):
        score = 1 < number < len(heads) - 1
        bold = "bold" if number == 2 else ""  # the model's
        table.add_column(head, justify="right" if score else "left", style=bold)
    for line in report.lines:
        table.add_row(*line.cells())
    console.print(table)


def write(folder: Path, report: Report) -> Path:
    """Write report.md beside its pictures, and what is to be heard."""
    heads = report.heads
    lines = [f"# {report.title}", "", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(line.cells())} |" for line in report.lines]
    for caption, *files in report.exhibits:
        lines += ["", f"## {caption}"]
        for file in files:
            seen = file.suffix in PICTURES
            link = f"![{caption}]" if seen else f"[{file.name}]"
            lines += ["", f"{link}({file.name})"]
    lines += ["", "## How it was made", ""]
    for name, value in report.facts.items():
        lines.append(f"- {name}: `{value}`" if isinstance(value, Path) else f"- {name}: {value}")
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
    exhibits = list(task.report(folder, data))
    if curves := draw_curves(folder / "metrics.csv", folder / "curves.png"):
        exhibits.insert(0, ("Learning curves", curves))
    write_json(folder / "results.json", {"sides": sides, "scores": scores, **facts})
    report = Report(title, rows_of(scores, columns, task.bounds), columns, exhibits, facts)
    texts = [path.name for path in (write(folder, report), page.write(folder, report))]
    console.print()
    show_table(report, console)
    console.print(
        f"\nsaved in {near(folder)}: {', '.join(texts)}, results.json, pictures   "
        f"({facts['seconds']:.0f} s)",
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


def screen(**console: Any) -> Console:
    """Return a console; where no terminal says how wide it is, lines stay whole."""
    found = Console(**console)
    return found if found.is_terminal else Console(width=WIDE, **console)


def near(path: Path) -> Path:
    """Write a path the short way where it lies below the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
