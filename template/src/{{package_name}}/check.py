"""Check: look for silent bugs in data, model and training: `uv run check`.

One line for each check: ok, FAIL or n/a, what was measured, what it has to hold, what to look at.
The exit status is the number of FAILs. Settings follow as for `train`; check=fast leaves out what
takes long, check.only=S3 or check.only=[S3,T1] runs a few.
"""

import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omegaconf import DictConfig

from .config import launch
from .errors import UserError, suggest

if TYPE_CHECKING:
    from .checks.bench import Bench, Result

HERE = Path(__file__).parent


class Line(NamedTuple):
    """One check that was run."""

    id: str
    title: str
    result: "Result"
    seconds: float


def main() -> None:
    """Compose the config, then check; torch is imported only once the config is right."""
    failed = []

    def job(cfg: DictConfig) -> None:
        from .checks.bench import Bench
        from .training.prepare import prepare

        cfg.seed = prepare(cfg)
        names = chosen(cfg)
        print(f"{cfg.title}: {len(names)} checks", flush=True)
        for line in run(Bench(cfg), names):
            print(show(line), flush=True)
            failed.append(line.result.ok is False)
        print(f"{sum(failed)} of {len(names)} checks failed", flush=True)

    launch(job, "check")
    sys.exit(sum(failed))


def run(bench: "Bench", names: list[str]) -> Iterator[Line]:
    """Run checks by their ids, each with seeds of its own."""
    import torch

    from .checks.bench import judged

    every = checks()
    for name in names:
        check, start = every[name], time.monotonic()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            try:
                result = check(bench)
            except UserError:
                raise
            except Exception as error:  # whatever the checked code raises is what was found
                frames = [f for f in traceback.extract_tb(error.__traceback__)]
                own = [f for f in frames if HERE in Path(f.filename).parents]
                at = own[-1] if own else frames[-1]
                text = " ".join(str(error).split())[:200]
                look = f"{type(error).__name__}: {text} ({Path(at.filename).name}:{at.lineno})"
                result = judged(False, "error", "no error", look)
        title = (check.__doc__ or "").partition("\n")[0].partition(": ")[2].rstrip(".")
        yield Line(name, title, result, time.monotonic() - start)


def checks() -> dict:
    """Return all checks by id."""
    from .checks import code, data, filling, memory, model, scores, splits, training

    modules = (data, splits, filling, model, code, memory, training, scores)
    found = {name: check for module in modules for name, check in module.CHECKS.items()}
    return dict(sorted(found.items(), key=lambda item: (item[0][0], int(item[0][1:]))))


def chosen(cfg: DictConfig) -> list[str]:
    """Name the checks to run: `check.only`, or those of the option of the group.

    Raises:
        UserError: for a check that there is not.
    """
    every, key = list(checks()), "only" if cfg.check.only is not None else "checks"
    names = every if cfg.check[key] is None else cfg.check[key]
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in every:
            raise UserError(
                f"check.{key}={name}: there is no such check{suggest(str(name), every)}; "
                f"allowed: {', '.join(every)}"
            )
    return names


def show(line: Line) -> str:
    """Write one line."""
    result = line.result
    word = "n/a" if result.ok is None else "ok" if result.ok else "FAIL"
    head = f"{line.id:4}{word:5}{line.seconds:5.1f} s  {line.title}"
    if result.ok is None:
        return f"{head} ({result.look})"
    text = f"{head} [{result.number}; {result.threshold}]"
    return f"{text}\n     look: {result.look}" if result.ok is False else text


if __name__ == "__main__":
    main()
