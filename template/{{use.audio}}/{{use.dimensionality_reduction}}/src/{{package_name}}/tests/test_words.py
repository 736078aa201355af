"""Spectrograms of words as what is reduced: levels in decibels, and files of any sort."""

from pathlib import Path

import pytest
import soundfile
import torch

from ..datamodule import DataModule
from ..fidelity import fidelity
from ..reducer import Reducer
from ..spectrogram import BANDS, FRAMES, RANGE_DB, Spectrogram


def test_levels_are_counted_in_decibels() -> None:
    form, time = Spectrogram(), torch.arange(8000) / 8000
    loud = torch.sin(2 * torch.pi * 1000 * time)[None]
    x = form.encode(loud)
    assert fidelity(x, x)["level_db_error"].item() < 1e-4  # decibels
    assert fidelity(x + 10, torch.ones_like(x))["level_db_error"].item() == 0  # cut to what can be
    apart = fidelity(torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 0.5))["level_db_error"]
    assert apart.tolist() == pytest.approx([RANGE_DB / 4] * 2)


@pytest.mark.parametrize("rate_hz", [8000, 44100])
def test_a_recording_has_the_code_of_its_word(
    rate_hz: int, task: Reducer, data: DataModule, tmp_path: Path
) -> None:
    wave = torch.sin(2 * torch.pi * 700 * torch.arange(rate_hz // 3) / rate_hz)
    for name, gain, before in (("plain", 1.0, 0.0), ("soft and late", 0.1, 0.4)):
        silence = torch.zeros(round(before * rate_hz))
        soundfile.write(
            tmp_path / f"{name}.wav", torch.cat([silence, gain * wave]).numpy(), rate_hz
        )
    with torch.no_grad():
        both = [task.encode(data.read(file)[None]) for file in sorted(tmp_path.iterdir())]
        z = [task.network.encode(x) for x in both]
    assert both[0].shape == (1, 1, BANDS, FRAMES)
    assert (both[0] - both[1]).abs().mean() < 0.01
    assert torch.allclose(z[0], z[1], atol=0.05)
