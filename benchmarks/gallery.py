"""Train variants at their defaults; keep what their reports show first for the documentation.

    uv run python benchmarks/gallery.py [--only denoising-audio [--run FOLDER]] [--seed 0]

Writes docs/assets/gallery/<task>-<modality>-*.png, .gif and .wav, and gallery.json beside them: of
each variant the captions and files, and the score of the very run that made them. A variant that
`--only` leaves out keeps what it has; `--run` takes a finished run of it, at its defaults, instead
of training one. Nothing is chosen by hand: it is the first exhibits of report.md, made smaller.
"""

import argparse
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from results import ROOT, pairs, render, summarize, train

GALLERY = ROOT / "docs" / "assets" / "gallery"
EXHIBITS = 2  # of each report, the learning curves apart: they look alike
MOST_BYTES = 120_000  # of a file; most need far less, and all together 3 MB
MOST_PIXELS = 1000  # of a picture's width
COLORS = (128, 64, 32)  # of a picture's palette: curves and small pictures lose nothing one sees
EXHIBIT = re.compile(r"^## (.+)\n((?:\n!?\[.*\]\(.+\)\n?)+)", re.MULTILINE)
SHOWN = (".png", ".gif", ".wav")


def exhibits(report: str) -> list[tuple[str, list[str]]]:
    """Read the captions of a report.md, and the files below each that a page can show."""
    found = []
    for caption, links in EXHIBIT.findall(report):
        files = re.findall(r"\]\((.+)\)$", links, re.MULTILINE)
        files = [name for name in files if name.endswith(SHOWN) and name != "curves.png"]
        if files:
            found.append((caption, files))
    return found


def shrink(source: Path, target: Path) -> None:
    """Copy a picture with a small palette, and smaller until it has at most MOST_BYTES."""
    picture = Image.open(source).convert("RGB")
    width = min(MOST_PIXELS, picture.width)
    while True:
        size = (width, round(picture.height * width / picture.width))
        small = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
        for colors in COLORS:
            small.quantize(colors, dither=Image.Dither.NONE).save(target, optimize=True)
            if target.stat().st_size <= MOST_BYTES:
                return
        width = round(0.9 * width)


def keep(run: Path, name: str) -> list[dict[str, Any]]:
    """Copy a run's first exhibits. Returns the caption and the files of each."""
    for old in GALLERY.glob(f"{name}-*"):
        old.unlink()
    kept = []
    for caption, files in exhibits((run / "report.md").read_text("utf-8"))[:EXHIBITS]:
        copied = []
        for file in files:
            source, target = run / file, GALLERY / f"{name}-{file}"
            if source.suffix == ".png":
                shrink(source, target)
            elif source.stat().st_size <= MOST_BYTES:
                shutil.copy(source, target)
            else:
                continue
            copied.append(target.name)
        kept.append({"caption": caption, "files": copied})
    return kept


def describe(pair: dict[str, Any], run: Path) -> dict[str, Any]:
    """Return what a run scored beside its best baseline, and its seed."""
    results = json.loads((run / "results.json").read_text("utf-8"))
    unused = {"wall_s": 0.0, "cpu_s": 0.0, "peak_mb": 0.0}
    row = summarize(pair, [unused | results], [results["seed"]])
    facts = ("metric", "mode", "value", "baseline", "baseline_name")
    return {name: row[name] for name in facts} | {"seed": results["seed"]}


def main() -> None:
    """Train what was asked for, and keep the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the variant <task>-<modality>; all without it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", type=Path, help="a finished run of the variant")
    asked = parser.parse_args()
    if asked.run and not asked.only:
        parser.error("--run is the run of one variant: say which by --only")
    GALLERY.mkdir(parents=True, exist_ok=True)
    names = {f"{pair['task']}-{pair['modality']}": pair for pair in pairs()}
    if asked.only and asked.only not in names:
        parser.error(f"--only={asked.only}: there is {', '.join(names)}")
    for name in [asked.only] if asked.only else names:
        with tempfile.TemporaryDirectory() as scratch:
            run = asked.run
            if run is None:
                project = render(names[name], Path(scratch))
                train(project, asked.seed)
                run = project / "runs" / f"seed-{asked.seed}"
            row = describe(names[name], run) | {"exhibits": keep(run, name)}
        print(json.dumps({name: row}), flush=True)
        index = GALLERY / "gallery.json"
        known = json.loads(index.read_text("utf-8")) if index.exists() else {}
        known[name] = row
        kept = {name: known[name] for name in names if name in known}
        index.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
