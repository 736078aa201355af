"""Video denoising: scores, baseline and frame-by-frame network against values known beforehand."""

import math

import pytest
import torch

from ..baseline import Blur, blur
from ..config import build, compose
from ..data import Camera
from ..datamodule import DataModule, Split
from ..denoiser import Denoiser
from ..fidelity import fidelity
from .conftest import batch_of


def test_a_film_scores_as_the_mean_of_its_frames(data: DataModule) -> None:
    x = batch_of(data, [0, 20]).x
    guess = x + 0.2 * torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    ssim = fidelity(guess, x)["ssim"]
    each = torch.stack([fidelity(guess[:, :, t], x[:, :, t])["ssim"] for t in range(8)])
    assert ssim.tolist() == pytest.approx(each.mean(dim=0).tolist(), abs=1e-6)
    assert fidelity(x, x)["psnr_db"].tolist() == [math.inf] * 2
    # an error of 0.2 in a range of 2: 20 log10(2 / 0.2) = 20 dB
    assert fidelity(0 * x + 0.2, 0 * x)["psnr_db"].tolist() == pytest.approx([20.0] * 2, abs=1e-4)


def test_the_noise_is_that_of_the_literature(task: Denoiser) -> None:
    grey = torch.zeros(1, 3, 8, 64, 64)
    noisy = task.corrupt(grey, torch.Generator().manual_seed(0))
    # 25 of 255 grey levels: 20 log10(255 / 25) = 20.17 dB
    assert fidelity(noisy, grey)["psnr_db"].item() == pytest.approx(20.17, abs=0.05)


def test_frame_by_frame_looks_at_no_other_frame(data: DataModule) -> None:
    network = build(compose("network=unet2d"), "network").eval()
    torch.nn.init.normal_(network.head.weight, std=0.1)
    x = batch_of(data, [0, 20]).x
    other = x.clone()
    other[:, :, 3] = 0.0
    before, after = network(x), network(other)
    assert before.shape == x.shape
    assert not torch.allclose(before[:, :, 3], after[:, :, 3])
    rest = [t for t in range(8) if t != 3]
    assert torch.allclose(before[:, :, rest], after[:, :, rest], atol=1e-5)


def test_the_network_looks_at_neighbors(task: Denoiser, data: DataModule) -> None:
    torch.nn.init.normal_(task.network.get_parameter("head.weight"), std=0.1)
    x = batch_of(data, [0]).x
    other = x.clone()
    other[:, :, 3] = 0.0
    assert not torch.allclose(task.network(x)[:, :, 2], task.network(other)[:, :, 2])


def test_a_blur_keeps_what_is_even_and_spreads_what_is_not() -> None:
    assert torch.allclose(blur(torch.ones(1, 3, 8, 16, 16), 0.8, 0.8), torch.tensor(1.0))
    point = torch.zeros(1, 1, 9, 17, 17)
    point[0, 0, 4, 8, 8] = 1
    spread = blur(point, 0.0, 0.8)[0, 0]
    assert spread.sum().item() == pytest.approx(1.0, abs=1e-5)
    assert spread[3].abs().max() == 0  # no width in time: no other frame
    assert blur(point, 0.8, 0.0)[0, 0, 3, 8, 8] > 0.1


def test_the_blur_of_least_error_is_taken(task: Denoiser, data: DataModule) -> None:
    few = Camera(turn=False, batch_size=4)
    still = data.splits["val"].x[:1].mean(dim=(3, 4), keepdim=True).expand(1, 3, 8, 32, 32)
    few.splits = {"val": Split(still, torch.zeros(1).long(), [""])}
    fitted = Blur().fit(few, task)
    assert (fitted.time, fitted.space) == (1.0, 1.0)  # an even picture: the widest is best


@pytest.mark.parametrize("name", ["unet", "unet2d"])
def test_an_untrained_network_takes_the_mean(name: str, data: DataModule) -> None:
    network, point = build(compose(f"network={name}"), "network"), torch.zeros(1, 3, 8, 16, 16)
    point[:, :, 3, 7, 7] = 27.0
    restored = network(point)
    assert restored[0, 0, 3, 7, 7].item() == pytest.approx(1.0 if name == "unet" else 3.0)
    assert (restored[0, 0, 2, 7, 7] == 0) == (name == "unet2d")
    assert torch.allclose(network(torch.ones_like(point)), torch.tensor(1.0))  # edges, too
