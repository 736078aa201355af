"""Run model.onnx with onnxruntime and numpy alone: `python infer.py [INPUTS.npz] [OUTPUTS.npz]`.

Needs `pip install onnxruntime numpy`. The inputs are arrays by the names that the model gives them;
without any, those of example.npz are run, and the outputs compared with what torch made of them.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime  # pyright: ignore[reportMissingImports]

HERE = Path(__file__).resolve().parent


class Model:
    """The exported model.

    Args:
        path: of model.onnx.
    """

    def __init__(self, path: Path = HERE / "model.onnx") -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors alone
        self.session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
        told = self.session.get_modelmeta().custom_metadata_map
        self.classes: list[str] = json.loads(told.get("classes", "[]"))
        self.names = [value.name for value in self.session.get_outputs()]

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run a batch. inputs: by name, as README.md describes them -> outputs by name."""
        made = self.session.run(self.names, inputs)
        return {name: np.asarray(value) for name, value in zip(self.names, made, strict=True)}


def main() -> None:
    """Run the arrays of a file, and say what came out."""
    given = [Path(word) for word in sys.argv[1:]]
    with np.load(given[0] if given else HERE / "example.npz") as file:
        arrays = dict(file)
    model = Model()
    known = [value.name for value in model.session.get_inputs()]
    outputs = model({name: arrays[name] for name in known})
    for name, value in outputs.items():
        line = f"{name}: {value.dtype} {list(value.shape)}"
        if not given:
            far = np.abs(value.astype(np.float64) - arrays[f"torch/{name}"]).max(initial=0.0)
            line += f", at most {far:.2g} from torch"
        if model.classes and value.shape[1:] == (len(model.classes),):
            line += "; likeliest: " + ", ".join(model.classes[i] for i in value.argmax(axis=1))
        print(line)
    if len(given) > 1:
        np.savez(given[1], **outputs)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
