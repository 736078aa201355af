"""The page that `demo` serves: what the command predict takes, and beside it what it makes.

Which components a task needs follows from what its data read: a kind of file, a text, or nothing
but the settings of what is drawn.
"""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr  # pyright: ignore[reportMissingImports]
from gradio.themes import Default  # pyright: ignore[reportMissingImports]

from ..datamodule import DataModule
from ..errors import UserError
from ..task import Task

PICTURES, SOUNDS, WORDS = (".png", ".gif"), (".wav",), (".txt", ".smi")  # of what predict writes
SAMPLES = 3  # of the run's folder that are offered
# fonts of the machine itself, and nothing that leads elsewhere: the page works without a network
FONT, STYLE = ["system-ui", "sans-serif"], "footer {display: none !important}"


def serve(built: gr.Blocks, port: int) -> None:
    """Serve a page to this machine alone, from a thread of its own.

    Raises:
        OSError: if the port is taken.
    """
    theme = Default(font=FONT, font_mono=["monospace"])
    where = {"server_name": "127.0.0.1", "server_port": port, "prevent_thread_lock": True}
    built.launch(**where, theme=theme, css=STYLE, quiet=True)  # type: ignore[arg-type]


def page(title: str, data: DataModule, task: Task, run_dir: Path) -> gr.Blocks:
    """Build the page.

    Args:
        title: its heading.
        data: reads what is given.
        task: restored from its checkpoint.
        run_dir: the run's folder; what it has to predict on is offered.
    """
    draws = hasattr(task, "sampling")
    with gr.Blocks(title=title, analytics_enabled=False) as built:
        gr.Markdown(f"# {title}")
        with gr.Row():
            with gr.Column():
                given = settings_of(task) if draws else {"": reader(data)}
                button = gr.Button("Make samples" if draws else "Ask the model", variant="primary")
                if not draws and (samples := offered(data, run_dir)):
                    gr.Examples(samples, list(given.values()), label="From the run's folder")
            with gr.Column():
                outputs = [
                    gr.Textbox(
                        label="What the model says", lines=4, max_lines=12, elem_id="answer"
                    ),
                    gr.Gallery(label="Pictures", columns=1, object_fit="contain", visible=False),
                    gr.Audio(label="Sound", interactive=False, visible=False),
                    gr.File(label="Files", interactive=False, height=200, visible=False),
                ]

        def answer(*values: Any) -> tuple[Any, ...]:
            if not draws:
                return shown(data, task, lambda folder: laid(data, values[0], folder))
            choose(task, dict(zip(given, values, strict=True)))
            return shown(data, task, lambda folder: None)

        inputs = list(given.values())
        button.click(answer, inputs, outputs, api_name="predict", concurrency_limit=1)
    return built


def reader(data: DataModule) -> Any:
    """Return the component for what the data read."""
    kinds, name = " ".join(data.suffixes), "given"
    if data.literal:
        return gr.Textbox(label="Text", lines=3, elem_id=name)
    if ".wav" in data.suffixes:
        return gr.Audio(label=f"Sound ({kinds})", type="filepath", elem_id=name)
    if ".mp4" in data.suffixes:
        return gr.File(label=f"Film ({kinds})", file_types=[*data.suffixes], elem_id=name)
    return gr.Image(
        label=f"Picture ({kinds})",
        type="filepath",
        format="png",  # as it was given: other formats lose something
        image_mode=None,
        height=240,
        elem_id=name,
    )


def settings_of(task: Any) -> dict[str, Any]:
    """Return a component for each setting of what is drawn, and for the seed, by name."""
    found: dict[str, Any] = {}
    for name, value in vars(task.sampling).items():
        if name == "label":
            if task.classes:
                found[name] = gr.Dropdown(["", *task.classes], value=value or "", label=name)
        elif isinstance(value, int | float):
            whole = 0 if isinstance(value, int) else None
            found[name] = gr.Number(value, label=name, precision=whole)
        else:
            found[name] = gr.Textbox(value or "", label=name)
    return found | {"seed": gr.Number(task.seed, label="seed", precision=0)}


def choose(task: Any, values: dict[str, Any]) -> None:
    """Set what is drawn next; what is not allowed is said on the page."""
    task.seed = values.pop("seed")
    values = {name: None if value == "" else value for name, value in values.items()}
    try:
        chosen = dataclasses.replace(task.sampling, **values)
    except UserError as error:
        raise told(error) from None
    vars(task.sampling).update(vars(chosen))  # the task may have other names for the same object


def laid(data: DataModule, value: Any, folder: Path) -> str:
    """Lay what was given into a folder; return its path.

    A text becomes a file, too: one that is the name of a file must not be read as that file.
    """
    if not value:
        raise UserError("nothing was given: put something in, or take what is offered")
    if data.literal:
        target = folder / f"text{data.suffixes[0]}"
        target.write_text(value, "utf-8")
    else:
        target = Path(shutil.copy(value, folder))
    return str(target)


def shown(data: DataModule, task: Task, lay: Callable[[Path], str | None]) -> tuple[Any, ...]:
    """Ask the model; return what each component shows: words, pictures, the first sound, files."""
    # not taken away: gradio hands out what lies there, and the system clears it as it does others
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    try:
        lines = list(task.answer(data, lay(folder), folder / "out"))
    except UserError as error:
        raise told(error) from None
    said = "\n".join(lines).replace(f"{folder}/out/", "").replace(f"{folder}/", "")
    files = sorted((folder / "out").iterdir()) if (folder / "out").exists() else []
    of = {s: [str(path) for path in files if path.suffix in s] for s in (PICTURES, SOUNDS, WORDS)}
    texts = [f"{Path(path).name}:\n{words_of(Path(path))}" for path in of[WORDS]]
    # of many samples the one picture that shows all of them
    pictures = [p for p in of[PICTURES] if Path(p).name == "sheet.png"] or of[PICTURES]
    return (
        "\n\n".join([said, *texts]),
        gr.Gallery(pictures, visible=bool(pictures)),
        gr.Audio(next(iter(of[SOUNDS]), None), visible=bool(of[SOUNDS])),
        gr.File([str(path) for path in files], visible=bool(files)),
    )


def words_of(path: Path) -> str:
    """Read a text that a model may have written: not all bytes are UTF-8."""
    return path.read_text("utf-8", errors="replace").strip()


def told(error: UserError) -> gr.Error:
    """Say on the page what a person got wrong, until it is closed; no traceback anywhere."""
    return gr.Error(str(error), duration=None, print_exception=False)


def offered(data: DataModule, run_dir: Path) -> list[Any]:
    """Return the samples that the run has left: paths, or what stands in them."""
    found = sorted(path for path in run_dir.glob("sample*") if path.suffix in data.suffixes)
    few = found[:SAMPLES]
    return [words_of(path) if data.literal else str(path) for path in few]
