"""A finished run, as its folder tells of it: no torch, and nothing is changed.

A run is a folder with a config.yaml; results.json holds its scores.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import OmegaConf

from ..config import leaves
from .report import smaller_is_better

# settings that differ without making a difference
OWN = ("run_dir", "ckpt_path", "resume", "title")


class Run(NamedTuple):
    """One finished run.

    scores: "side/metric"; sides: the model first, then its references; seconds: None where an
    older version did not write it down; settings: by dotted key, as they were resolved;
    validation: the score that chose the weights, and its name, where it was written down.
    """

    folder: Path
    scores: dict[str, float]
    sides: list[str]
    seconds: float | None
    settings: dict[str, Any]
    validation: tuple[str, float] | None

    @property
    def metrics(self) -> list[str]:
        """Name the metrics of the model, the headline first."""
        prefix = f"{self.sides[0]}/"
        return [name.removeprefix(prefix) for name in self.scores if name.startswith(prefix)]

    def model(self, metric: str) -> float | None:
        """Return the model's score."""
        return self.scores.get(f"{self.sides[0]}/{metric}")

    def rival(self, metric: str) -> tuple[float, str] | None:
        """Return the best score of a reference, and whose it is."""
        names = [s for s in self.sides[1:] if f"{s}/{metric}" in self.scores]
        found = [(self.scores[f"{s}/{metric}"], s) for s in names]
        pick = min if smaller_is_better(metric) else max
        return pick(found) if found else None


def folders(given: Path) -> Iterator[Path]:
    """Find the runs in a folder. One inside of another, as an evaluation is, is not looked for."""
    if (given / "config.yaml").is_file():
        yield given
    elif given.is_dir():
        for inner in sorted(given.iterdir()):
            if inner.is_dir() and not inner.name.startswith("."):
                yield from folders(inner)


def read(folder: Path) -> Run:
    """Read what a run left.

    Raises:
        ValueError: saying what is missing or cannot be read.
    """
    try:
        config = OmegaConf.to_container(OmegaConf.load(folder / "config.yaml"))
    except Exception as error:  # yaml and OmegaConf raise many kinds
        raise ValueError(f"config.yaml is unreadable ({' '.join(str(error).split())})") from None
    if not isinstance(config, dict) or not config:
        raise ValueError("config.yaml is unreadable (it holds no settings)")
    path = folder / "results.json"
    if not path.is_file():
        raise ValueError("there is no results.json: unfinished, or not tested")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        scores = {str(name): float(value) for name, value in found["scores"].items()}
        sides, seconds = [str(side) for side in found["sides"]], found.get("seconds")
        chooser = found.get("chosen by")
        best = found.get(f"best {chooser}")
        validation = None if best is None else (str(chooser), float(best))
        run = Run(folder, scores, sides, seconds, plain(config, folder), validation)
        if not run.metrics:
            raise ValueError(f"no score of {sides[0]}")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError) as error:
        raise ValueError(f"results.json is unreadable ({error})") from None
    return run


def plain(config: dict[Any, Any], folder: Path) -> dict[str, Any]:
    """Return the settings of a run without those that only say where it is."""
    where = str(config.get("run_dir") or folder)
    return {
        key: value
        for key, value in leaves(config)
        if key.partition(".")[0] not in OWN and where not in str(value)
    }
