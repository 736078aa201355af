"""Predict: use a checkpoint on files of one's own: `uv run predict ckpt_path=... input=...`."""

from pathlib import Path
from typing import TYPE_CHECKING

from .commands import run

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from .datamodule import DataModule
    from .task import Task

USAGE = """
usage: predict ckpt_path=runs/.../checkpoints/best.ckpt input=FILE|FOLDER [output=FOLDER]
    [key=value ...]

Print what the model says of each file, or write what it makes of it into output (default: the
current folder). Nothing that exists is overwritten. Other words change the config in the
checkpoint; a setting of the task also goes by its last name alone.
"""


def main() -> None:
    """Read the command line; torch is imported only once it makes sense."""
    run(USAGE, ("ckpt_path", "input", "output"), predict)


def predict(own: dict[str, str], overrides: list[str]) -> None:
    """Print what the task in the checkpoint makes of the user's input."""
    _, data, task = restored(own["ckpt_path"], overrides)
    output = Path(own.get("output", ".")).expanduser()
    for line in task.answer(data, own.get("input"), output):
        print(line, flush=True)


def restored(ckpt_path: str, overrides: list[str]) -> "tuple[DictConfig, DataModule, Task]":
    """Build what is in a checkpoint, ready to answer: its config, its data, its task."""
    from .config import build
    from .training import checkpoint
    from .training.prepare import prepare

    content = checkpoint.read(ckpt_path)
    cfg = checkpoint.config_of(content, ckpt_path, overrides)
    prepare(cfg)
    data = build(cfg, "data")
    return cfg, data, checkpoint.restore(cfg, content, ckpt_path)


if __name__ == "__main__":
    main()
