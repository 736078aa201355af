"""Known n-grams: what was seen often has a row of its own, and all else adds nothing."""

import torch

from ..tokens import PAD, pad
from ..vocabulary import NGrams, NGramTable, hash_tokens


def make(rows: int) -> NGramTable:
    table = NGramTable(offsets=[[-1, 0], [0]], rows=rows, inner=3)
    table.fit(pad([[5, 6, 5, 6], [5, 6, 7]]))
    with torch.no_grad():  # rows tell themselves apart
        table.weight[:-1] = 1 + torch.arange(float(rows))[:, None]
    return table


def test_a_hash_depends_on_its_own_tokens_only() -> None:
    x = torch.randint(4, 200, (1, 20), generator=torch.Generator().manual_seed(0))
    before = hash_tokens(x, (-2, -1), 1 << 20)
    for place in range(20):
        other = x.clone()
        other[0, place] += 1
        changed = (hash_tokens(other, (-2, -1), 1 << 20) != before)[0].nonzero()[:, 0]
        assert changed.tolist() == [t for t in (place + 1, place + 2) if t < 20]


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
    table = NGramTable(offsets=[[-1, 0]], rows=4, inner=3)
    vectors = table(pad([[5, 6, 7]]))
    assert not vectors.any()
    vectors.sum().backward()
    assert table.weight.grad is not None
    assert not table.weight.grad.any()


def test_filling_is_no_occurrence() -> None:
    table = NGramTable(offsets=[[0]], rows=4, inner=3)
    table.fit(pad([[5], [5, 6, 6, 6]]))
    assert not (table.codes == table.encode(torch.tensor([[PAD]]))[0, 0, 0]).any()


def test_unseen_ngrams_add_nothing() -> None:
    ngrams = NGrams(offsets=[[-1, 0]], rows=50, inner=4, width=8)
    torch.nn.init.ones_(ngrams.table.weight[:-1])
    ngrams.table.fit(pad([[5, 6, 7], [5, 6, 7]]))
    assert ngrams(pad([[5, 6, 7]])).any()
    assert not ngrams(pad([[6, 5, 8]])).any()


def test_forgotten_ngrams_add_nothing_in_training_and_all_of_it_later() -> None:
    torch.manual_seed(0)
    ngrams = NGrams(offsets=[[-1, 0], [-2, -1, 0]], rows=5000, inner=4, width=8, forget=0.25)
    torch.nn.init.ones_(ngrams.table.weight)
    x = torch.randint(4, 200, (20, 100))
    ngrams.table.fit(x.repeat(2, 1))
    whole = ngrams.eval()(x)
    share = (ngrams.train()(x) != whole).any(dim=2).float().mean().item()
    assert abs(share - (1 - 0.75**2)) < 0.05  # one of two is hidden, or both
    ngrams.forget = 1.0
    assert not ngrams(x).any()
    assert torch.equal(ngrams.eval()(x), whole)
