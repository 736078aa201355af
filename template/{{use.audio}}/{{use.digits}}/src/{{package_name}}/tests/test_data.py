"""Spoken digits: who says what in which split, and files as examples."""

from collections import Counter
from pathlib import Path

import pytest
import soundfile
import torch

from ..data import LENGTH, Digits, plan, run_on
from ..datamodule import DataModule
from ..errors import UserError
from ..recording import RATE_HZ, play
from ..voices import VOICES


def test_each_voice_says_each_digit_equally_often() -> None:
    script = plan()
    assert {name: len(said) for name, said in script.items()} == dict(test=600, val=320, train=2400)
    for said in script.values():
        counts = Counter((u.text, u.voice.partition("+")[2]) for u in said)
        assert len(set(counts.values())) == 1
    assert {u.voice.partition("+")[2] for said in script.values() for u in said} == set(VOICES)


def test_clips_are_a_second_as_loud_as_people_record(data: DataModule) -> None:
    for split in data.splits.values():
        assert (split.x.dtype, split.x.shape[1:]) == (torch.float32, (LENGTH,))
        peak = split.x.abs().amax(dim=1)
        assert peak.min() > 0.05  # of running speech, the loudest word may have been cut off
        assert peak.max() <= 0.451


def test_running_speech_begins_with_the_word_and_keeps_to_its_voice() -> None:
    words = [torch.full((3000,), 1.0 + i) for i in range(4)]
    x = run_on(words, ["a", "b", "a", "b"], torch.Generator().manual_seed(0))
    assert x[:, 0].tolist() == [1, 2, 3, 4]
    assert set(x[::2].unique().tolist()) <= {1, 3}
    assert set(x[1::2].unique().tolist()) <= {2, 4}


def test_moving_a_clip_keeps_its_samples() -> None:
    plain = Digits(running=False, seconds=1, shift_s=0.1, level_db=6, speeds=[1], batch_size=50)
    x = torch.randn(50, LENGTH, generator=torch.Generator().manual_seed(0))
    moved = plain.augment(x, torch.Generator().manual_seed(0))
    assert not torch.equal(moved, x)
    gain = moved.norm(dim=1) / x.norm(dim=1)
    assert 10 ** (-6 / 20) <= gain.min()
    assert gain.max() <= 10 ** (6 / 20)
    assert len(gain.unique()) > 40
    one, other = (u.abs().sort(dim=1).values for u in (moved / gain[:, None], x))
    assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("speed", [0.8, 1, 1.25])
def test_faster_is_higher(speed: float) -> None:
    tone = torch.sin(torch.arange(LENGTH) / RATE_HZ * 2 * torch.pi * 800)[None]
    x = play(tone, speed, LENGTH)
    assert x.shape == tone.shape
    power = torch.fft.rfft(x).abs()[0]
    assert int(power.argmax()) == pytest.approx(800 * speed, abs=3)


@pytest.mark.parametrize("seconds", [0.01, 0.3, 1.0, 4.7])
def test_a_file_of_any_length_is_an_example(seconds: float, data: Digits, tmp_path: Path) -> None:
    wave = torch.randn(round(16000 * seconds), generator=torch.Generator().manual_seed(0)) / 10
    soundfile.write(tmp_path / "x.wav", wave.numpy(), 16000)
    x = data.read(tmp_path / "x.wav")
    assert len(x) == (round(seconds * RATE_HZ) if data.running else LENGTH)


def test_silence_holds_no_word(data: Digits, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", torch.zeros(100).numpy(), 8000)
    if data.running:
        assert not data.read(tmp_path / "x.wav").any()
    else:
        with pytest.raises(UserError, match=r"x\.wav is silent"):
            data.read(tmp_path / "x.wav")
