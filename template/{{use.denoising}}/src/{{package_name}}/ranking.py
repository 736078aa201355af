"""Scores under several kinds of noise: put together, and the worst examples picked out.

Legend: B batch.
"""

import torch
from torch import Tensor

from .reports.report import smaller_is_better
from .task import Score, fraction

WORST = 4  # examples in the report
Rated = tuple[float, int, str, str]  # the lower, the worse; row, kind of noise, and its score


def ranked(each: dict[str, dict[str, Score]], index: Tensor) -> list[Rated]:
    """Rate the examples of a batch by the headline of each kind of noise. index: [B] rows."""
    found = []
    for name, scores in each.items():
        metric, score = next(iter(scores.items()))
        top, bottom = fraction(score)
        sign = -1 if smaller_is_better(metric) else 1
        for row, value in zip(index.tolist(), (top / bottom).tolist(), strict=True):
            found.append((sign * value, row, name, f"{name}\n{metric} {value:.3g}"))
    return found


def worst(found: list[Rated]) -> list[Rated]:
    """Keep the few worst."""
    return sorted(found)[:WORST]


def combine(each: dict[str, dict[str, Score]]) -> dict[str, Score]:
    """Put scores by kind of noise together: the mean over all kinds, then each, if several."""
    found: dict[str, Score] = {}
    for metric in next(iter(each.values())):
        parts = [fraction(scores[metric]) for scores in each.values()]
        tops, bottoms = zip(*parts, strict=True)
        found[metric] = (torch.stack(tops).sum(dim=0), torch.stack(bottoms).sum(dim=0))
        if len(parts) > 1:
            found |= {f"{metric}_{name}": part for name, part in zip(each, parts, strict=True)}
    return found
