"""Language models, against values that are known beforehand."""

import math

import pytest
import torch
from torch import Tensor

from ..baseline import NGram
from ..datamodule import Batch, DataModule
from ..language_model import LanguageModel
from ..task import fraction
from ..tokens import EOS, PAD, SPECIALS, lengths
from .conftest import batch_of


def test_an_untrained_network_pays_the_logarithm_of_the_vocabulary(
    task: LanguageModel, data: DataModule
) -> None:
    batch = batch_of(data, [*range(7)])
    task.eval()
    assert task.losses(batch).mean().item() == pytest.approx(math.log(task.vocab), rel=1e-5)
    (score,) = task.scores(task.predict, batch).values()
    bits, count = fraction(score)
    assert torch.allclose(bits / count, torch.full((7,), math.log2(task.vocab)))
    assert torch.equal(count, lengths(batch.x) + 1)  # the end is a token, too


def test_inputs_begin_with_the_class_and_end(task: LanguageModel) -> None:
    x = torch.tensor([[5, 6, 7], [8, PAD, PAD]])
    y = torch.tensor([0, 1])
    begin = task.begin(y).tolist()
    rows = task.inputs(Batch(x, y, y)).tolist()
    assert rows == [[begin[0], 5, 6, 7, EOS], [begin[1], 8, EOS, PAD, PAD]]


def test_every_token_weighs_alike(task: LanguageModel, data: DataModule) -> None:
    torch.manual_seed(0)
    torch.nn.init.normal_(next(task.network.head.parameters()))  # type: ignore[union-attr,operator]
    task.eval()
    batch = batch_of(data, [0, len(data.splits["val"].x) - 1, 5])
    rows = task.inputs(batch)
    costs = task.costs(task.predict(rows), rows)
    assert torch.allclose(task.losses(batch).mean(), costs.sum() / (rows[:, 1:] != PAD).sum())


def always(token: int, vocab: int) -> Tensor:
    return torch.zeros(vocab).index_fill(0, torch.tensor(token), 9.0).log_softmax(dim=0)


def test_drawing_follows_the_probabilities(task: LanguageModel) -> None:
    task.tokens.longest, rng = 5, torch.Generator().manual_seed(0)

    def predict(x: Tensor) -> Tensor:  # the token after the last one, then the end at 8
        last = x[:, -1] + 1
        last = torch.where(last >= task.vocab, SPECIALS, last)
        last = torch.where(last >= 8, EOS, last)
        return torch.stack([always(int(k), task.vocab) for k in last])[:, None]

    task.tokens.temperature = 0.01  # near 0 the likeliest is drawn
    y = torch.zeros(2, dtype=torch.long)
    task.prompt = torch.tensor([5])
    assert task.draw(predict, y, rng).tolist() == [[5, 6, 7, PAD, PAD, PAD]] * 2
    task.tokens.longest = 1
    assert task.draw(predict, y, rng).tolist() == [[5, 6]] * 2


def test_nothing_special_is_drawn(task: LanguageModel) -> None:
    task.tokens.longest = 30
    with torch.inference_mode():
        x = task.make(task.in_turn(8), torch.Generator().manual_seed(0))
    place = torch.arange(x.shape[1])
    assert torch.equal(x != PAD, place < lengths(x)[:, None])
    assert (x[x != PAD] >= SPECIALS).all()


def test_the_baseline_is_a_distribution_over_what_can_follow(
    task: LanguageModel, data: DataModule
) -> None:
    baseline = NGram(name="test", orders=[1]).fit(data, task)
    p = baseline.predict(task.inputs(batch_of(data, [0, 1]))).exp()
    assert torch.allclose(p.sum(dim=2), torch.tensor(1.0), atol=1e-4)
    assert not p[:, :, [PAD]].any()
