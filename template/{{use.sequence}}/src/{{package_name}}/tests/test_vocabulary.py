"""Known n-grams: what was seen often has a row of its own, and all else adds nothing."""

import torch

from ..tokens import PAD, pad
from ..vocabulary import KnownNGrams


def make(rows: int) -> KnownNGrams:
    table = KnownNGrams(offsets=[[-1, 0], [0]], rows=rows, inner=3)
    table.fit(pad([[5, 6, 5, 6], [5, 6, 7]]))
    with torch.no_grad():  # rows tell themselves apart
        table.weight[:-1] = 1 + torch.arange(float(rows))[:, None]
    return table


def test_what_was_seen_twice_is_known_and_nothing_else() -> None:
    known = make(20)(pad([[5, 6, 7, 8]]))[0].ne(0).all(dim=2)
    assert known[:, 0].tolist() == [True, True, False, False]  # 5 as a beginning, 5 6
    assert known[:, 1].tolist() == [True, True, False, False]  # 5, 6


def test_each_has_a_row_of_its_own() -> None:
    rows = make(20)(pad([[5, 6, 5]]))[0, :, :, 0]
    found = {rows[0, 0].item(), rows[1, 0].item(), rows[0, 1].item(), rows[1, 1].item()}
    assert len(found) == 4
    assert rows[0, 1] == rows[2, 1]


def test_the_most_frequent_are_known_first() -> None:
    table = make(3)  # 5 and 6 and 5 6 were seen three times, 5 as a beginning twice
    known = table(pad([[5, 6]]))[0].ne(0).all(dim=2)
    assert known.tolist() == [[False, True], [True, True]]


def test_before_it_has_seen_anything_nothing_is_known_and_the_unknown_never_learns() -> None:
    table = KnownNGrams(offsets=[[-1, 0]], rows=4, inner=3)
    vectors = table(pad([[5, 6, 7]]))
    assert not vectors.any()
    vectors.sum().backward()
    assert table.weight.grad is not None
    assert not table.weight.grad.any()


def test_filling_is_no_occurrence() -> None:
    table = KnownNGrams(offsets=[[0]], rows=4, inner=3)
    table.fit(pad([[5], [5, 6, 6, 6]]))
    assert not (table.codes == table.encode(torch.tensor([[PAD]]))[0, 0, 0]).any()
