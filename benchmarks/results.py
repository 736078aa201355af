"""Train every variant at its defaults, three seeds each; write docs/results.json and results.md.

    uv run python benchmarks/results.py [--seeds 0 1 2] [--only image] [--more] [--out docs]

Run it on a quiet machine: wall time is measured from the command to the end of the process.
A variant that was measured before keeps its numbers if `--only` leaves it out. With `--more`, what
is measured is not the defaults but the other settings that a pair's part.yml lists (`more`), of
which only scores are kept: for them any machine will do.
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
from results_page import rivals, write

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


def train(project: Path, seed: int, settings: str = "") -> dict[str, Any]:
    """Train one seed in its own process; return its results.json with wall_s, cpu_s, peak_mb."""
    run_dir = Path("runs") / "-".join(["seed", str(seed), *settings.split()])
    words = [f"seed={seed}", f"run_dir='{run_dir}'", *settings.split()]
    command = [sys.executable, "-m", "results.train", *words]
    env = os.environ | {"PYTHONPATH": str(project / "src")}
    log = project / f"{run_dir.name}.log"
    start = time.monotonic()
    with log.open("w") as out:
        child = subprocess.Popen(command, cwd=project, env=env, stdout=out, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)  # this child's own use, not that of all so far
    wall_s = time.monotonic() - start
    if status:
        raise SystemExit(f"{project.name}, seed {seed}:\n{log.read_text()[-3000:]}")
    found = json.loads((project / run_dir / "results.json").read_text())
    cpu_s = usage.ru_utime + usage.ru_stime
    return found | {"wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": usage.ru_maxrss / 1024}


def measure(project: Path, seeds: list[int], settings: str = "") -> list[dict[str, Any]]:
    """Train each seed, and print a JSON line for each as soon as it is done."""
    runs = []
    for seed in seeds:
        runs.append(train(project, seed, settings))
        said = {"variant": project.name, "settings": settings, "seed": seed}
        print(json.dumps(said | runs[-1]), flush=True)
    return runs


def summarize(pair: dict[str, Any], runs: list[dict[str, Any]], seeds: list[int]) -> dict[str, Any]:
    """Put the runs of one variant into one row."""
    metric = pair["metric"]
    values = [run["scores"][f"model/{metric}"] for run in runs]
    average = averages(runs)
    best = max if pair["mode"] == "max" else min  # of several baselines, the one to beat
    beside = rivals(average, runs[0]["sides"], metric)
    baseline = best(beside, key=lambda side: average[f"{side}/{metric}"]) if beside else None
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
        "scores": average,
    }


def averages(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the mean of each score over the runs."""
    return {
        name: round(statistics.mean(run["scores"][name] for run in runs), 5)
        for name in runs[0]["scores"]
    }


def main() -> None:
    """Measure what was asked for, keep the rest, write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--only", default="", help="variants whose name, <task>-<modality>, holds this"
    )
    parser.add_argument("--more", action="store_true", help="measure the other settings instead")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    path = asked.out / "results.json"
    rows = json.loads(path.read_text()) if path.exists() else []
    known = {(row["task"], row["modality"]): row for row in rows}
    with tempfile.TemporaryDirectory() as scratch:
        for pair in pairs():
            key = pair["task"], pair["modality"]
            if asked.only not in "-".join(key) or (asked.more and not pair.get("more")):
                continue
            project = render(pair, Path(scratch))
            if asked.more:
                for settings in pair["more"]:
                    runs = measure(project, asked.seeds, settings)
                    found = {"seeds": asked.seeds, "sides": runs[0]["sides"]}
                    found["scores"] = averages(runs)
                    known[key].setdefault("more", {})[settings] = found
            else:
                more = {"more": known[key]["more"]} if "more" in known.get(key, {}) else {}
                known[key] = summarize(pair, measure(project, asked.seeds), asked.seeds) | more
            rows = [known[k] for p in pairs() if (k := (p["task"], p["modality"])) in known]
            write(asked.out, rows)


if __name__ == "__main__":
    main()
