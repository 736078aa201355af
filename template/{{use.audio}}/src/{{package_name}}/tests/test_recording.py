"""Recordings of any sort become one wave at one rate; what is none is refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ..errors import UserError
from ..recording import RATE_HZ, fit, read
from ..view import save, show


def tone(rate_hz: int, seconds: float = 0.5, channels: int = 1) -> np.ndarray:
    time_s = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.tile(0.5 * np.sin(2 * np.pi * 440 * time_s)[:, None], channels).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 16000, 22255, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_rate_reads_alike(rate_hz: int, channels: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(rate_hz, channels=channels), rate_hz)
    x = read(tmp_path / "x.wav")
    expected = torch.from_numpy(tone(RATE_HZ)[:, 0])
    assert x.dtype == torch.float32
    assert len(x) == pytest.approx(len(expected), abs=5)
    assert torch.allclose(x[500:1000], expected[500:1000], atol=0.02 if rate_hz != 22255 else 0.1)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_every_format_is_read(suffix: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / f"x.{suffix}", tone(16000), 16000)
    x = read(tmp_path / f"x.{suffix}")
    assert x[500:3000].abs().max().item() == pytest.approx(0.5, abs=0.03)


def test_opposite_channels_are_averaged(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", tone(8000, channels=2) * [1, -1], 8000)
    assert read(tmp_path / "x.wav").abs().max() < 1e-4


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whole.wav", tone(8000), 8000)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("not a recording")
    (tmp_path / "header.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[:44])
    (tmp_path / "cut.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[:20])
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 1)), 8000)
    broken = tone(8000)
    broken[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", broken, 8000, subtype="FLOAT")
    (tmp_path / "folder.wav").mkdir()
    for name in ("empty", "text", "header", "cut", "none", "nan", "folder", "missing"):
        with pytest.raises(UserError, match=f"{name}.wav") as caught:
            read(tmp_path / f"{name}.wav")
        assert "\n" not in str(caught.value)


def test_a_long_wave_is_cut_to_its_loudest_stretch() -> None:
    x = torch.zeros(100)
    x[60:70] = 1
    x[10] = 3  # one loud click has less energy than ten samples of 1
    assert torch.equal(fit(x, 10), torch.ones(10))
    assert len(fit(x, 99)) == 99


def test_a_short_wave_stands_in_the_middle_of_silence() -> None:
    assert fit(torch.ones(2), 6).tolist() == [0, 0, 1, 1, 0, 0]
    assert fit(torch.ones(3), 6).tolist() == [0, 1, 1, 1, 0, 0]
    assert torch.equal(fit(torch.arange(6.0), 6), torch.arange(6.0))


def test_a_saved_wave_reads_back_the_same(tmp_path: Path) -> None:
    x = torch.from_numpy(tone(RATE_HZ)[:, 0])
    save(x, tmp_path / "x.wav")
    assert torch.allclose(read(tmp_path / "x.wav"), x, atol=1e-4)
    save(4 * x, tmp_path / "loud.wav")  # made quieter, not clipped
    assert torch.allclose(read(tmp_path / "loud.wav"), 2 * x, atol=1e-3)


def test_a_tone_shows_as_one_bright_line() -> None:
    picture = show(torch.from_numpy(tone(RATE_HZ)[:, 0]))
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    line = picture[:, 10:20].sum(axis=(1, 2)).argmax()
    assert line > 0.6 * len(picture)  # 440 Hz lies low, and low is at the bottom
    assert show(torch.zeros(1)).shape[2] == 3
