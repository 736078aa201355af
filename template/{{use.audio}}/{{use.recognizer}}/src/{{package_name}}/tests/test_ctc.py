"""Letters from frames: the loss against a sum over every path, reading, and alignment."""

import itertools
import math

import pytest
import torch

from ..ctc import Span, align, best_path, losses, read, spans, spell
from ..edits import edit_errors
from ..tokens import PAD, lengths, pad

VOCAB = 7


def random_log_probs(rows: int, frames: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.randn(rows, frames, VOCAB, generator=rng).log_softmax(dim=2)


def test_the_loss_is_the_sum_over_every_path() -> None:
    log_probs, text = random_log_probs(1, 5), [4, 4, 5]
    total = 0.0
    for path in itertools.product(range(VOCAB), repeat=5):
        if read(torch.tensor(path)) == text:
            total += math.exp(sum(log_probs[0, t, k].item() for t, k in enumerate(path)))
    found = losses(log_probs, torch.tensor([5]), torch.tensor([text]))
    assert found.item() == pytest.approx(-math.log(total) / 3, rel=1e-5)


def test_the_loss_of_uniform_frames_counts_paths() -> None:
    # one letter in T frames: it begins in any of T and ends in any after, T (T + 1) / 2 paths
    log_probs = torch.full((1, 6, VOCAB), -math.log(VOCAB))
    found = losses(log_probs, torch.tensor([6]), torch.tensor([[5]]))
    assert found.item() == pytest.approx(6 * math.log(VOCAB) - math.log(21), rel=1e-5)


def test_frames_and_letters_behind_the_end_do_not_count() -> None:
    log_probs, frames = random_log_probs(2, 9), torch.tensor([9, 6])
    y = torch.tensor([[4, 5, 6, 4], [5, 6, PAD, PAD]])
    alone = losses(log_probs[1:, :6], frames[1:], y[1:, :2])
    assert losses(log_probs, frames, y)[1].item() == pytest.approx(alone.item(), rel=1e-5)
    assert not best_path(log_probs, frames)[1, 6:].any()


def test_repeats_are_merged_before_blanks_are_dropped() -> None:
    path = torch.tensor([PAD, 4, 4, PAD, 4, 5, 5, PAD])
    assert read(path) == [4, 4, 5]
    assert spans(path) == [Span(4, 1, 2), Span(4, 4, 4), Span(5, 5, 6)]
    assert read(torch.zeros(3, dtype=torch.long)) == []


def test_a_spelt_path_reads_as_its_text() -> None:
    texts = [[4, 4, 5], [6]]
    assert [read(path) for path in spell(pad(texts))] == texts


def test_alignment_is_whole_in_order_and_the_likeliest() -> None:
    log_probs, frames = random_log_probs(3, 8), torch.tensor([8, 6, 5])
    y = torch.tensor([[4, 5, 4, PAD], [6, 6, PAD, PAD], [5, 4, 5, 6]])
    paths = align(log_probs, frames, y)
    for row, path in enumerate(paths):
        assert read(path) == y[row, : lengths(y)[row]].tolist()
        assert not path[int(frames[row]) :].any()
    scores = {}
    for path in itertools.product((PAD, 6), repeat=6):
        if read(torch.tensor(path)) == [6, 6]:
            scores[path] = sum(log_probs[1, t, k].item() for t, k in enumerate(path))
    assert tuple(paths[1, :6].tolist()) == max(scores, key=lambda path: scores[path])


@pytest.mark.parametrize(
    ("guess", "truth", "characters", "words"),
    [
        ("one two", "one two", 0, 0),
        ("", "one two", 7, 2),
        ("on two", "one two", 1, 1),
        ("one two two", "one two", 4, 1),
        ("kitten", "sitting", 3, 1),
    ],
)
def test_edits(guess: str, truth: str, characters: int, words: int) -> None:
    found = edit_errors([guess], [truth])
    assert [edits.item() for edits, _ in found.values()] == [characters, words]
    assert [size.item() for _, size in found.values()] == [len(truth), len(truth.split())]
