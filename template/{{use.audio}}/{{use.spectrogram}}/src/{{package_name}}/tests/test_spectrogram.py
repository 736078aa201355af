"""Spectrograms of words: wherever and however loud they are said, and back to a wave."""

import torch

from ..datamodule import DataModule
from ..spectrogram import BANDS, FRAMES, LENGTH, PEAK, Spectrogram


def test_place_and_level_of_a_word_do_not_matter(data: DataModule) -> None:
    x, form = data.splits["val"].x[:4], Spectrogram()
    moved = torch.nn.functional.pad(0.3 * x, (500, 0))
    assert form.encode(x).shape == (4, 1, BANDS, FRAMES)
    assert torch.allclose(form.encode(x), form.encode(moved), atol=1e-4)


def test_silence_is_the_floor_and_a_word_at_the_end_is_filled_up() -> None:
    form = Spectrogram()
    assert form.encode(torch.zeros(1, 8000)).unique().tolist() == [-1.0]
    late = torch.zeros(1, 8000)
    late[0, -100:] = torch.randn(100)
    assert (form.encode(late)[0, 0, :, 10:] == -1.0).all()


def test_a_tone_is_heard_again_at_its_pitch() -> None:
    time = torch.arange(LENGTH) / 8000
    x, form = torch.sin(2 * torch.pi * 1000 * time)[None], Spectrogram()
    wave = form.decode(form.encode(x))
    assert wave.shape[0] == 1
    assert torch.isclose(wave.abs().max(), torch.tensor(PEAK))
    loudest = torch.fft.rfft(wave[0]).abs().argmax() * 8000 / wave.shape[1]
    assert abs(loudest.item() - 1000) < 150
