"""Durations: every frame belongs to one letter, and letters are repeated as often as they last."""

import torch

from ..durations import read_durations, stretch
from ..tokens import PAD


def test_gaps_are_cut_in_the_middle() -> None:
    path = torch.tensor([PAD, 4, 4, PAD, PAD, PAD, 5, PAD])  # 20 ms each
    # silence 0-1, then 4 up to the middle of 3 to 6, then 5 until it is last heard, then silence
    assert read_durations(path, 15).tolist() == [2, 6, 6, 1]


def test_durations_sum_to_the_frames_and_no_letter_is_lost() -> None:
    rng = torch.Generator().manual_seed(0)
    for frames in range(30, 60):
        letters = torch.randint(4, 9, ((frames + 1) // 2,), generator=rng)
        path = letters.where(torch.rand(len(letters), generator=rng) < 0.7, PAD)
        found = read_durations(path, frames)
        assert found.sum() == frames
        assert found[1:-1].min() >= 1


def test_letters_are_repeated_as_long_as_they_last() -> None:
    h = torch.arange(1.0, 7.0).view(2, 3, 1)
    frames, place, real = stretch(h, torch.tensor([[2, 0, 3], [1, 1, 0]]))
    assert frames[:, :, 0].tolist() == [[1, 1, 3, 3, 3], [4, 5, 0, 0, 0]]
    assert real.tolist() == [[True] * 5, [True, True, False, False, False]]
    assert torch.allclose(place[0, :, 0], torch.tensor([1, 3, 2 / 3, 2, 10 / 3]) / 4)
    assert torch.allclose(place[0, :, 2], torch.tensor([0.2, 0.2, 0.3, 0.3, 0.3]))
