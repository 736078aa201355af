"""Export: write a checkpoint in formats that need no training code: `uv run export ckpt_path=...`.

What is written is what `task.exported` says, in most tasks `predict` on a batch. Each file is read
again and compared with the checkpoint on batches of other sizes and, where examples differ in
length, of other lengths: a graph that has frozen one of them is an error, and nothing is left.
"""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from .commands import run
from .errors import UserError

USAGE = """
usage: export ckpt_path=runs/.../checkpoints/best.ckpt [output=FOLDER] [formats=pt2,onnx]
    [hub=USER/NAME] [key=value ...]

Write model.pt2 (torch.export), model.onnx, model.safetensors (the weights alone), a model card,
and infer.py, which runs model.onnx without torch. The folder is export/ in the run's, or output.
Each format is compared with the checkpoint; where one of them differs, nothing is written.
hub=USER/NAME also uploads the folder to a private repository of the Hugging Face hub.
"""
FORMATS = ("pt2", "onnx")
PACKAGES = ("onnx", "onnxruntime", "onnxscript", "safetensors")


def main() -> None:
    """Read the command line; torch is imported only once it makes sense."""
    run(USAGE, ("ckpt_path", "output", "formats", "hub"), export)


def export(own: dict[str, str], overrides: list[str]) -> None:
    """Write the folder, and upload it where that is asked for."""
    formats = chosen(own.get("formats", ",".join(FORMATS)))
    needed = [*PACKAGES, *(["huggingface_hub"] if "hub" in own else [])]
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        raise UserError(
            f"export needs {', '.join(missing)}: "
            "uv run --extra export export ..., or pip install them"
        )
    checkpoint = Path(own["ckpt_path"]).expanduser().absolute()
    target = Path(own.get("output", checkpoint.parent.parent / "export")).expanduser().absolute()
    if target.exists():
        raise UserError(
            f"output={target} exists, and nothing is overwritten: give another folder (output=...)"
        )
    from .config import refuse_wheel

    refuse_wheel()  # the model card is written from configs/card.yaml
    # all is done on the CPU, and the tracer asks for a GPU at each operation, which is slow without
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    from .exports.formats import write

    target.parent.mkdir(parents=True, exist_ok=True)
    # beside the target, so that the last step is one rename: the folder is whole or not there
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as name:
        part = Path(name, "export")
        part.mkdir()
        for line in write(part, own["ckpt_path"], overrides, formats):
            print(line, flush=True)
        shutil.copy(Path(__file__).parent / "exports" / "infer.py", part)
        part.rename(target)
    print(f"saved in {target}: {', '.join(sorted(path.name for path in target.iterdir()))}")
    if "hub" in own:
        print(push(target, own["hub"]))


def chosen(words: str) -> list[str]:
    """Read the list of formats."""
    formats = [word.strip() for word in words.split(",")]
    for word in formats:
        if word not in FORMATS:
            raise UserError(f"formats={words}: {word} is none of {', '.join(FORMATS)}")
    return formats


def push(folder: Path, name: str) -> str:
    """Upload a folder to the hub, into a private repository that is made if need be.

    Args:
        folder: what `export` wrote.
        name: of the repository, user/name.

    Raises:
        UserError: with what the hub said.
    """
    from huggingface_hub import HfApi  # pyright: ignore[reportMissingImports]
    from huggingface_hub.errors import (  # pyright: ignore[reportMissingImports]
        HfHubHTTPError,
        LocalTokenNotFoundError,
    )

    api = HfApi()
    try:
        api.create_repo(name, private=True, exist_ok=True)
        found = api.upload_folder(folder_path=folder, repo_id=name)
    except (HfHubHTTPError, LocalTokenNotFoundError, OSError, ValueError) as error:
        cause = " ".join(str(error).split())[:300]
        raise UserError(f"hub={name}: {cause}; {folder} is whole: upload it again") from None
    return f"uploaded to {found}"


if __name__ == "__main__":
    main()
