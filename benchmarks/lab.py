"""Projects of the template on which `check` is run, each in a process of its own.

What was found is kept in a file of rows, and not done again until the rendered project, or what is
done to it, is another. Nothing is installed: this environment has what projects need.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning  # noqa: F401  # once, for all the processes that are forked off
import torch
from results import pairs, render

MOST_S = 300
SLOW = ("T1", "T2", "T6", "T7", "T8")  # they train, and cost more than all others together
IMPORTS_S = time.process_time()  # what each project would have spent before its first check


class Later(Exception):
    """There is no time left; what was found so far is kept."""


class Bug(NamedTuple):
    """A few lines that are wrong.

    old and new: what is taken out of `file` and put in; check: that must name it; settings: of the
    command line; also: a second thing to take out, for nothing.
    """

    variant: str
    file: str
    old: str
    new: str
    check: str
    what: str
    settings: list[str] | None = None
    also: str = ""

    def plant(self, project: Path) -> None:
        """Change the project."""
        folder = project if self.file.startswith("configs") else project / "src" / "results"
        path = folder / self.file
        text = path.read_text()
        if self.old not in text or self.also not in text:
            raise SystemExit(f"{self.variant}: {self.file} has no {self.old!r}")
        text = text.replace(self.old, self.new)
        path.write_text(text.replace(self.also, "pass") if self.also else text)


def examine(project: Path, settings: list[str], skip: list[str], target: Path) -> None:
    """Run the checks in this process; write what they found as JSON."""
    os.chdir(project)
    sys.path.insert(0, str(project / "src"))
    del sys.modules["results"]  # the benchmark that renders: projects are called so, too
    torch.set_num_threads(1)
    with (target.with_suffix(".log")).open("w") as log, redirect_stdout(log), redirect_stderr(log):
        from results import check  # type: ignore[import-not-found]
        from results.checks.bench import Bench  # type: ignore[import-not-found]
        from results.config import compose  # type: ignore[import-not-found]
        from results.training.prepare import prepare  # type: ignore[import-not-found]

        cfg = compose(*settings, name="check")
        cfg.seed = prepare(cfg)
        bench, failed = Bench(cfg), {}
        spent = {"data": time.process_time()}
        names = [name for name in check.chosen(cfg) if name not in skip]
        for line in check.run(bench, names):
            spent[line.id] = time.process_time() - sum(spent.values())
            if line.result.ok is False:
                failed[line.id] = check.show(line)
    spent = {name: round(s, 2) for name, s in spent.items()}
    target.write_text(json.dumps({"failed": failed, "spent": spent, "checks": len(names)}))


def forked(project: Path, settings: list[str], skip: list[str], target: Path) -> dict[str, Any]:
    """Examine in a process of its own; say why where the project did not even start."""
    child = os.fork()
    if not child:
        try:
            examine(project, settings, skip, target)
        except BaseException as error:
            target.with_suffix(".error").write_text(f"{type(error).__name__}: {error}")
        os._exit(0)
    end = time.monotonic() + MOST_S
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > end:
            os.kill(child, 9)
        time.sleep(0.05)
    if target.exists():
        return json.loads(target.read_text())
    error = target.with_suffix(".error")
    return {"failed": {}, "spent": {}, "error": error.read_text() if error.exists() else "killed"}


def digest(project: Path, *more: Any) -> str:
    """Return a number for what a rendered project is, and what is done to it."""
    found = hashlib.blake2b(repr(more).encode())
    for path in sorted([*project.glob("src/**/*.py"), *project.glob("configs/**/*.yaml")]):
        if "tests" not in path.parts:
            found.update(path.read_bytes())
    return found.hexdigest()[:16]


class Lab:
    """Projects to work on, and what was found before.

    Args:
        folder: for the projects.
        state: a file of rows, one in a line; it grows.
        end: of time.monotonic(); what is not known by then is not begun.
    """

    def __init__(self, folder: Path, state: Path | None, end: float | None = None) -> None:
        self.folder, self.state, self.end = folder, state, end
        self.projects = {f"{p['task']}-{p['modality']}": p for p in pairs()}
        self.made: dict[str, Path] = {}
        lines = state.read_text().splitlines() if state and state.exists() else []
        self.known = {row["key"]: row for row in map(json.loads, lines)}

    def project(self, variant: str) -> Path:
        """Render a variant, once."""
        if variant not in self.made:
            self.made[variant] = render(self.projects[variant], self.folder)
        return self.made[variant]

    def row(
        self, variant: str, settings: list[str], bug: Bug | None = None, skip: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Run the checks on a variant, with a bug or as it comes, but those to skip.

        Raises:
            Later: if there is no time left.
        """
        project = self.project(variant)
        key = digest(project, settings, bug and bug[:5], *skip)
        if key not in self.known:
            if self.end is not None and time.monotonic() > self.end:
                raise Later
            copied = self.folder / key
            shutil.copytree(project, copied)
            if bug:
                bug.plant(copied)
            found = forked(copied, settings, [*skip], self.folder / f"{key}.json")
            shutil.rmtree(copied)
            cpu_s = round(IMPORTS_S + sum(found["spent"].values()), 1)
            self.known[key] = {"key": key, "variant": variant, "cpu_s": cpu_s, **found}
            if self.state:
                with self.state.open("a") as file:
                    file.write(json.dumps(self.known[key]) + "\n")
        return self.known[key]

    def bug(self, bug: Bug, *, full: bool, alone: bool) -> dict[str, Any]:
        """Plant a bug, and say what became of it.

        Args:
            bug: the bug.
            full: all checks are run; else, of the slow ones, only what should name it.
            alone: no check is run but what should name it.
        """
        settings = [*(bug.settings or []), *([f"check.only={bug.check}"] if alone else [])]
        skip = () if full or alone else [name for name in SLOW if name != bug.check]
        row = self.row(bug.variant, settings, bug, skip)
        return row | {"bug": bug.what, "check": bug.check, "named": bug.check in row["failed"]}
