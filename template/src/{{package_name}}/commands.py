"""Commands that start from a checkpoint: `key=value` words, no Hydra composition, no torch."""

import sys
from collections.abc import Callable

from .errors import UserError, fail, suggest


def parse(usage: str, own: tuple[str, ...], words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Part a command's own words from overrides of the checkpoint's config.

    Args:
        usage: printed for --help.
        own: the command's own keys; the first is required.
        words: the command line after the program's name.

    Returns:
        the own words as a dict, and the other words.

    Raises:
        UserError: for a word that is no key=value, or where the required key is missing.
    """
    if {"-h", "--help"} & set(words):
        print(usage.strip())
        sys.exit(0)
    mine: dict[str, str] = {}
    rest: list[str] = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise UserError(
                f"{word}: write settings as key=value; this command's own are {', '.join(own)}"
            )
        if key in own:
            if not value:
                raise UserError(f"{key} is empty: give it a value ({key}=...)")
            mine[key] = value
        elif "." not in key and (hint := suggest(key, own)):
            raise UserError(f"{key}: there is no such setting{hint}")
        else:
            rest.append(word)
    if own[0] not in mine:
        raise UserError(f"{own[0]} is missing: {usage.strip().splitlines()[0]}")
    return mine, rest


def run(usage: str, own: tuple[str, ...], job: Callable[[dict[str, str], list[str]], None]) -> None:
    """Parse the command line and do the job; an expected error is one line, not a traceback."""
    try:
        job(*parse(usage, own, sys.argv[1:]))
    except UserError as error:
        fail(error)
