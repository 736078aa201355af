"""What a generated project's training loop costs beside a bare loop, in CPU time.

    uv run python benchmarks/loop.py [--rounds 15] [--steps 200]

Both train the same network on the same data in one process, one thread, by turns: the dense network
of lightning-hydra-template (784-64-128-64-10 with batch norm) on 60,000 MNIST-shaped images, batch
128. The generated loop is the default one: clipping, a schedule, weight decay for
matrices only, a random stream for each step, logging, progress. Two bare loops frame it: one with
nothing but forward, backward and step, and one that clips, schedules and decays as the project
does, which is the same mathematics without a framework. Prints a JSON line a round, then the
medians. What the project costs more is the median of the rounds' differences: a machine that gets
slower slows both sides of a round.
"""

import argparse
import json
import logging
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROOT = Path(__file__).parents[1]
BATCH, NUM = 128, 60_000


def dense() -> nn.Module:
    """Make the network of lightning-hydra-template's MNIST example."""
    layers: list[nn.Module] = [nn.Flatten()]
    for a, b in ((784, 64), (64, 128), (128, 64)):
        layers += [nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def bare(x: Tensor, y: Tensor, steps: int, *, full: bool) -> float:
    """Train without a framework. Returns CPU seconds a step."""
    torch.manual_seed(0)
    net = dense()
    groups: list[dict[str, Any]] = [{"params": [*net.parameters()]}]
    if full:
        flat = [p for p in net.parameters() if p.ndim < 2]
        groups = [
            {"params": [p for p in net.parameters() if p.ndim >= 2]},
            {"params": flat, "weight_decay": 0.0},
        ]
    optimizer = torch.optim.AdamW(groups, 1e-3, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: 1 - s / steps)
    order = torch.randperm(len(x)).split(BATCH)
    start = time.process_time()
    for step in range(steps):
        rows = order[step % len(order)]
        loss = F.cross_entropy(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        if full:
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if full:
            schedule.step()
    return (time.process_time() - start) / steps


def project(folder: Path) -> Callable[[Tensor, Tensor, int], float]:
    """Render the default project and return its loop: (x, y, steps) -> CPU seconds a step."""
    source = folder.parent / "template"  # without .git: what lies here, committed or not
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "my-project"))
    copier.run_copy(str(source), folder, data={"project_name": "bench"}, defaults=True, quiet=True)
    sys.path.insert(0, str(folder / "src"))
    import importlib

    names = ("config", "datamodule", "training.experiment")
    config, datamodule, experiment = (importlib.import_module(f"bench.{name}") for name in names)

    class Clock(experiment.pl.Callback):
        """Time the steps alone: not the set-up, not the validation."""

        start = stop = 0.0

        def on_train_start(self, *args: object) -> None:
            self.start = time.process_time()

        def on_train_end(self, *args: object) -> None:
            self.stop = time.process_time()

    def run(x: Tensor, y: Tensor, steps: int) -> float:
        number = len(list(folder.glob("runs/*")))
        cfg = config.compose(
            f"run_dir={folder}/runs/{number}",
            "data.shift=0",
            "task.label_smoothing=0",
            f"data.batch_size={BATCH}",
            f"trainer.max_steps={steps}",
            "trainer.max_epochs=-1",
            "+trainer.limit_val_batches=0",
            "callbacks.checkpoint=null",
            "callbacks.last=null",
        )
        experiment.prepare(cfg)
        plain = {"run": number}
        data = config.build(cfg, "data")
        split = datamodule.Split(x, y, [])
        data.splits = {"train": split, "val": split, "test": split}
        task = config.build(cfg, "task", network=dense(), optimizer=config.build(cfg, "optimizer"))
        trainer = experiment.make_trainer(cfg, plain)
        clock = Clock()
        trainer.callbacks.append(clock)
        trainer.fit(task, data)
        return (clock.stop - clock.start) / steps

    return run


def more(found: dict[str, list[float]], than: str) -> float:
    """Return how many milliseconds a step of the project costs more: the median over the rounds."""
    pairs = zip(found["project"], found[than], strict=True)
    return round(1e3 * statistics.median(a - b for a, b in pairs), 3)


def main() -> None:
    """Run the loops by turns and print what a step of each costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=200)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(NUM, 1, 28, 28, generator=rng)
    y = torch.randint(10, (NUM,), generator=rng)
    found: dict[str, list[float]] = {"bare": [], "bare_same_math": [], "project": []}
    with tempfile.TemporaryDirectory() as scratch:
        loop = project(Path(scratch) / "bench")
        for number in range(asked.rounds + 1):  # the first round warms up
            row = {
                "bare": bare(x, y, asked.steps, full=False),
                "bare_same_math": bare(x, y, asked.steps, full=True),
                "project": loop(x, y, asked.steps),
            }
            if number:
                print(
                    json.dumps(
                        {"round": number} | {f"{k}_ms": round(1e3 * v, 3) for k, v in row.items()}
                    ),
                    flush=True,
                )
                for name, value in row.items():
                    found[name].append(value)
    median = {name: statistics.median(values) for name, values in found.items()}
    print(
        json.dumps(
            {"median": True, "steps": asked.steps, "rounds": asked.rounds}
            | {f"{name}_ms": round(1e3 * value, 3) for name, value in median.items()}
            | {f"{name}_samples_per_cpu_s": round(BATCH / value) for name, value in median.items()}
            | {f"more_than_{name}_ms": more(found, name) for name in ("bare", "bare_same_math")}
        )
    )


if __name__ == "__main__":
    main()
