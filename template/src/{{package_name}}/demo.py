"""Demo: a page in the browser that asks a checkpoint: `uv run demo ckpt_path=...`.

What is given and what comes back is what the command predict takes and makes: a person who cannot
use a command line sees the same model. The page is served to this machine alone, and asks nothing
of any other.
"""

import importlib.util
import os
from pathlib import Path

from .commands import run
from .errors import UserError

USAGE = """
usage: demo ckpt_path=runs/.../checkpoints/best.ckpt [port=7860] [key=value ...]

Serve a page at http://127.0.0.1:PORT that gives what you put in to the model, until Ctrl-C. Only
this machine can open it. Other words change the config in the checkpoint, as for predict.
"""


def main() -> None:
    """Read the command line; torch is imported only once it makes sense."""
    run(USAGE, ("ckpt_path", "port"), demo)


def demo(own: dict[str, str], overrides: list[str]) -> None:
    """Load the model, and serve the page until it is interrupted."""
    port = own.get("port", "7860")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise UserError(f"port={port} is not allowed: a whole number from 1 to 65535")
    if importlib.util.find_spec("gradio") is None:
        raise UserError("demo needs gradio: uv run --extra demo demo ..., or pip install gradio")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    from .pages.page import page, serve
    from .predict import restored

    cfg, data, task = restored(own["ckpt_path"], overrides)
    built = page(cfg.title, data, task, Path(own["ckpt_path"]).expanduser().parent.parent)
    try:
        serve(built, int(port))
    except OSError:
        raise UserError(f"port={port} is taken: give another one (port=...)") from None
    print(f"open http://127.0.0.1:{port}    (Ctrl-C ends it)", flush=True)
    built.block_thread()


if __name__ == "__main__":
    main()
