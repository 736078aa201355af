"""Text to audio: scores of known waves, an alignment that is whole, and a text that is spoken."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch

from ..datamodule import DataModule
from ..errors import UserError
from ..recognizer import HOP
from ..speaker import Speaker, letters
from ..task import fraction
from ..tokens import EOS, PAD, lengths, pad
from ..waves import extent
from .conftest import batch_of, run

PACKAGE = __name__.rpartition(".tests.")[0]


def test_silences_are_no_letters() -> None:
    assert letters(pad([[1, 5, 6, 2], [1, 5, 2]])).tolist() == [[5, 6, PAD], [5, PAD, PAD]]


def test_a_recording_has_no_error_and_another_has(task: Speaker, data: DataModule) -> None:
    batch = batch_of(data, [*range(4)])
    for top, bottom in map(fraction, task.judge(batch.y, batch).values()):
        assert (top / bottom).tolist() == pytest.approx([0.0] * 4, abs=1e-6)
    for top, bottom in map(fraction, task.judge(batch.y.roll(1, dims=0), batch).values()):
        assert (top / bottom).min() > 0.005


def test_durations_are_those_of_the_recording(task: Speaker, data: DataModule) -> None:
    batch = batch_of(data, [*range(5)])
    durations, mel = task.eval().align(batch)
    assert durations.shape == batch.x.shape
    assert torch.equal(durations.sum(dim=1), 1 + extent(batch.y) // HOP)
    assert mel.shape[1] == durations.sum(dim=1).max()
    inside = (batch.x != PAD) & (batch.x != EOS)
    assert (durations[:, 1:][inside[:, 1:]] >= 1).all()
    assert int(lengths(batch.x).max()) == batch.x.shape[1]


def test_the_recognizer_hears_recordings_only(task: Speaker, data: DataModule) -> None:
    for parameter in task.network.parameters():  # also what starts at zero
        torch.nn.init.normal_(parameter, std=0.1)
    batch = batch_of(data, [*range(3)])
    log_probs, heard = task.recognizer(batch.y)
    durations, mel = task.durations(batch, log_probs, heard)
    assert not durations.requires_grad
    assert not mel.requires_grad
    h, _ = task.network.read(batch.x)
    task.network.speak(h, durations)[0].sum().backward()
    assert all(p.grad is None for p in task.recognizer.parameters())


def test_a_network_of_other_letters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"network\.recognizer\.alphabet='abc' contradicts"):
        run(tmp_path / "x", "network.recognizer.alphabet=abc")


def test_predict_speaks_and_overwrites_nothing(
    trained: tuple[Path, dict[str, Any]], data: DataModule, task: Speaker, tmp_path: Path
) -> None:
    checkpoint = trained[0] / "checkpoints" / "best.ckpt"
    words = [f"ckpt_path={checkpoint}", "input=one two three", f"output={tmp_path / 'out'}"]
    command = [sys.executable, "-m", f"{PACKAGE}.predict", *words]
    first = subprocess.run(command, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    written = tmp_path / "out" / "one-two-three.wav"
    assert soundfile.info(written).samplerate == 8000
    before = written.read_bytes()
    with pytest.raises(UserError, match="nothing is overwritten"):
        list(task.answer(data, "one two three", tmp_path / "out"))
    assert written.read_bytes() == before
