"""From spectrogram to wave and back, and distances at any pace."""

import math

import numpy as np
import pytest
import torch

from ..mel import LogMel
from ..recording import RATE_HZ
from ..vocoder import Vocoder
from ..warp import warp


def chirp(samples: int) -> torch.Tensor:
    t = torch.arange(samples) / RATE_HZ
    return 0.3 * torch.sin(2 * math.pi * (300 + 900 * t) * t)


def test_a_wave_comes_back_with_its_spectrogram() -> None:
    mel = LogMel(bands=48, hop=80)
    truth = mel(chirp(4000)[None])[:, 0].mT
    back = Vocoder(mel)(truth, torch.ones(truth.shape[:2], dtype=torch.bool))
    assert back.shape == (1, 80 * truth.shape[1])
    again = mel(back)[:, 0].mT[:, : truth.shape[1]]
    loud = truth > truth.amax() - 1  # within 17 dB of the loudest
    assert (again - truth)[loud].abs().mean() < 0.15
    assert (truth - truth.mean()).abs().mean() > 0.5  # what silence or noise would miss by


def test_filling_is_silent_and_changes_nothing() -> None:
    mel = LogMel(bands=48, hop=80)
    vocoder, truth = Vocoder(mel), mel(chirp(4000)[None])[:, 0].mT
    size = truth.shape[1]
    alone = vocoder(truth, torch.ones(1, size, dtype=torch.bool))
    filled = torch.nn.functional.pad(truth, (0, 0, 0, 20), value=1.0)
    beside = vocoder(filled, torch.arange(size + 20)[None] < size)
    assert torch.allclose(beside[:, : 80 * size], alone, atol=1e-3)
    assert not beside[:, 80 * size :].any()


def test_another_pace_costs_nothing() -> None:
    a = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    assert warp(a, a) == 0
    assert warp(a, a.repeat(2, axis=0)) == 0
    assert warp(a, a[::-1]) > 1


def test_a_warping_is_the_best_of_all() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4, 2)), rng.normal(size=(5, 2))
    far = np.abs(a[:, None] - b[None]).mean(axis=2)

    def best(i: int, j: int) -> float:
        if i < 0 or j < 0:
            return math.inf
        if i == j == 0:
            return 2 * far[0, 0]
        steps = (best(i - 1, j), best(i, j - 1), best(i - 1, j - 1) + far[i, j])
        return min(steps) + far[i, j]

    assert warp(a, b) == pytest.approx(best(3, 4))
