"""Spectrograms of words: wherever and however loud they are said, and back to a wave."""

import pytest
import torch
import torch.nn.functional as F

from ..datamodule import DataModule
from ..recording import RATE_HZ
from ..spectrogram import BANDS, FRAMES, LENGTH, PEAK, Spectrogram


def test_place_and_level_of_a_word_do_not_matter(data: DataModule) -> None:
    x, form = data.splits["val"].x[:4], Spectrogram()
    moved = F.pad(0.3 * x, (500, 0))
    assert form.encode(x).shape == (4, 1, BANDS, FRAMES)
    assert torch.allclose(form.encode(x), form.encode(moved), atol=1e-4)


def test_words_differ_more_than_they_suffer_by_the_way_back(data: DataModule) -> None:
    form = Spectrogram()
    x = form.encode(data.splits["val"].x[:20])
    again = form.encode(form.decode(x))
    miss = torch.cdist(again.flatten(1), x.flatten(1))
    assert miss.argmin(dim=1).tolist() == [*range(20)]
    assert miss.diagonal().median() < 0.5 * miss.median()


def test_silence_is_the_floor_and_a_word_at_the_end_is_filled_up() -> None:
    form = Spectrogram()
    assert form.encode(torch.zeros(1, RATE_HZ)).unique().tolist() == [-1.0]
    late = torch.zeros(1, RATE_HZ)
    late[0, -100:] = torch.randn(100)
    assert (form.encode(late)[0, 0, :, 10:] == -1.0).all()


@pytest.mark.parametrize("pitch_hz", [500, 1000, 2500])
def test_a_tone_is_heard_again_at_its_pitch(pitch_hz: int) -> None:
    time = torch.arange(LENGTH) / RATE_HZ
    x, form = torch.sin(2 * torch.pi * pitch_hz * time)[None], Spectrogram()
    wave = form.decode(form.encode(x))
    assert wave.shape[0] == 1
    assert torch.isclose(wave.abs().max(), torch.tensor(PEAK))
    loudest = torch.fft.rfft(wave[0]).abs().argmax() * RATE_HZ / wave.shape[1]
    assert abs(loudest.item() - pitch_hz) < 150
