"""Spectrum, network and baseline: identities, any length, and known noise."""

import pytest
import torch

from ..baseline import Subtraction, color
from ..errors import UserError
from ..masker import Masker
from ..spectrum import FLOOR, analyze, compress, magnitude, quiet, synthesize

SIZES = dict(window=512, hop=128, width=8, multiples=[1, 2], depth=1, patch=[8, 2])


def waves(length: int, count: int = 2) -> torch.Tensor:
    return torch.randn(count, length, generator=torch.Generator().manual_seed(0)) / 10


def make(stretch_s: float = 2) -> Masker:
    """A network that does something to its input."""
    torch.manual_seed(0)
    net = Masker(stretch_s=stretch_s, **SIZES).eval()  # type: ignore[arg-type]
    torch.nn.init.normal_(next(net.head.parameters()), std=0.1)
    return net


@pytest.mark.parametrize("length", [1, 100, 8000, 8001])
@pytest.mark.parametrize("hop", [128, 150, 256])
def test_synthesis_undoes_analysis(length: int, hop: int) -> None:
    x = waves(length)
    assert torch.allclose(synthesize(analyze(x, 512, hop), hop, length), x, atol=1e-6)


def test_synthesis_is_that_of_torch_and_so_is_its_gradient() -> None:
    spectrum, window = analyze(waves(8000), 512, 128), torch.hann_window(512)
    gain, weight = torch.rand(spectrum.shape), waves(8000)
    found = []
    for back in (
        lambda s: synthesize(s, 128, 8000),
        lambda s: torch.istft(s, 512, 128, window=window, length=8000),
    ):
        given = gain.clone().requires_grad_()
        out = back(given * spectrum)  # no wave has this spectrum
        (gradient,) = torch.autograd.grad(out, given, weight)
        found.append((out.detach(), gradient))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("hop", [0, 257])
def test_frames_that_do_not_overlap_are_refused(hop: int) -> None:
    with pytest.raises(UserError, match=f"hop={hop} .* 1 to 256"):
        synthesize(analyze(waves(8000), 512, 128), hop, 8000)


def test_magnitude_is_that_of_torch_and_has_a_gradient_at_nothing() -> None:
    spectrum = analyze(waves(8000), 512, 128).requires_grad_()
    loud = spectrum.abs().clamp_min(FLOOR)
    torch.testing.assert_close(magnitude(spectrum), loud)
    one, two = (torch.autograd.grad(m.sum(), spectrum)[0] for m in (magnitude(spectrum), loud))
    torch.testing.assert_close(one, two)
    nothing = torch.zeros(1, dtype=torch.complex64, requires_grad=True)
    assert magnitude(nothing).item() == pytest.approx(FLOOR)
    assert torch.autograd.grad(magnitude(nothing), nothing)[0].item() == 0


@pytest.mark.parametrize("length", [1, 100, 8000, 20_001, 40_000])
def test_starts_as_the_identity_at_any_length(length: int) -> None:
    x = waves(length)
    assert torch.allclose(Masker(stretch_s=2, **SIZES)(x), x, atol=1e-6)  # type: ignore[arg-type]


def test_the_level_does_not_matter() -> None:
    x = waves(8000)
    assert torch.allclose(make()(100 * x) / 100, make()(x), atol=1e-4)
    assert not make()(torch.zeros(1, 500)).any()


def test_examples_do_not_mix() -> None:
    x = waves(8000, count=3)
    other = x.clone()
    other[1] = 0
    with torch.no_grad():
        assert torch.allclose(make()(x)[[0, 2]], make()(other)[[0, 2]], atol=1e-6)
        assert torch.allclose(make()(x)[2:], make()(x[2:]), atol=1e-6)


def test_a_stretch_knows_nothing_of_what_is_far_away() -> None:
    net, x = make(stretch_s=0.5), waves(40_000)
    other = x.clone()
    other[:, 30_000:] = 1
    with torch.no_grad():
        one, two = net(x), net(other)
        assert torch.equal(one[:, :20_000], two[:, :20_000])
        assert not torch.allclose(one, x, atol=1e-3)
        assert one.isfinite().all()


def test_quiet_frames_tell_the_noise() -> None:
    magnitude = torch.full((1, 3, 10), 7.0)
    magnitude[:, :, 4:6] = 2  # a fifth of the frames
    assert quiet(magnitude).tolist() == [[[2.0]] * 3]


def test_compression_keeps_the_phase() -> None:
    spectrum = torch.polar(torch.full((1, 2, 2), 16.0), torch.full((1, 2, 2), 0.5))
    found = torch.view_as_complex(compress(spectrum))
    assert torch.allclose(found.abs(), torch.full((1, 2, 2), 16.0**0.3))
    assert torch.allclose(found.angle(), spectrum.angle())


def test_subtraction_removes_steady_noise_and_keeps_the_rest() -> None:
    noise = torch.randn(1, 16_000, generator=torch.Generator().manual_seed(1))
    tone = torch.zeros(1, 16_000)
    tone[:, 8000:] = 20 * torch.sin(torch.arange(8000) * 2 * torch.pi * 500 / 8000)
    baseline = Subtraction(window=512, hop=128)
    spectrum = analyze(noise + tone, 512, 128)
    out = baseline.subtract(spectrum, torch.tensor([[6.0, 0.0]]), 16_000)
    assert out[:, :7000].square().mean() < 0.1  # of 1 before
    assert torch.allclose(out[:, 9000:15_000], tone[:, 9000:15_000], atol=2)


def test_the_color_of_noise_does_not_depend_on_its_level() -> None:
    spectrum = analyze(waves(8000), 512, 128)
    assert torch.allclose(color(5 * spectrum), color(spectrum), atol=1e-4)
