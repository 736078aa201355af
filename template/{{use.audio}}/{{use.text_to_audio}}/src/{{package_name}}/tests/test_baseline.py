"""Average letters: what is known between neighbors, and what is not."""

import torch

from ..baseline import AverageLetters, neighbors
from ..datamodule import DataModule, Split
from ..recognizer import HOP
from ..speaker import Speaker
from ..tokens import PAD, pad
from ..waves import extent


def test_a_letter_is_told_by_its_neighbors() -> None:
    x = pad([[1, 5, 6, 2], [1, 5, 7, 2], [1, 5, 6, 2]])
    found = neighbors(x, 20)
    assert torch.equal(found[0], found[2])
    assert (found[0] == found[1]).tolist() == [True, False, False, False]


def test_every_letter_of_training_has_a_sound(task: Speaker, data: DataModule) -> None:
    few = type(data)(batch_size=16, alphabet=task.alphabet.letters)  # type: ignore[call-arg]
    x, y, groups = data.splits["train"]
    few.splits = {"train": Split(x[:32], y[:32], groups[:32])}
    baseline = AverageLetters(name="x").fit(few, task.eval())
    assert baseline.known(x[:32][x[:32] != PAD]).all()
    assert not baseline.known(torch.tensor([task.alphabet.size - 1 + 2 * 20**3])).any()
    # durations share out all frames, so letters times durations are the frames
    every = baseline.place(neighbors(x[:32], task.alphabet.size)[x[:32] != PAD])
    frames = (1 + extent(y[:32]) // HOP).sum()
    assert torch.isclose(baseline.durations[every].sum(), frames.float(), rtol=1e-4)
    waves = baseline.predict(x[:4])
    assert len(waves) == 4
    assert torch.isfinite(waves).all()
