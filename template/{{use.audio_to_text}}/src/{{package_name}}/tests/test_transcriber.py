"""Audio to text: scores of known transcripts, times of words, and a transcript of a file."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from ..alphabet import Alphabet
from ..ctc import spell
from ..datamodule import DataModule
from ..errors import UserError
from ..task import Task, fraction
from ..tokens import PAD, pad
from ..transcriber import times
from .conftest import batch_of, run

PACKAGE = __name__.rpartition(".tests.")[0]


def test_the_truth_has_no_errors_and_silence_only_errors(task: Task, data: DataModule) -> None:
    batch = batch_of(data, [*range(5)])
    held = task.perfect(batch)  # each letter is said by two frames, and read once
    assert torch.equal(held[:, 0], held[:, 1]) and held[:, 0].all()
    for paths, share in ((held, 0.0), (torch.zeros(5, 9, dtype=torch.long), 1.0)):
        for top, bottom in map(fraction, task.judge(paths, batch).values()):
            assert (top / bottom).tolist() == [share] * 5


def test_words_are_timed_by_their_letters() -> None:
    alphabet = Alphabet(" enotw")
    path = spell(pad([alphabet.encode("one two")]))[0].repeat_interleave(3)
    path = torch.cat([torch.full((10,), PAD), path])
    assert times(path, alphabet) == [
        ("one", pytest.approx(0.2), pytest.approx(0.5)),
        ("two", pytest.approx(0.68), pytest.approx(0.98)),
    ]
    assert times(torch.zeros(4, dtype=torch.long), alphabet) == []


def test_another_alphabet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"network\.alphabet='abc' contradicts the data"):
        run(tmp_path / "x", "network.alphabet=abc")


def test_predict_answers_for_each_file_and_says_what_is_wrong(
    trained: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder = trained[0]
    (tmp_path / "a.wav").write_bytes((folder / "sample.wav").read_bytes())
    (tmp_path / "b.wav").write_bytes(b"RIFF of no use")
    words = [f"ckpt_path={folder / 'checkpoints' / 'best.ckpt'}", f"input={tmp_path}"]
    command = [sys.executable, "-m", f"{PACKAGE}.predict", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.startswith(f"{tmp_path / 'a.wav'}: ")
    assert "b.wav is no readable recording" in done.stderr
    assert done.stderr.count("\n") == 1
