"""Predict: use a checkpoint on files of one's own: `uv run predict ckpt_path=... input=...`."""

from pathlib import Path

from .commands import run

USAGE = """
usage: predict ckpt_path=runs/.../checkpoints/best.ckpt input=FILE|FOLDER [output=FOLDER] [key=value
    ...]

Print what the model says of each file, or write what it makes of it into output (default: the
current folder). Nothing that exists is overwritten.
"""


def main() -> None:
    """Read the command line; torch is imported only once it makes sense."""
    run(USAGE, ("ckpt_path", "input", "output"), predict)


def predict(own: dict[str, str], overrides: list[str]) -> None:
    """Predict for each source that `input` names, one line each.

    Raises:
        UserError: after the others were done, if a source could not be read.
    """
    from .errors import UserError

    if "input" not in own:
        raise UserError(f"input is missing: {USAGE.strip().splitlines()[0]}")
    import torch

    from . import checkpoint
    from .config import build
    from .experiment import prepare

    content = checkpoint.read(own["ckpt_path"])
    cfg = checkpoint.config_of(content, own["ckpt_path"], overrides)
    prepare(cfg)
    data = build(cfg, "data")
    sources = data.sources(own["input"])
    task = checkpoint.restore(cfg, content, own["ckpt_path"])
    output = Path(own.get("output", ".")).expanduser()
    wrong = []
    for source in sources:
        try:
            x = data.read(source)
            with torch.inference_mode():
                prediction = task.predict(x[None])[0]
            print(task.deliver(prediction, source, output), flush=True)
        except UserError as error:
            wrong.append(str(error))
    if wrong:
        raise UserError("\nerror: ".join(wrong))


if __name__ == "__main__":
    main()
