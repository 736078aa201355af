"""Noise for waves, how near a wave is to another, and the objective: values known beforehand."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ..data import plan
from ..denoiser import Denoiser
from ..fidelity import fidelity
from ..noise import Babble, Pink, White, mix, phrases
from ..objective import Distortion


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_si_sdr_of_known_errors() -> None:
    time = torch.arange(8000) / 8000
    x, other = (torch.sin(2 * torch.pi * hz * time)[None] for hz in (200, 300))  # orthogonal
    for share, decibels in ((1.0, 0.0), (0.1, 20.0), (0.01, 40.0)):
        assert fidelity(x + share * other, x)["si_sdr_db"].item() == pytest.approx(
            decibels, abs=0.01
        )
        # louder or softer, turned over, or beside zero: all the same
        assert fidelity(-3 * (x + share * other) + 0.5, x)["si_sdr_db"].item() == pytest.approx(
            decibels, abs=0.01
        )
    assert fidelity(x, x)["si_sdr_db"].item() > 60


def test_noise_has_the_given_ratio() -> None:
    x = torch.randn(4, 8000, generator=generator(1)) / 10
    for decibels in (-5, 0, 10):
        noise = (
            mix(x, torch.randn(4, 8000, generator=generator(2)), [decibels] * 2, generator()) - x
        )
        ratio = x.square().mean(dim=1) / noise.square().mean(dim=1)
        assert (10 * ratio.log10()).tolist() == pytest.approx([decibels] * 4, abs=1e-3)


def octave(kind: Callable[[Tensor, torch.Generator], Tensor], low: int, high: int) -> float:
    """Return the power between two frequencies in Hz."""
    x = torch.full((20, 8000), 1e-3)
    power = torch.fft.rfft(kind(x, generator()) - x).abs().square().mean(dim=0)
    return power[low:high].sum().item()


def test_white_noise_doubles_by_octave_and_pink_does_not() -> None:
    white, pink = White(snr_db=[0, 0]), Pink(snr_db=[0, 0])
    assert octave(white, 1000, 2000) / octave(white, 500, 1000) == pytest.approx(2, rel=0.1)
    assert octave(pink, 1000, 2000) / octave(pink, 500, 1000) == pytest.approx(1, rel=0.1)


def test_the_crowd_of_evaluation_is_never_heard_in_training() -> None:
    data = {u.voice.partition("+")[2] for said in plan().values() for u in said}
    train, other = (
        {u.voice.partition("+")[2] for u in phrases(c)} for c in ("training", "evaluation")
    )
    assert train <= {u.voice.partition("+")[2] for u in plan()["train"]}
    assert not other & data


def test_babble_follows_train_and_eval(task: Denoiser) -> None:
    babble, x = task.noise["babble"], torch.ones(2, 8000)
    assert isinstance(babble, Babble)
    task.train()
    one = babble(x, generator())
    task.eval()
    other = babble(x, generator())
    assert not torch.equal(one, other)
    longer = babble.num_voices * torch.cat([babble.tape("evaluation")] * 2)[None, :].shape[1]
    assert babble(torch.ones(1, longer), generator()).isfinite().all()  # longer than the tape


def test_objective_sees_distortion_and_level() -> None:
    x = torch.randn(3, 4000, generator=generator(1)) / 10
    noisy = mix(x, torch.randn(3, 4000, generator=generator(2)), [10, 10], generator())
    decibels = fidelity(noisy, x)["si_sdr_db"]
    assert torch.allclose(Distortion(spectral=0).losses(noisy, x), -decibels / 10)
    level = Distortion(spectral=1).losses(2 * noisy, x) - Distortion(spectral=1).losses(noisy, x)
    assert (level > 0.1).all()
    # of an example by itself
    assert torch.allclose(
        Distortion(spectral=1).losses(noisy, x)[1:2],
        Distortion(spectral=1).losses(noisy[1:2], x[1:2]),
        atol=1e-5,
    )


def test_silence_has_a_finite_gradient() -> None:
    guess = torch.zeros(1, 4000, requires_grad=True)
    Distortion(spectral=1).losses(guess, torch.randn(1, 4000)).sum().backward()
    assert guess.grad is not None and guess.grad.isfinite().all()
