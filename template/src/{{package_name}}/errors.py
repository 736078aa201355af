"""What a person got wrong, said in one line: no torch, no traceback."""

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn


class UserError(Exception):
    """A wrong setting or file.

    The message names the setting, its value, what is allowed and the fix.
    """


def suggest(word: str, known: Iterable[str]) -> str:
    """Name the nearest known words: " (did you mean 'x'?)", or nothing where none is near.

    A key also matches by its last part, so that `lr` finds `optimizer.lr`.
    """
    known = list(known)
    inner = [k for k in known if k.rpartition(".")[2] == word]
    near = inner or difflib.get_close_matches(word, known, n=2, cutoff=0.7)
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""


def cause_of(error: UserError, source: str | Path) -> str:
    """Say why an input was refused, without saying its name again."""
    text, name = str(error), f"input={source}"
    for start in (name, f"{name[:80]}..."):
        if text.startswith(start):
            text = f"it{text[len(start) :]}"
    return text if len(text) < 160 else f"{text[:160]}..."


def refuse_existing(*targets: Path) -> None:
    """Refuse before anything is written, if one of the files is there already.

    Raises:
        UserError: naming the file.
    """
    for target in targets:
        if target.exists():
            raise UserError(
                f"output: {target} exists, and nothing is overwritten: "
                "give another folder (output=...)"
            )


def fail(error: object) -> NoReturn:
    """Print the error as one line and leave with status 2."""
    print(f"error: {error}", file=sys.stderr, flush=True)
    sys.exit(2)
