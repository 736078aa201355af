"""Generation: samples in files, drawn by a seed alone; nothing is overwritten."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ..errors import UserError
from ..generation import Generation, save_sheet
from ..view import SUFFIX, show

PACKAGE = __name__.rpartition(".tests.")[0]
Trained = tuple[Path, dict[str, Any]]


def predict(trained: Trained, *words: str) -> subprocess.CompletedProcess[str]:
    checkpoint = trained[0] / "checkpoints" / "best.ckpt"
    command = [sys.executable, "-m", f"{PACKAGE}.predict", f"ckpt_path={checkpoint}", *words]
    return subprocess.run(command, capture_output=True, text=True)


def test_samples_are_written_and_nothing_is_overwritten(trained: Trained, tmp_path: Path) -> None:
    first = predict(trained, "n=3", f"output={tmp_path / 'out'}")
    assert first.returncode == 0, first.stderr
    written = sorted(path for path in (tmp_path / "out").iterdir())
    assert [path.suffix for path in written].count(SUFFIX) >= 3
    before = [path.read_bytes() for path in written]
    second = predict(trained, "n=3", f"output={tmp_path / 'out'}")
    assert second.returncode == 2
    assert "nothing is overwritten" in second.stderr
    assert before == [path.read_bytes() for path in written]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("n=0",), "task.sampling.n=0 is not allowed"),
        (("label=nobody",), "task.sampling.label=nobody: there is no such class"),
        (("input=x.png",), "input=x.png: samples are made of nothing"),
        (("guidence=3", "temprature=3"), "no such setting"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    trained: Trained, words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = predict(trained, *words, f"output={tmp_path / 'out'}")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_sample_is_a_function_of_its_seed(task: Generation) -> None:
    task.eval()
    y = task.in_turn(3)
    with torch.inference_mode():
        one, two, other = (task.make(y, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert one.shape != other.shape or not torch.equal(one, other)


def test_classes_are_asked_for_by_name(task: Generation) -> None:
    names = task.classes
    assert task.asked().tolist() == [k % max(1, len(names)) for k in range(task.sampling.n)]
    task.sampling.label = "nobody"
    with pytest.raises(UserError, match="no such class"):
        task.asked()
    if names:
        task.sampling.label = names[-1]
        assert set(task.asked().tolist()) == {len(names) - 1}


def test_a_sheet_holds_every_picture(task: Generation, tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    with torch.inference_mode():
        picture = show(task.eval().make(task.in_turn(1), torch.Generator().manual_seed(0))[0])
    sheet = plt.imread(save_sheet(tmp_path / "sheet.png", [picture] * 5, columns=3))
    height, width = picture.shape[0] + 2, picture.shape[1] + 2
    zoom = sheet.shape[0] // (2 * height)
    assert sheet.shape[:2] == (2 * height * zoom, 3 * width * zoom)
