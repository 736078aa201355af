"""Inspect, before training: the data, and the network from inside: `uv run inspect`.

Takes the settings that `train` takes. (`inspect.py` would be Python's own module.)
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import launch

if TYPE_CHECKING:  # torch is imported only once the config is known to be right
    from omegaconf import DictConfig
    from rich.console import Console

    from .datamodule import DataModule
    from .task import Task

SPLITS = ("train", "val", "test")
SHEET = 16  # examples on the contact sheet, besides the odd ones
TINY = 1e-7  # what rounding leaves of a mean
FRAME: dict[str, Any] = {"show_edge": False, "pad_edge": False, "header_style": "bold"}
LONG = 24  # characters of a group's name
MANY = 20  # classes that are listed one by one


def main() -> None:
    """Compose the config, then inspect."""
    launch(inspect)


def inspect(cfg: "DictConfig") -> list[str]:
    """Print what there is to see, and leave it in a folder. Returns what is suspicious."""
    import torch

    from .reports.report import near, screen
    from .training import checkpoint, experiment, runs
    from .training.prepare import prepare

    cfg.seed = prepare(cfg)
    content = checkpoint.read(cfg.ckpt_path) if cfg.ckpt_path else None
    data, task = experiment.assemble(cfg)
    if content is not None:
        checkpoint.load(task, content, cfg.ckpt_path)
    name = cfg.run_dir or f"runs/{time.strftime('inspect-%Y-%m-%d_%H-%M-%S')}"
    folder = runs.fresh(Path(name).expanduser().absolute())
    console = screen(record=True)
    console.print(f"{cfg.title}\n", style="bold", highlight=False, markup=False)
    for line in data.tell(folder):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    sizes = {name: len(split.x) for name, split in data.splits.items()}
    data.hold()
    found = show_data(data, sizes, folder, console)
    torch.manual_seed(cfg.seed)
    found += show_network(task, data, console)
    console.print("\nsuspicious:" if found else "\nnothing is suspicious", style="bold")
    for line in found:
        console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    (folder / "inspection.txt").write_text(console.export_text(), encoding="utf-8")
    console.print(
        f"\nsaved in {near(folder)}: inspection.txt, contact-sheet.png, odd examples",
        highlight=False,
        soft_wrap=True,
    )
    return found


def show_data(
    data: "DataModule", sizes: dict[str, int], folder: Path, console: "Console"
) -> list[str]:
    """Print counts, values, classes and odd examples, and draw a contact sheet.

    Args:
        data: holding what is looked at.
        sizes: how many examples each split has in all.
        folder: for pictures and odd examples.
        console: to print on.
    """
    from rich.table import Table
    from rich.text import Text

    from .reports import overview
    from .view import SUFFIX, save

    table = Table("split", "examples", "groups", "shape", "values of x", "y", **FRAME)
    for name in SPLITS:
        split = data.splits[name]
        shape = "x".join(map(str, split.x.shape[1:]))
        y = "class" if data.classes else overview.values(split.y)
        if not data.classes and not split.y.any():
            y = "-"
        groups = len(set(split.groups))
        table.add_row(name, f"{sizes[name]:,}", f"{groups:,}", shape, overview.values(split.x), y)
    console.print(table)
    counts = overview.class_counts(data)
    if counts and len(data.classes) <= MANY:
        table = Table("class", *SPLITS, **FRAME)
        for row in zip(map(Text, data.classes), *(counts[s] for s in SPLITS), strict=True):
            table.add_row(row[0], *(f"{num:,}" for num in row[1:]))
        console.print()
        console.print(table)
    elif counts:
        for name, nums in counts.items():
            console.print(f"{name}: {len(nums)} classes of {min(nums)} to {max(nums)} examples")
    console.print("\nunlike the others:", highlight=False)
    odd = overview.odd(data.splits)
    for number, example in enumerate(odd, start=1):
        path = folder / f"odd-{number}{SUFFIX}"
        save(data.sight(example.split, example.row), path)
        where = f"{example.split} row {example.row} {str(example.group)[:LONG]}".rstrip()
        console.print(f"  {path.name}: {where}: {example.why}", highlight=False, markup=False)
    draw_contacts(folder / "contact-sheet.png", data, [(o.split, o.row) for o in odd])
    return [*overview.problems(data)]


def draw_contacts(target: Path, data: "DataModule", odd: list[tuple[str, int]]) -> None:
    """Draw training examples by chance, always the same, then the odd ones."""
    import torch

    from .reports.pictures import draw_sheet
    from .view import show

    order = torch.randperm(len(data.splits["train"].x), generator=torch.Generator().manual_seed(0))
    rows = sorted(order[:SHEET].tolist())
    pictures, titles = [], []
    for number, (split, row) in enumerate([("train", row) for row in rows] + odd):
        y, group = data.splits[split].y[row], str(data.splits[split].groups[row])
        label = data.classes[int(y)] if data.classes else group
        mark = "odd: " if number >= len(rows) else ""
        pictures.append(show(data.sight(split, row)))
        titles.append(f"{mark}{split} {row}\n{label[:LONG]}")
    draw_sheet(target, pictures, titles)


def show_network(task: "Task", data: "DataModule", console: "Console") -> list[str]:
    """Print what each module gives for one training batch, and what comes back to it."""
    from rich.table import Table

    from .datamodule import Examples
    from .reports.probe import look

    batch = Examples(data.splits["train"], data.trim)[data.order("train", 0)[0]]
    batch = batch._replace(x=data.augment(batch.x, task.generator))
    seen = look(task, batch)
    after = f"; what follows is after {seen.steps} steps on it" if seen.steps else ""
    console.print(
        f"\none training batch of {len(batch.x)}: loss {seen.loss:.4g}{after}", highlight=False
    )
    if seen.unreached is None:
        console.print("this network is solved for, not trained by gradients: there are none")
    table = Table("module", "class", "output", **FRAME)
    for head in ("mean", "std", "spread", "zeros", "gradient std"):
        table.add_column(head, justify="left" if head == "spread" else "right")
    for sight in seen.sights.values():
        calls = f" ({sight.calls} calls)" if sight.calls > 1 else ""
        shape, out, back = "x".join(map(str, sight.shape)), sight.output, sight.gradient
        numbers = ["-"] * 4
        if out is not None:
            numbers = [brief(out.mean), brief(out.std), out.histogram, f"{out.zeros:.0%}"]
        name, gradient = sight.name + calls, f"{back.std:.2g}" if back is not None else "-"
        table.add_row(name, sight.kind, shape, *numbers, gradient)
    if seen.sights:
        console.print(table)
    found = [f"{name}: {text}" for name, s in seen.sights.items() for text in s.problems()]
    return found + [f"{name}: no gradient reaches it" for name in seen.unreached or []]


def brief(number: float) -> str:
    """Write a number with three digits, and nothing that is only rounding."""
    return f"{number:.3g}" if abs(number) > TINY or number != number else "0"


if __name__ == "__main__":
    main()
