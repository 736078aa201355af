"""Export every variant, and write docs/export.md: what is written, and within what of the model.

    uv run python benchmarks/export.py [--only text] [--out docs]

The weights are random ones, so that no output is zero or constant: parity is a property of the
graph. A variant that was measured before keeps its row if `--only` leaves it out.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from results import pairs, render

ROOT = Path(__file__).parents[1]
STORE = "export.json"
HEAD = """# Export

`uv run export ckpt_path=...` writes a folder: `model.pt2` (torch.export), `model.onnx`,
`model.safetensors`, a model card, and `infer.py`, which runs `model.onnx` without torch. What is
exported is what `predict` computes of a batch of inputs. Of generation by flow matching that is one
velocity, which the solver asks for at each step; of language models the log-probabilities of each
next token, which sampling asks for; of text to audio the spectrogram, which any vocoder makes
audible.

Before anything is kept, both files are read again and compared with the checkpoint, on batches of
1, 3 and 32 examples (4 are traced) and, where examples differ in length, of other lengths. A
difference of more than a thousandth of the largest value, or a size that does not pass, is an error
in one line, and no folder is left.

`hub=user/name` uploads the folder to a private repository. That was tested against a stand-in for
the hub's client, and not on the hub itself.

Below: the largest difference over these batches, relative to the largest value of an output (at
least 1), with random weights. Written by `benchmarks/export.py`; `-`: not measured yet.

| task | modality | input | model.pt2 | model.onnx |
| --- | --- | --- | --- | --- |
"""
CODE = """
import torch
from omegaconf import OmegaConf
from results.training import checkpoint
from results.config import compose
from results.training.experiment import assemble
from results.training.prepare import prepare

cfg = compose("run_dir=run")
cfg.seed = prepare(cfg)
data, task = assemble(cfg)
torch.manual_seed(1)
with torch.no_grad():
    for weight in task.parameters():
        weight.add_(0.05 * torch.randn_like(weight))
plain = OmegaConf.to_container(cfg, resolve=True)
content = {"format": checkpoint.FORMAT, "config": plain, "classes": list(task.classes)}
torch.save(content | {"state_dict": task.state_dict(), "global_step": 0}, "random.ckpt")

from results.export import export

export({"ckpt_path": "random.ckpt", "output": "export"} | FORMATS, [])
"""


def measure(project: Path, formats: str) -> tuple[int, str]:
    """Export a project's untrained network; return the status and what was said."""
    given = {"formats": formats} if formats else {}
    env = os.environ | {"PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"}
    code = CODE.replace("FORMATS", repr(given))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def row(pair: dict[str, Any], project: Path) -> dict[str, str]:
    """Measure a variant; a format that fails gives its reason, and the other its number."""
    found = {"task": pair["task"], "modality": pair["modality"]}
    status, said = measure(project, "")
    reason = ""
    if status:
        reason = said.strip().splitlines()[-1].partition("UserError: ")[2] or said[-300:]
        status, said = measure(project, "pt2")
    for name in ("pt2", "onnx"):
        line = re.search(rf"model\.{name}: as the checkpoint \(within (\S+)\) at (.*)", said)
        found[name] = line[1] if line else reason
        if line:
            found["input"] = line[2]
    return found


def write(out: Path, found: dict[str, dict[str, str]]) -> None:
    """Write the numbers, and the page."""
    (out / STORE).write_text(json.dumps(found, indent=1) + "\n")
    lines = []
    for pair in pairs():
        entry = found.get(f"{pair['task']}-{pair['modality']}", {})
        cells = [entry.get(name, "-") for name in ("input", "pt2", "onnx")]
        lines.append(f"| {' | '.join([pair['task'], pair['modality'], *cells])} |")
    (out / "export.md").write_text(HEAD + "\n".join(lines) + "\n")


def main() -> None:
    """Measure what is asked for, one variant after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the variants' names")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    given = parser.parse_args()
    store = given.out / STORE
    found = json.loads(store.read_text()) if store.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for pair in pairs():
            name = f"{pair['task']}-{pair['modality']}"
            if any(part in name for part in given.only):
                found[name] = row(pair, render(pair, Path(folder)))
                print(name, found[name], flush=True)
                write(given.out, found)


if __name__ == "__main__":
    main()
