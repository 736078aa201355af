"""The synthesizer: where it begins, and no say for what is filled in."""

import torch

from ..recognizer import Recognizer
from ..synthesizer import Synthesizer, losses
from ..tokens import pad


def make() -> Synthesizer:
    torch.manual_seed(0)
    shape = {"bands": 12, "width": 8, "heads": 2, "taps": 3, "dropout": 0.0}
    ear = Recognizer(**shape, alphabet="abcdefghijklmnop", depth=1, hide_bands=0)
    return Synthesizer(**shape, recognizer=ear, letter_depth=1, frame_depth=1)


def test_begins_with_silence_of_the_usual_length() -> None:
    mel, real = make()(pad([[1, 5, 6, 2], [1, 5, 2]]))
    assert mel.shape == (2, 24, 12)
    assert real.sum(dim=1).tolist() == [24, 18]
    assert not mel.any()


def test_neither_filling_nor_neighbors_matter() -> None:
    net = make().eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    durations = torch.tensor([[2, 3, 4, 1]])
    alone, _ = net.speak(net.read(pad([[1, 5, 6, 2]]))[0], durations)
    x, longer = pad([[1, 5, 6, 2], [1, 7, 8, 9, 5, 2]]), torch.tensor([[2, 3, 4, 1, 0, 0], [5] * 6])
    both, _ = net.speak(net.read(x)[0], longer)
    assert torch.allclose(both[0, :10], alone[0], atol=1e-4)


def test_losses_are_those_of_the_formula() -> None:
    net, x = make(), pad([[1, 5, 2], [1, 5, 6, 2]])
    durations = torch.tensor([[6, 6, 6, 0], [6, 6, 12, 6]])
    mel = torch.full((2, 30, 12), 0.5)  # the network says 0, and 6 frames each
    found = losses(net, x, durations, mel, 0.3)
    off = 0.3 * torch.log(torch.tensor(2.0)).square() / 4
    assert torch.allclose(found, torch.tensor([0.5, 0.5 + off]), atol=1e-5)
    wider = torch.nn.functional.pad(durations, (0, 3)), torch.nn.functional.pad(mel, (0, 0, 0, 9))
    filled = losses(net, torch.nn.functional.pad(x, (0, 3)), *wider, 0.3)  # as a TPU is given it
    assert torch.allclose(filled, found, atol=1e-5)
