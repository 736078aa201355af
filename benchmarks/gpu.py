"""Train every variant a few steps on a GPU, in 32 bits, in 16 and compiled: docs/results-gpu.md.

    uv run python benchmarks/gpu.py [--only image] [--steps 200] [--trainer gpu] [--out docs]

Speed and memory are those of the steps after the first twenty, data loading included, at each
recipe's own batch size. Scores are not asked for: they are in docs/results.md. `--trainer cpu`
tries the benchmark where there is no GPU.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from results import ROOT, pairs, render

WARM = 20  # steps that do not count
MODES = {
    "32-true": ["precision=32-true"],
    "bf16-mixed": ["precision=bf16-mixed"],
    "bf16-mixed, compiled": ["precision=bf16-mixed", "compile=true"],
}
HEAD = """# Speed and memory on a GPU

{device}, PyTorch {torch}. Training steps of every variant at its defaults (`size=tiny`, sized for
two cores of a CPU, so most of a step is overhead): {steps} of them, after {warm} that do not count.
Memory is the most that PyTorch had handed out.

Made by `benchmarks/gpu.py`.

"""


def measure(project: Path, words: list[str], steps: int) -> dict[str, Any] | str:
    """Train in a process of its own. Returns what Meter wrote, or the last line said."""
    path = project / "meter.json"
    path.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "results.train", *words),
        *(f"trainer.max_steps={WARM + steps}", "trainer.max_epochs=-1"),
        *("+trainer.limit_val_batches=0", "test=false", "baseline=none"),
        *("callbacks.checkpoint=null", "callbacks.last=null"),
        f"+callbacks.meter={{_target_: meter.Meter, path: '{path}', after: {WARM}}}",
    ]
    folders = os.pathsep.join([str(project / "src"), str(Path(__file__).parent)])
    env = os.environ | {"PYTHONPATH": folders}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    if done.returncode:
        return (done.stderr.strip() or done.stdout.strip()).split("\n")[-1][:200]
    return json.loads(path.read_text())


def table(rows: list[list[Any]]) -> str:
    """Write the rows [task, modality, mode, measured] as Markdown."""
    lines = [
        "| task | modality | arithmetic | samples/s | ms a step | memory, MB |",
        "|---|---|---|---|---|---|",
    ]
    for task, modality, mode, found in rows:
        cells = [found, "", ""]
        if not isinstance(found, str):
            memory = found["peak_mb"]
            cells = [f"{found['samples_per_s']:,.0f}", f"{found['step_ms']:.2f}"]
            cells.append("" if memory is None else f"{memory:,.0f}")
        lines.append(f"| {' | '.join([task, modality, mode, *cells])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="what the name of a variant must contain")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--trainer", default="gpu")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args()
    if asked.trainer == "gpu" and not torch.cuda.is_available():
        raise SystemExit("there is no GPU that PyTorch can use: --trainer cpu tries the benchmark")
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for pair in pairs():
            if asked.only not in f"{pair['task']}-{pair['modality']}":
                continue
            project = render(pair, Path(scratch))
            for mode, words in MODES.items():
                found = measure(project, [f"trainer={asked.trainer}", *words], asked.steps)
                rows.append([pair["task"], pair["modality"], mode, found])
                print(*rows[-1], flush=True)
    devices = {found["device"] for *_, found in rows if not isinstance(found, str)}
    facts = {"device": ", ".join(sorted(devices)), "torch": torch.__version__}
    head = HEAD.format(**facts, steps=asked.steps, warm=WARM)
    (asked.out / "results-gpu.md").write_text(head + table(rows))


if __name__ == "__main__":
    main()
