"""Every variant trains on a GPU, in 16 bits and compiled: by itself where there is a GPU."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import run_python, show
from variants import TEMPLATE, Variant


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU that PyTorch can use")
@pytest.mark.parametrize("words", [(), ("compile=true",)], ids=["bf16", "compiled"])
@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=lambda v: v.name)
def test_it_trains_on_a_gpu(
    project: Callable[[Variant], Path], variant: Variant, words: tuple[str, ...], tmp_path: Path
) -> None:
    few = [f"+trainer.limit_{split}_batches=5" for split in ("train", "val", "test")]
    words = (*words, "trainer=gpu", "trainer.max_steps=10", *few, "run_dir=run")
    done = run_python(project(variant), "-m", f"{variant.package}.train", *words, cwd=tmp_path)
    assert done.returncode == 0, show(done)
    results = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    assert all(math.isfinite(score) for score in results["scores"].values())
    state = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)["state_dict"]
    assert all(weight.isfinite().all() for weight in state.values())
