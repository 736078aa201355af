"""Hearing: the spectrogram is torchaudio's, parts of it are hidden in training only."""

from typing import Any

import torch
import torchaudio

from ..features import features
from ..listener import Listener
from ..mel import FLOOR, HOP, LOWEST_HZ, MEAN, STD, WINDOW, LogMel
from ..recording import RATE_HZ


def waves(count: int = 3) -> torch.Tensor:
    return torch.randn(count, RATE_HZ, generator=torch.Generator().manual_seed(0)) / 10


def make(**sizes: Any) -> Listener:
    torch.manual_seed(0)
    usual: dict[str, Any] = {"hide_bands": 8, "hide_frames": 12, "outputs": 5, "width": 8}
    usual |= {"multiples": [1, 2], "depth": 1, "patch": [2, 2], "dropout": 0.0}
    net = Listener(bands=40, **usual | sizes)
    torch.nn.init.normal_(next(net.head.parameters()))
    return net


def test_the_mel_spectrogram_by_its_definition() -> None:
    x = waves()
    padded = torch.nn.functional.pad(x, (WINDOW // 2, WINDOW // 2))
    frames = padded.unfold(1, WINDOW, HOP) * torch.hann_window(WINDOW)  # [B, T, W]
    power = torch.fft.rfft(frames).abs().square()
    bank = torchaudio.functional.melscale_fbanks(
        WINDOW // 2 + 1, LOWEST_HZ, RATE_HZ / 2, 40, RATE_HZ
    )
    expected = ((power @ bank + FLOOR).log() - MEAN) / STD
    assert torch.allclose(LogMel(bands=40)(x)[:, 0], expected.transpose(1, 2), atol=1e-4)


def test_examples_do_not_mix_and_any_length_is_heard() -> None:
    net, x = make().eval(), waves()
    with torch.no_grad():
        assert torch.allclose(net(x)[1:2], net(x[1:2]), atol=1e-5)
        assert net(x[:, :1]).shape == net(torch.cat([x, x], dim=1)).shape == (3, 5)


def test_parts_are_hidden_in_training_alone() -> None:
    net, x = make(), waves()
    torch.manual_seed(1)
    one, two = net(x), net(x)
    assert not torch.allclose(one, two)  # each time others
    torch.manual_seed(1)
    assert torch.equal(one, net(x))
    net.eval()
    assert torch.equal(net(x), net(x))
    bare = make(hide_bands=0, hide_frames=0)
    assert torch.allclose(bare(x), net(x), atol=1e-6)


def test_features_are_statistics_of_each_clip() -> None:
    x = waves(130)  # more than are computed at a time
    found = features([x[:70], x[70:]])
    assert found.shape == (130, 160)
    mel = LogMel(bands=40)(x[7:8])[0, 0]
    assert torch.allclose(torch.from_numpy(found[7, :40]), mel.mean(dim=1), atol=1e-5)
    assert torch.allclose(torch.from_numpy(found[7, 80:120]), mel.amax(dim=1), atol=1e-5)
