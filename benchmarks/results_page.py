"""What `results.py` measured, written down: results.json for programs, results.md for people."""

import json
import os
from pathlib import Path
from typing import Any


def rivals(scores: dict[str, float], sides: list[str], metric: str) -> list[str]:
    """List the baselines that have this score."""
    return [side for side in sides if side != "model" and f"{side}/{metric}" in scores]


def smaller(metric: str) -> bool:
    """Say whether smaller is better: what a project goes by, too."""
    return metric.endswith(("error", "loss", "distance")) or metric.startswith("bits_per_")


def table(rows: list[dict[str, Any]]) -> str:
    """Write the rows for people."""
    heads = ["task", "modality", "metric", "model", "baseline", "the model is", "seeds", "weights"]
    heads += ["steps", "wall", "CPU", "memory"]
    lines = [
        "# Results",
        "",
        "Every variant at its defaults: mean and standard deviation over the seeds, on the",
        "test split, with the weights that were best on validation. Beside it the baseline, fitted",
        "in the same run.",
        "Wall time is the longest run's, from the command to the end of the process, on "
        f"{os.cpu_count()} cores.",
        "CPU time is the mean.",
        "",
        "Made by `benchmarks/results.py`; the same for programs: [results.json](results.json).",
        "",
        f"| {' | '.join(heads)} |",
        "|" + "---|" * len(heads),
    ]
    for row in rows:
        better = row["baseline"] is None or (row["value"] > row["baseline"]) == (
            row["mode"] == "max"
        )
        spread = f" ± {row['spread']:.2g}" if row["spread"] is not None else ""
        baseline = (
            f"{row['baseline']:.4g} ({row['baseline_name']})"
            if row["baseline"] is not None
            else "-"
        )
        aim = "higher" if row["mode"] == "max" else "lower"
        cells = [
            row["task"],
            row["modality"],
            f"{row['metric']} ({aim} is better)",
            f"**{row['value']:.4g}**{spread}",
        ]
        cells += [baseline, "better" if better else "WORSE", ", ".join(map(str, row["seeds"]))]
        cells += [
            f"{row['params']:,}",
            f"{row['steps']:,}",
            f"{row['wall_s']:.0f} s",
            f"{row['cpu_s']:.0f} s",
        ]
        cells.append(f"{row['peak_mb']} MB")
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *others(rows), "## All scores", "", "Means over the seeds.", ""]
    for row in rows:
        lines += [f"### {row['task']}, {row['modality']}", "", "| score | value |", "|---|---|"]
        lines += [f"| {name} | {value:.4g} |" for name, value in row["scores"].items()] + [""]
    return "\n".join(lines)


def others(rows: list[dict[str, Any]]) -> list[str]:
    """Write the scores at other settings that a baseline has as well."""
    lines = [
        "## Other settings",
        "",
        "What a line changes of the defaults, and each score that a baseline has as well.",
        "",
        "| task | modality | settings | score | model | baseline | the model is | seeds |",
        "|" + "---|" * 8,
    ]
    for row in rows:
        for settings, found in row.get("more", {}).items():
            scores = found["scores"]
            for name in [n for n in scores if n.startswith("model/")]:
                metric = name.removeprefix("model/")
                best = min if smaller(metric) else max
                beside = rivals(scores, found["sides"], metric)
                if not beside:
                    continue
                rival = best(beside, key=lambda side: scores[f"{side}/{metric}"])
                other = scores[f"{rival}/{metric}"]
                better = best(scores[name], other) == scores[name]
                cells = [row["task"], row["modality"], f"`{settings}`", metric]
                cells += [f"{scores[name]:.4g}", f"{other:.4g} ({rival})"]
                cells += ["better" if better else "WORSE", ", ".join(map(str, found["seeds"]))]
                lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""] if len(lines) > 6 else []


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Write both files."""
    folder.mkdir(exist_ok=True)
    (folder / "results.json").write_text(json.dumps(rows, indent=2) + "\n")
    (folder / "results.md").write_text(table(rows))
