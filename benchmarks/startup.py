"""How long from the command to the first step, beside the imports that it cannot do without.

    uv run python benchmarks/startup.py [--rounds 3]

Everything is a process of its own, by turns, and CPU time beside wall time. Prints JSON lines; the
last has the medians and the ratio of a first step to `import torch, pytorch_lightning`.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import pairs, render

FIRST_STEP = """
import sys
import results.task as task
def stop(self, *args):
    import os
    os._exit(9)
task.Task.on_train_batch_end = stop
sys.argv = ["train", "baseline=none"]
from results.train import main
main()
"""
CASES = {
    "import": [sys.executable, "-c", "import torch, pytorch_lightning"],
    "first_step": [sys.executable, "-c", FIRST_STEP],
    "help": [sys.executable, "-m", "results.train", "--help"],
    "wrong_key": [sys.executable, "-m", "results.train", "lr=1"],
}
STATUS = {"import": 0, "first_step": 9, "help": 0, "wrong_key": 2}  # 9: the step was reached


def measure(name: str, project: Path) -> tuple[float, float]:
    """Run one case. Returns wall and CPU seconds."""
    env = os.environ | {"PYTHONPATH": str(project / "src")}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(CASES[name], cwd=project, env=env, capture_output=True, text=True)
    if done.returncode != STATUS[name]:  # a crash is quick, and would look like a good start
        raise SystemExit(f"{name}: status {done.returncode}\n{done.stderr[-2000:]}")
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure the cases by turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as scratch:
        project = render(pairs()[0], Path(scratch))
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
        for number in range(rounds + 1):  # the first round fills the disk's cache
            for name in CASES:
                wall, cpu = measure(name, project)
                if number:
                    found[name].append((wall, cpu))
                    print(
                        json.dumps(
                            {"case": name, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2)}
                        ),
                        flush=True,
                    )
    wall, cpu = (
        {n: statistics.median(pair[i] for pair in runs) for n, runs in found.items()}
        for i in (0, 1)
    )
    print(
        json.dumps(
            {"median_wall_s": {n: round(v, 2) for n, v in wall.items()}}
            | {"median_cpu_s": {n: round(v, 2) for n, v in cpu.items()}}
            | {"first_step_to_import_wall": round(wall["first_step"] / wall["import"], 2)}
            | {"first_step_to_import_cpu": round(cpu["first_step"] / cpu["import"], 2)}
        )
    )


if __name__ == "__main__":
    main()
