"""Train every variant at its defaults, three seeds each; write docs/results.json and results.md.

    uv run python benchmarks/results.py [--seeds 0 1 2] [--only image] [--out docs]

Run it on a quiet machine: wall time is measured from the command to the end of the process.
A variant that was measured before keeps its numbers if `--only` leaves it out.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import copier
import yaml

ROOT = Path(__file__).parents[1]


def pairs() -> list[dict[str, Any]]:
    """Read what there is from each part.yml: the pairs, in the order of the questions."""
    parts = [yaml.safe_load(p.read_text()) for p in sorted(ROOT.glob("template/**/part.yml"))]
    order = {(p["axis"], p["name"]): p.get("order", 0) for p in parts if "name" in p}
    found = [p for p in parts if p["axis"] == "pair"]
    return sorted(found, key=lambda p: (order["task", p["task"]], order["modality", p["modality"]]))


def render(pair: dict[str, Any], folder: Path) -> Path:
    """Render one variant from what lies here, committed or not."""
    source = folder / "template"
    if not source.exists():
        shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "my-project", "build"))
    target = folder / f"{pair['task']}-{pair['modality']}"
    data = {"project_name": "results", "task": pair["task"], "modality": pair["modality"]}
    copier.run_copy(str(source), target, data=data, defaults=True, quiet=True)
    return target


def train(project: Path, seed: int) -> dict[str, Any]:
    """Train one seed in its own process; return its results.json with wall_s, cpu_s, peak_mb."""
    command = [sys.executable, "-m", "results.train", f"seed={seed}", f"run_dir=runs/seed-{seed}"]
    env = os.environ | {"PYTHONPATH": str(project / "src")}
    log = project / f"seed-{seed}.log"
    start = time.monotonic()
    with log.open("w") as out:
        child = subprocess.Popen(command, cwd=project, env=env, stdout=out, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)  # this child's own use, not that of all so far
    wall_s = time.monotonic() - start
    if status:
        raise SystemExit(f"{project.name}, seed {seed}:\n{log.read_text()[-3000:]}")
    found = json.loads((project / "runs" / f"seed-{seed}" / "results.json").read_text())
    cpu_s = usage.ru_utime + usage.ru_stime
    return found | {"wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": usage.ru_maxrss / 1024}


def summarize(pair: dict[str, Any], runs: list[dict[str, Any]], seeds: list[int]) -> dict[str, Any]:
    """Put the runs of one variant into one row."""
    sides = [side for side in runs[0]["sides"] if side != "model"]
    metric = pair["metric"]
    values = [run["scores"][f"model/{metric}"] for run in runs]
    average = {
        name: statistics.mean(run["scores"][name] for run in runs) for name in runs[0]["scores"]
    }
    best = max if pair["mode"] == "max" else min  # of several baselines, the one to beat
    rivals = [side for side in sides if f"{side}/{metric}" in average]
    baseline = best(rivals, key=lambda side: average[f"{side}/{metric}"]) if rivals else None
    return {
        "task": pair["task"],
        "modality": pair["modality"],
        "metric": metric,
        "mode": pair["mode"],
        "value": round(statistics.mean(values), 5),
        "spread": round(statistics.stdev(values), 5) if len(values) > 1 else None,
        "values": [round(v, 5) for v in values],
        "baseline": round(average[f"{baseline}/{metric}"], 5) if baseline else None,
        "baseline_name": baseline,
        "upper_bound": pair.get("upper_bound"),
        "seeds": seeds,
        "params": runs[0]["weights"],
        "steps": runs[0]["steps"],
        "wall_s": round(max(run["wall_s"] for run in runs), 1),
        "cpu_s": round(statistics.mean(run["cpu_s"] for run in runs), 1),
        "peak_mb": round(max(run["peak_mb"] for run in runs)),
        "scores": {name: round(value, 5) for name, value in average.items()},
    }


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
    lines += ["", "## All scores", "", "Means over the seeds.", ""]
    for row in rows:
        lines += [f"### {row['task']}, {row['modality']}", "", "| score | value |", "|---|---|"]
        lines += [f"| {name} | {value:.4g} |" for name, value in row["scores"].items()] + [""]
    return "\n".join(lines)


def main() -> None:
    """Measure what was asked for, keep the rest, write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--only", default="", help="variants whose name, <task>-<modality>, holds this"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    path = asked.out / "results.json"
    known = {
        (r["task"], r["modality"]): r
        for r in (json.loads(path.read_text()) if path.exists() else [])
    }
    with tempfile.TemporaryDirectory() as scratch:
        for pair in pairs():
            if asked.only not in f"{pair['task']}-{pair['modality']}":
                continue
            project, runs = render(pair, Path(scratch)), []
            for seed in asked.seeds:
                runs.append(train(project, seed))
                print(json.dumps({"variant": project.name, "seed": seed} | runs[-1]), flush=True)
            known[pair["task"], pair["modality"]] = summarize(pair, runs, asked.seeds)
    rows = [known[p["task"], p["modality"]] for p in pairs() if (p["task"], p["modality"]) in known]
    asked.out.mkdir(exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n")
    (asked.out / "results.md").write_text(table(rows))


if __name__ == "__main__":
    main()
