"""Folds: every example is validated on once, no group is parted, the test stays as it is."""

from collections import Counter

import pytest
import torch

from ..datamodule import DataModule
from ..errors import UserError
from ..loader import Split
from ..training.folds import DIVIDED, deal, divide

K = 2


def split(groups: list[str], y: list[int]) -> Split:
    return Split(torch.arange(len(groups)).view(-1, 1), torch.tensor(y), groups)


def test_single_examples_are_dealt_out_by_class() -> None:
    y = [0] * 50 + [1] * 20 + [2] * 7
    groups = [f"example-{row}" for row in range(len(y))]
    found = deal(groups, y, 5).tolist()
    counts = Counter(zip(y, found, strict=True))
    for label in range(3):
        each = [counts[label, fold] for fold in range(5)]
        assert max(each) - min(each) <= 1, each
    sizes = Counter(found)
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert found != sorted(found) and found != [row % 5 for row in range(len(y))], "not by place"


def test_a_group_is_whole_and_the_order_of_the_data_means_nothing() -> None:
    rng = torch.Generator().manual_seed(0)
    groups = [f"voice-{number}" for number in torch.randint(12, (300,), generator=rng)]
    y = torch.randint(4, (300,), generator=rng).tolist()
    found = deal(groups, y, 4).tolist()
    fold_of = dict(zip(groups, found, strict=True))
    assert [fold_of[group] for group in groups] == found
    assert min(Counter(found).values()) > 300 / 4 / 2
    back = deal(groups[::-1], y[::-1], 4).tolist()
    assert back[::-1] == found


def test_as_many_folds_as_groups_leave_one_out() -> None:
    assert sorted(deal(["a", "b", "b", "b", "c"], [0, 1, 1, 0, 0], 3).tolist()) == [0, 0, 0, 1, 2]


def test_each_example_is_validated_on_once_and_stays_what_it_is(data: DataModule) -> None:
    before = Counter(group for name in DIVIDED for group in data.groups(name))
    old, known, validated = data.splits["train"], dict[str, list[int]](), Counter[str]()
    for row, group in enumerate(old.groups):
        known.setdefault(group, []).append(row)
    for fold in range(K):
        found = divide(data.splits, K, fold, data.classes)
        assert found["test"] is data.splits["test"]
        train, val = found["train"], found["val"]
        assert len(train.x) == len(train.y) == len(train.groups)
        assert len(val.x) == len(val.y) == len(val.groups) > 0
        assert not set(train.groups) & set(val.groups)
        assert Counter(train.groups) + Counter(val.groups) == before
        validated += Counter(val.groups)
        if data.classes:
            assert set(train.y.tolist()) == set(range(len(data.classes)))
        row = next(row for row, group in enumerate(val.groups) if group in known)
        x = data.trim(val.x[row, None])
        same = [n for n in known[val.groups[row]] if torch.equal(data.trim(old.x[n, None]), x)]
        assert same, "its tensor is among those of its group"
        assert not data.classes or int(val.y[row]) in old.y[same].tolist()
    assert validated == before


def test_what_cannot_be_divided_is_refused() -> None:
    few = {"train": split(["a", "a", "b"], [0, 1, 0]), "val": split(["c"], [1])}
    with pytest.raises(UserError, match=r"data.folds=4 is more than the 3 groups .* 2 to 3"):
        divide(few, 4, 0, ("no", "yes"))
    alone = {"train": split(["a", "a", "b"], [0, 0, 1]), "val": split(["c"], [0])}
    inside = int(deal(["a", "a", "b", "c"], [0, 0, 1, 0], 3)[2])
    with pytest.raises(UserError, match=f"all examples of class yes are in fold {inside}"):
        divide(alone, 3, inside, ("no", "yes"))
    divide(alone, 3, inside, ())  # without classes nothing is missing


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"folds": 3, "fold": 3}, "data.fold=3 is not allowed: 0 to 2, as data.folds=3 counts"),
        ({"folds": 3, "fold": -1}, "data.fold=-1 is not allowed"),
        ({"fold": 1}, "data.fold=1 has no effect without data.folds"),
    ],
)
def test_a_fold_that_there_is_not_is_refused(given: dict[str, int], said: str) -> None:
    with pytest.raises(UserError, match=said):
        DataModule(batch_size=4, **given)
