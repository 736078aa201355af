"""Clips at half their size: what is smooth survives, and means are kept."""

import torch

from ..datamodule import DataModule
from ..half import Half


def test_half_of_a_clip_keeps_its_mean(data: DataModule) -> None:
    x, form = data.splits["val"].x[:4], Half()
    small = form.encode(x)
    assert small.shape == (4, 1, 8, 16, 16)
    assert torch.allclose(small.mean(dim=(2, 3, 4)), x.mean(dim=(2, 3, 4)), atol=1e-5)
    assert torch.isclose(small[0, 0, 0, 0, 0], x[0, 0, 0, :2, :2].mean())


def test_a_slope_comes_back() -> None:
    line = torch.linspace(-1, 1, 32)
    x = line.view(1, 1, 1, 1, 32).expand(1, 3, 8, 32, 32)
    again = Half().decode(Half().encode(x))
    assert again.shape == x.shape
    assert torch.allclose(again[..., 1:-1], x[..., 1:-1], atol=1e-5)  # only the borders are flat


def test_frames_do_not_mix(data: DataModule) -> None:
    x, form = data.splits["val"].x[:1].clone(), Half()
    before = form.decode(form.encode(x))
    x[:, :, 3] = 0
    after = form.decode(form.encode(x))
    moved = (before - after).abs().amax(dim=(0, 1, 3, 4))
    assert moved.nonzero()[:, 0].tolist() == [3]
