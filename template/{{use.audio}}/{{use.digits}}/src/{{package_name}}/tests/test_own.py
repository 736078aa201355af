"""Recordings of your own: of every sort in, the broken ones named."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ..config import build
from ..files.folder import Folder
from ..recording import RATE_HZ
from .conftest import configured


def own(path: Path, *overrides: str) -> Folder:
    """Build the data of a folder, as `train data=folder` would."""
    cfg = configured("data=folder", f"data.path={path}", "data.labels=required", *overrides)
    return build(cfg, "data", seed=0)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Make a folder with 15 good recordings in each of two classes."""
    rng = np.random.default_rng(0)
    for number in range(30):
        target = tmp_path / ("bark", "meow")[number % 2] / f"{number}.wav"
        target.parent.mkdir(exist_ok=True)
        soundfile.write(target, rng.normal(0, 0.1, 4000 + 200 * number), RATE_HZ)
    return tmp_path


def test_every_sort_is_used_or_named(sounds: Path) -> None:
    odd, rng = sounds / "bark", np.random.default_rng(1)
    noise = rng.normal(0, 0.1, (48000, 2))
    whole = (odd / "0.wav").read_bytes()
    (odd / "empty.wav").touch()
    (odd / "cut.flac").write_bytes(whole[:30])
    (odd / "text.mp3").write_text("no sound", "utf-8")
    (odd / "notes.txt").write_text("no sound", "utf-8")
    soundfile.write(odd / "nan.wav", np.full(8000, np.nan), 8000, subtype="FLOAT")
    soundfile.write(odd / "silent.wav", np.zeros(8000), 8000)
    soundfile.write(odd / "coarse.wav", noise[:, 0], 11025, subtype="PCM_U8")
    soundfile.write(odd / "fine.wav", noise, 96000, subtype="PCM_24")
    soundfile.write(odd / "short.wav", noise[:80, 0], 8000)
    soundfile.write(odd / "long.wav", rng.normal(0, 0.1, 600 * 2000), 2000)
    for suffix, rate_hz in (("mp3", 44100), ("ogg", 22050), ("flac", 16000)):
        soundfile.write(odd / f"packed.{suffix}", noise + rng.normal(0, 0.01), rate_hz)
    data = own(sounds)
    data.setup()
    bad = ("empty.wav", "cut.flac", "text.mp3", "notes.txt", "nan.wav", "silent.wav")
    assert {name for name, _ in data.left_out} == {f"bark/{name}" for name in bad}
    names = [name for split in data.splits.values() for name in split.groups]
    assert len(names) == 37
    x = data.splits["train"].x[:]
    assert (x.shape[1:], x.dtype) == ((RATE_HZ,), torch.float32)
    assert x.isfinite().all()
    assert x.abs().amax(dim=1).min() > 0


def test_the_length_is_a_setting(sounds: Path) -> None:
    data = own(sounds, "data.seconds=0.3")
    data.setup()
    assert data.splits["val"].x[0].shape == (0.3 * RATE_HZ,)


def test_a_noisy_recording_is_cut_where_the_clean_one_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(12):
        x = rng.normal(0, 0.01, 20000)
        x[9000 + 50 * number :][:4000] += rng.normal(0, 0.1, 4000)
        noisy = x + np.r_[np.full(5000, 0.5), np.zeros(15000)]  # loudest where nobody speaks
        for kind, wave in (("clean", x), ("noisy", noisy if number else noisy[:9000])):
            (tmp_path / kind).mkdir(exist_ok=True)
            soundfile.write(tmp_path / kind / f"{number}.wav", wave, RATE_HZ, subtype="FLOAT")
    data = own(tmp_path, "data.labels=ignored")
    data.setup()
    assert [name for name, _ in data.left_out] == ["clean/0.wav"]
    assert "1.12 s with noise" in data.left_out[0][1]
    for split in data.splits.values():
        assert torch.allclose(split.x[:], split.y[:], atol=1e-3)
