"""Write the table of what XLA compiles into docs/devices.md, from what tests/test_xla.py recorded.

XLA_RECORD=$PWD/xla.json uv run pytest -m xla -n 0
uv run python benchmarks/xla.py xla.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from results import ROOT, pairs

BEGIN, END = "<!-- what XLA compiles: made by benchmarks/xla.py -->", "<!-- end -->"
READ = "aten::_local_scalar_dense"  # a number is waited for, which is no operation
STEPS = 5  # of an epoch, in the test
HEAD = ["task", "modality", "graphs compiled after each step", "in the second epoch", "on the CPU"]


def row(found: dict[str, Any] | None) -> list[str]:
    """Tell what was compiled after each step of the first epoch, in the next, and fell back."""
    if found is None:
        return ["not run", "", ""]
    if not found["epochs"]:
        return ["**fails** in the first step", "", ""]
    first, *later = found["epochs"]
    names = [name.removeprefix("aten::") for name in found["fallbacks"] if name != READ]
    more = later[-1][-1] - later[-1][0] if later else "not run"
    ends = [] if len(first) == STEPS else ["**fails**"]
    return [", ".join([*map(str, first), *ends]), str(more), ", ".join(names)]


def main() -> None:
    """Replace the table."""
    (record,) = sys.argv[1:]
    found = json.loads(Path(record).read_text())
    lines = [HEAD, ["---"] * len(HEAD)]
    for pair in pairs():
        name = f"{pair['task']}-{pair['modality']}"
        lines.append([pair["task"], pair["modality"], *row(found.get(name))])
    page = ROOT / "docs" / "devices.md"
    before, _, rest = page.read_text().partition(BEGIN)
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
