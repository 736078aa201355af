"""Plant bugs that train without an error, and see which check names them; write docs/checks.md.

    uv run python benchmarks/bugs.py [--only image] [--check S5] [--out docs/checks.md]

Each bug of bugs.yaml is put into a copy of a rendered project. All checks but the slow ones run on
it, and the one that should name it. Nothing is installed: this environment has what projects need.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning  # noqa: F401  # once, for all the processes that are forked off
import torch
import yaml
from results import pairs, render

HERE = Path(__file__).parent
SLOW = ("T1", "T2", "T3", "T6", "T7", "T8")  # run only where they should name the bug
MOST_S = 300


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


def examine(project: Path, bug: Bug | None, target: Path) -> None:
    """Run the checks in this process; write what they found as JSON."""
    os.chdir(project)
    sys.path.insert(0, str(project / "src"))
    del sys.modules["results"]  # the benchmark that renders: projects are called so, too
    torch.set_num_threads(1)
    with (target.with_suffix(".log")).open("w") as log, redirect_stdout(log), redirect_stderr(log):
        from results import check  # type: ignore[import-not-found]
        from results.bench import Bench  # type: ignore[import-not-found]
        from results.config import compose  # type: ignore[import-not-found]
        from results.experiment import prepare  # type: ignore[import-not-found]

        cfg = compose(*(bug.settings or [] if bug else []), name="check")
        cfg.seed = prepare(cfg)
        names = [n for n in check.checks() if bug is None or n not in SLOW or n == bug.check]
        found = [
            {"id": line.id, "ok": line.result.ok, "s": line.seconds, "look": line.result.look}
            for line in check.run(Bench(cfg), names)
        ]
    target.write_text(json.dumps(found))


def forked(project: Path, bug: Bug | None, target: Path) -> list[dict[str, Any]] | None:
    """Examine in a process of its own; None where the project did not even start."""
    child = os.fork()
    if not child:
        try:
            examine(project, bug, target)
        except BaseException as error:
            target.with_suffix(".error").write_text(f"{type(error).__name__}: {error}")
        os._exit(0)
    end = time.monotonic() + MOST_S
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > end:
            os.kill(child, 9)
        time.sleep(0.05)
    return json.loads(target.read_text()) if target.exists() else None


def rows(bugs: list[Bug], folder: Path) -> Iterator[dict[str, Any]]:
    """Plant each bug and yield what became of it."""
    projects = {f"{p['task']}-{p['modality']}": p for p in pairs()}
    made: dict[str, Path] = {}
    for number, bug in enumerate(bugs):
        if bug.variant not in made:
            made[bug.variant] = render(projects[bug.variant], folder)
        project = folder / f"bug-{number}"
        shutil.copytree(made[bug.variant], project)
        bug.plant(project)
        start = time.monotonic()
        found = forked(project, bug, folder / f"{number}.json")
        failed = [line["id"] for line in found or [] if line["ok"] is False]
        shutil.rmtree(project)
        row = {"bug": bug.what, "variant": bug.variant, "check": bug.check, "failed": failed}
        row |= {"s": round(time.monotonic() - start, 1), "started": found is not None}
        row |= {"named": bug.check in failed}
        if found is None:
            row |= {"error": (folder / f"{number}.error").read_text()[:500]}
        yield row


def table(found: list[dict[str, Any]]) -> list[str]:
    """Write the table of bugs."""
    named, alone = (
        sum(f(r) for r in found)
        for f in (lambda r: r["named"], lambda r: r["failed"] == [r["check"]])
    )
    lines = [
        f"{named} of {len(found)} planted bugs are named by the check that should name them, "
        f"{alone} of them by no other check.",
        "",
        "| bug | project | should be named by | failed | s |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in found:
        failed = ", ".join(row["failed"]) or ("nothing" if row["started"] else "does not start")
        name = f"**{row['check']}**" if row["named"] else f"{row['check']}: **missed**"
        lines.append(f"| {row['bug']} | {row['variant']} | {name} | {failed} | {row['s']:.0f} |")
    return lines


def main() -> None:
    """Plant the bugs that are asked for; write the table where all were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="projects with this in their name")
    parser.add_argument("--check", default="", help="bugs of this check")
    parser.add_argument("--what", default="", help="bugs with this in their description")
    parser.add_argument("--out", type=Path, help="docs/checks.md: its table is written anew")
    given = parser.parse_args()
    bugs = [Bug(*row) for row in yaml.safe_load((HERE / "bugs.yaml").read_text())]
    bugs = [
        b
        for b in bugs
        if given.only in b.variant and given.check in ("", b.check) and given.what in b.what
    ]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rows(bugs, Path(folder)):
            print(json.dumps(row), flush=True)
            found.append(row)
    print(*table(found)[:1], sep="\n")
    if given.out:
        head, mark, _ = given.out.read_text().partition("<!-- bugs -->")
        given.out.write_text("\n".join([head + mark, "", *table(found), ""]))


if __name__ == "__main__":
    main()
