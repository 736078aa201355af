"""Generation: samples in files, drawn by a seed alone; nothing is overwritten."""

from pathlib import Path
from typing import Any

import pytest
import torch

from ..errors import UserError
from ..generation import Generation, save_sheet
from ..predict import predict
from ..view import SUFFIX, show

Trained = tuple[Path, dict[str, Any]]


def ask(trained: Trained, *words: str, **own: str) -> None:
    """Do what the command predict does."""
    checkpoint = trained[0] / "checkpoints" / "best.ckpt"
    predict({"ckpt_path": str(checkpoint), **own}, list(words))


def test_samples_are_written_and_nothing_is_overwritten(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    ask(trained, "n=3", output=str(folder))
    said, written = capsys.readouterr(), sorted(folder.iterdir())
    assert not said.err
    assert said.out.split() == [str(p) for p in written if p.stem != "sheet"] + [
        str(folder / "sheet.png")
    ]
    assert [path.suffix for path in written if path.stem != "sheet"] == [SUFFIX] * 3
    before = [path.read_bytes() for path in written]
    with pytest.raises(UserError, match="nothing is overwritten"):
        ask(trained, "n=3", output=str(folder))
    assert before == [path.read_bytes() for path in written]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("n=0", r"task.sampling.n=0 is not allowed"),
        ("label=nobody", r"task.sampling.label=nobody: there is no such class"),
        ("labell=0", r"labell: .*no such setting \(did you mean 'label'"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    trained: Trained, word: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=said):
        ask(trained, word, output=str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_input_is_refused(trained: Trained, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"input=x.png: samples are made of nothing"):
        ask(trained, input="x.png", output=str(tmp_path / "out"))


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
