"""Plant bugs that train without an error, and see which check names them; write docs/checks.md.

    uv run python benchmarks/bugs.py [--only image] [--check S5] [--out docs/checks.md]
    uv run python benchmarks/bugs.py --clean [--only image] [--seeds 0 1 2] [--out docs/checks.md]

Each bug is put into a copy of a rendered project, and the checks run on it; of the slow ones only
what should name it, without --full. The checks were made with the bugs of bugs.yaml at hand. Those
of unseen.yaml were run once before any check was changed for them, those of fresh.yaml were written
after that and are as yet unseen. With --clean all checks run on the projects as they come: each
FAIL is a false alarm. With --state and --most a long run can be
made in pieces: call it until its exit status is 0; the last call writes the tables of all.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from lab import Bug, Lab, Later

HERE = Path(__file__).parent
FILES = ["bugs", "unseen", "fresh"]
Row = dict[str, Any]


def read(name: str) -> list[Bug]:
    """Read the bugs of a file."""
    return [Bug(*row) for row in yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))]


def planted(found: list[Row]) -> list[str]:
    """Write the table of bugs; what else failed, where other checks were run, too."""
    named, alone = (
        sum(f(r) for r in found)
        for f in (lambda r: r["named"], lambda r: [*r["failed"]] == [r["check"]])
    )
    first = f"{named} of {len(found)} are named by the check that should name them"
    lines = [first + ".", "", "| bug | project | should be named by |", "| --- | --- | --- |"]
    if others := any(row["checks"] > 1 for row in found if "checks" in row):
        lines[0] = f"{first}, {alone} of them by no other check."
        lines[2:] = [f"{lines[2]} failed |", f"{lines[3]} --- |"]
    for row in found:
        failed = ", ".join(row["failed"]) or row.get("error", "nothing")
        name = f"**{row['check']}**" if row["named"] else f"{row['check']}: **missed**"
        line = f"| {row['bug']} | {row['variant']} | {name} |"
        lines.append(f"{line} {failed} |" if others else line)
    return lines


def clean(found: list[Row]) -> list[str]:
    """Write the table of projects as they come."""
    variants = sorted({row["variant"] for row in found}, key=[r["variant"] for r in found].index)
    alarms = sum(len(row["failed"]) + ("error" in row) for row in found)
    checks = sum(row.get("checks", 0) for row in found)
    lines = [
        f"{alarms} false alarms in {checks} checks: {len(variants)} projects as they come, "
        f"{len(found)} runs. Seconds are of one core, all imports and the data included.",
        "",
        "| project | false alarms | s | longest checks |",
        "| --- | --- | --- | --- |",
    ]
    for name in variants:
        rows = [row for row in found if row["variant"] == name]
        failed = ", ".join(n for row in rows for n in row["failed"]) or "none"
        worst = max(rows, key=lambda row: row["cpu_s"])
        longest = sorted(worst["spent"].items(), key=lambda item: -item[1])[:3]
        text = ", ".join(f"{check} {s:.0f}" for check, s in longest)
        lines.append(f"| {name} | {failed} | {worst['cpu_s']:.0f} | {text} |")
    return lines


def write(path: Path, mark: str, lines: list[str]) -> None:
    """Put lines between <!-- mark --> and the next mark, or the end."""
    head, start, rest = path.read_text("utf-8").partition(f"<!-- {mark} -->\n")
    _, end, tail = rest.partition("\n<!-- end -->")
    path.write_text(head + start + "\n".join(["", *lines, ""]) + end + tail, "utf-8")


def main() -> None:
    """Plant the bugs that are asked for, or none; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="projects with this in their name")
    parser.add_argument("--check", default="", help="bugs of this check")
    parser.add_argument("--what", default="", help="bugs with this in their description")
    parser.add_argument("--clean", action="store_true", help="plant nothing")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of --clean")
    parser.add_argument(
        "--set", nargs="+", default=[], help="of --clean, not kept: check.only=[T1]"
    )
    parser.add_argument("--bugs", nargs="+", default=FILES, help="files of bugs")
    parser.add_argument("--full", action="store_true", help="slow checks on every bug")
    parser.add_argument("--alone", action="store_true", help="no check but what should name it")
    parser.add_argument("--state", type=Path, help="rows found so far; it grows")
    parser.add_argument("--most", type=float, help="seconds after which nothing new is begun")
    parser.add_argument("--out", type=Path, help="docs/checks.md: its table is written anew")
    given = parser.parse_args()
    tables: dict[str, list[str]] = {}
    end = None if given.most is None else time.monotonic() + given.most
    with tempfile.TemporaryDirectory() as folder, until_later():
        lab = Lab(Path(folder), given.state, end)
        if given.clean:
            names = [n for n in lab.projects if given.only in n]
            rows = [show(lab.row(n, [f"seed={s}", *given.set])) for n in names for s in given.seeds]
            tables["clean"] = clean(rows)
        for file in [] if given.clean else given.bugs:
            bugs = [b for b in read(file) if given.only in b.variant and given.what in b.what]
            bugs = [b for b in bugs if given.check in ("", b.check)]
            how = {"full": given.full, "alone": given.alone}
            tables[file] = planted([show(lab.bug(bug, **how)) for bug in bugs])
    for mark, lines in tables.items():
        print(f"{mark}: {lines[0]}")
        if given.out and not given.set:  # the table is of all checks
            write(given.out, mark, lines)


@contextmanager
def until_later() -> Iterator[None]:
    """End with status 3 where there was no time left for all rows: they are kept in --state."""
    try:
        yield
    except Later:
        sys.exit(3)


def show(row: Row) -> Row:
    """Print a row and return it."""
    print(json.dumps(row), flush=True)
    return row


if __name__ == "__main__":
    main()
