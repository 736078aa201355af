"""Image noise, fidelity and baseline against values that are known beforehand."""

import math

import pytest
import torch

from ..fidelity import fidelity
from ..likelihood import SquaredError
from ..noise import Gaussian


def test_a_perfect_guess_has_infinite_psnr() -> None:
    x = torch.rand(2, 1, 28, 28) * 2 - 1
    scores = fidelity(x, x)
    assert scores["psnr_db"].tolist() == [math.inf] * 2
    assert scores["ssim"].tolist() == pytest.approx([1.0] * 2)


def test_psnr_of_a_known_error() -> None:
    x = torch.zeros(1, 1, 28, 28)
    # an error of 0.2 in a range of 2: 20 log10(2 / 0.2) = 20 dB
    assert fidelity(x + 0.2, x)["psnr_db"].item() == pytest.approx(20.0, abs=1e-4)


def test_noise_has_the_given_power_where_nothing_is_clipped() -> None:
    x = torch.zeros(1, 1, 400, 400)
    noisy = Gaussian(sigma=0.1)(x, torch.Generator().manual_seed(0))
    assert noisy.std().item() == pytest.approx(0.1, rel=0.02)


def test_squared_error_is_the_mean_over_pixels() -> None:
    pred, x = (
        torch.zeros(2, 1, 2, 2),
        torch.tensor([1.0, 3.0])[:, None, None, None].expand(2, 1, 2, 2),
    )
    assert SquaredError().losses(pred, x).tolist() == [1.0, 9.0]
