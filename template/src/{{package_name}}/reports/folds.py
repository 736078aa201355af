"""What the folds of a cross-validation have in common: a mean, and how far they are apart.

Each fold is validated on examples of its own, so the scores of validation, together, tell of all
examples but those of the test; the scores of the test tell how much the training examples matter.
"""

import statistics
from collections.abc import Sequence

from .finished import Run

FOLD, FOLDS = "data.fold", "data.folds"


def average(runs: Sequence[Run], metric: str) -> list[str]:
    """Say the mean and the standard deviation of runs that differ in their fold alone, a line each.

    Args:
        runs: of which some are folds. One that is there twice counts once, as it was read last.
        metric: of the test's table.
    """
    alike: dict[tuple, dict[int, Run]] = {}
    for run in runs:
        if run.settings.get(FOLDS):
            others = (f"{key}={value}" for key, value in run.settings.items() if key != FOLD)
            alike.setdefault(tuple(sorted(others)), {})[run.settings[FOLD]] = run
    shared = set.intersection(*map(set, alike)) if alike else set()
    lines = []
    for settings, found in alike.items():
        if len(found) < 2:
            continue
        some, count = [found[fold] for fold in sorted(found)], found[min(found)].settings[FOLDS]
        which = f"all {count} folds"
        if len(some) < count:
            which = f"folds {', '.join(map(str, sorted(found)))} of {count}"
        scores: dict[str, list[float]] = {}
        for run in some:
            if run.validation:
                scores.setdefault(run.validation[0], []).append(run.validation[1])
        for run in some:
            if (score := run.model(metric)) is not None:
                scores.setdefault(f"test {metric}", []).append(score)
        said = [spread(name, each) for name, each in scores.items() if len(each) == len(some)]
        own = ", ".join(sorted(set(settings) - shared))
        if said:
            lines.append(f"{which}{f' with {own}' if own else ''}: {'; '.join(said)}")
    return lines


def spread(name: str, values: Sequence[float]) -> str:
    """Write the mean and the standard deviation between runs."""
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    return f"{name} {mean:.4g} +- {deviation:.2g}"
