"""The noisy channel: a wide beam misses nothing."""

import torch

from ..baseline import NoisyChannel
from ..ngram import WittenBell
from ..tokens import PAD


def test_a_wide_beam_finds_the_likeliest_sequence() -> None:
    torch.manual_seed(0)
    corrector = NoisyChannel(name="test", order=1, beam=27)
    corrector.tokens = torch.tensor([4, 5, PAD])
    channel = torch.rand(6, 3).log()
    channel[:, 2] = -torch.inf  # what training never saw
    corrector.log_channel = channel
    model = WittenBell(torch.tensor([[0, 1, 1, 0, 1]]), order=1, num=3)
    x = torch.tensor([[4, 5, 4]])

    def score(path: list[int]) -> float:
        history, total = torch.tensor(0), 0.0
        for symbol, seen in zip(path, x[0].tolist(), strict=True):
            total += float(model(history)[symbol] + channel[seen, symbol])
            history = model.push(history, torch.tensor(symbol))
        return total

    every = [[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    best = max(every, key=score)
    assert corrector.search(model, x)[0].tolist() == [corrector.tokens[s] for s in best]
