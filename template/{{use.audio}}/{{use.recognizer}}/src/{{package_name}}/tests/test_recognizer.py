"""The recognizer: one frame for each 20 ms, and no say for silence behind the end."""

import math

import torch

from ..recognizer import FRAME_S, Recognizer
from ..recording import RATE_HZ


def make() -> Recognizer:
    torch.manual_seed(0)
    return Recognizer(
        alphabet="abcde", bands=20, hide_bands=4, width=8, depth=2, heads=2, taps=3, dropout=0.1
    )


def waves(*sizes: int) -> list[torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    return [0.3 * torch.randn(size, generator=rng) for size in sizes]


def test_starts_uniform() -> None:
    log_probs, _ = make()(torch.stack(waves(3000, 3000)))
    assert torch.allclose(log_probs, torch.full_like(log_probs, -math.log(9)))


def test_frames_are_20_ms() -> None:
    for size in (1, 79, 80, 160, 8000, 8001, 9999):
        log_probs, frames = make().eval()(waves(size)[0][None])
        assert frames.item() == log_probs.shape[1]
        assert abs(frames.item() - size / RATE_HZ / FRAME_S) <= 1


def test_silence_behind_a_wave_and_its_neighbors_change_nothing() -> None:
    net = make().eval()
    for parameter in net.parameters():  # also what starts at zero
        torch.nn.init.normal_(parameter, std=0.3)
    for size in (2000, 2039, 2040, 2080):
        short, long = waves(size, 5000)
        alone, frames = net(short[None])
        filled = torch.nn.utils.rnn.pad_sequence([short, long], batch_first=True)
        both, both_frames = net(filled)
        assert both_frames[0] == frames[0]
        assert torch.allclose(both[0, : frames[0]], alone[0], atol=1e-4)


def test_bands_are_hidden_in_training_only() -> None:
    net, x = make(), torch.stack(waves(3000))
    torch.nn.init.normal_(net.head.weight)
    assert not torch.equal(net(x)[0], net(x)[0])
    net.eval()
    assert torch.equal(net(x)[0], net(x)[0])
