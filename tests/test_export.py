"""An exported model is the checkpoint's, in files that need none of this."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import run, run_python, show
from variants import ROOT, TEMPLATE, Variant

Project = Callable[[Variant], Path]
FILES = ("README.md", "config.yaml", "example.npz", "infer.py")
FILES += ("model.onnx", "model.pt2", "model.safetensors")
# Python's own way to say that a module is not there, before infer.py is run
NO_TORCH = (
    "import sys, runpy; sys.modules['torch'] = None; "
    "sys.argv = ['infer.py', *sys.argv[2:]]; runpy.run_path('infer.py', run_name='__main__')"
)


# one process, as importing torch costs more than one step
TRAIN_AND_EXPORT = """
import sys
from {package}.config import compose
from {package}.training.experiment import train
from {package}.export import export
train(compose(*sys.argv[1:]))
export({{"ckpt_path": "run/checkpoints/best.ckpt"}}, [])
"""


def exported(project: Path, package: str, folder: Path) -> Path:
    """Train one step and export; return the folder of the export."""
    few = [f"+trainer.limit_{split}_batches=1" for split in ("train", "val", "test")]
    words = ("trainer.max_steps=1", *few, "baseline=none", "run_dir=run")
    code = TRAIN_AND_EXPORT.format(package=package)
    done = run_python(project, "-c", code, *words, cwd=folder)
    assert done.returncode == 0, show(done)
    assert not done.stderr, "no warnings and adverts of libraries on the screen"
    assert done.stdout.count("as the checkpoint (within ") == 2, show(done)
    return folder / "run" / "export"


@pytest.mark.slow
def test_a_model_runs_without_torch(project: Project, tmp_path: Path):
    variant = TEMPLATE.pairs[0]
    folder = exported(project(variant), variant.package, tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    card = (folder / "README.md").read_text("utf-8")
    metric = TEMPLATE.chosen(variant)[3]["metric"]
    assert f"| {metric} | " in card and "Source: " in card
    done = run(sys.executable, "-c", NO_TORCH, "infer.py", cwd=folder)
    assert done.returncode == 0, show(done)
    assert "likeliest: " in done.stdout and "from torch" in done.stdout
    x = np.zeros((5, 1, 28, 28), np.float32)  # a size that the export has not seen
    np.savez(tmp_path / "mine.npz", x=x)
    words = ("infer.py", str(tmp_path / "mine.npz"), str(tmp_path / "out.npz"))
    done = run(sys.executable, "-c", NO_TORCH, *words, cwd=folder)
    assert done.returncode == 0, show(done)
    with np.load(tmp_path / "out.npz") as file:
        assert file["prediction"].shape == (5, 10)


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_every_variant_is_exported(project: Project, variant: Variant, tmp_path: Path):
    folder = exported(project(variant), variant.package, tmp_path)
    done = run(sys.executable, "-c", NO_TORCH, "infer.py", cwd=folder)
    assert done.returncode == 0 and "from torch" in done.stdout, show(done)


def test_the_page_knows_every_variant():
    page = (ROOT / "docs" / "export.md").read_text("utf-8")
    for variant in TEMPLATE.pairs:
        assert f"| {variant.task} | {variant.modality} | " in page, "run benchmarks/export.py"
    for entry in json.loads((ROOT / "docs" / "export.json").read_text("utf-8")).values():
        assert f"| {entry['pt2']} | {entry['onnx']} |" in page
