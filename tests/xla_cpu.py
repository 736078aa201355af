"""Train projects with trainer=tpu on a CPU that XLA compiles for, and count the compilations.

    PJRT_DEVICE=CPU python tests/xla_cpu.py FOLDER PROJECT ... -- [key=value ...]

Runs in an environment of torch_xla's. There Lightning asks the cloud for its TPUs; told that there
is one, it takes the way of a single core: SingleDeviceXLAStrategy, XLAPrecision. A PROJECT is the
folder of one that is named after its package. Each is trained in a process of its own, forked off
after the imports: FOLDER/PROJECT.json has the counts, FOLDER/PROJECT.txt what it said.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from lightning_fabric.accelerators.xla import XLAAccelerator  # Lightning's other inherits from it
from pytorch_lightning import Callback, Trainer
from pytorch_lightning.callbacks import WeightAveraging


class Compiles(Callback):
    """Write down how many graphs were compiled by the end of each training step.

    Args:
        path: of a JSON file: "epochs", a list for each, and "fallbacks", the operations that XLA
            has no code for, with how often torch's own was called; "averaged", whether an average
            of the weights is kept, which at first is a copy: graphs of their own.
    """

    def __init__(self, path: str) -> None:
        self.path, self.epochs = Path(path), list[list[int]]()

    def on_train_epoch_start(self, *args: Any) -> None:
        """Begin a list."""
        self.epochs.append([])

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Count."""
        from torch_xla.debug import metrics  # type: ignore[import-not-found]

        compiled = metrics.metric_data("CompileTime")
        self.epochs[-1].append(compiled[0] if compiled else 0)
        names = [name for name in metrics.counter_names() if name.startswith("aten::")]
        fallbacks = {name: metrics.counter_value(name) for name in names}
        averaged = any(isinstance(c, WeightAveraging) for c in trainer.callbacks)  # type: ignore[attr-defined]
        found = {"epochs": self.epochs, "fallbacks": fallbacks, "averaged": averaged}
        self.path.write_text(json.dumps(found))


def train(project: Path, folder: Path, words: list[str]) -> None:
    """Train in this process, and say what happens in a file."""
    said = (folder / f"{project.name}.txt").open("w")
    for stream in (1, 2):
        os.dup2(said.fileno(), stream)
    for name, value in (("is_available", True), ("auto_device_count", 1)):
        setattr(XLAAccelerator, name, staticmethod(lambda value=value: value))
    sys.path[:0] = [str(project / "src"), str(Path(__file__).parent)]
    path = folder / f"{project.name}.json"
    block = f"+callbacks.compiles={{_target_: xla_cpu.Compiles, path: {path}}}"
    sys.argv = ["train", "trainer=tpu", f"run_dir={folder / project.name}", block, *words]
    os.chdir(folder)
    importlib.import_module(f"{project.name.replace('-', '_')}.train").main()


def main() -> None:
    """Train one project after the other."""
    import torch_xla  # type: ignore[import-not-found] # noqa: F401  # its runtime starts later

    folder, *rest = sys.argv[1:]
    split = rest.index("--")
    for project in rest[:split]:
        child = os.fork()
        if not child:
            status = 1
            try:
                train(Path(project), Path(folder), rest[split + 1 :])
                status = 0
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        print(Path(project).name, os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
