"""Tables of one's own, row by row: .csv, .tsv, .jsonl, and lists without names, .txt and .smi.

Only the standard library is used, and one row is held at a time.
"""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from ..errors import UserError, suggest

TABLES = (".csv", ".tsv", ".jsonl")
LINES = (".txt", ".smi")  # an example a line
LONGEST_CELL = 2**24  # characters; the standard library's limit is less than an article

Refuse = Callable[[str, str], None]  # (name of what is left out, why)
Cells = dict[str, str]


def read(path: Path, encoding: str, refuse: Refuse, name: str) -> Iterator[tuple[int, Cells]]:
    """Yield the number of each line and its cells by the names of their columns.

    The only cell of a line in a list has no name: "".

    Args:
        path: of the table.
        encoding: of its text; the mark at the beginning of UTF-8 and UTF-16 is heeded first.
        refuse: told of each line that is no row.
        name: of the table in messages.

    Raises:
        UserError: if it is no table, or written otherwise.
    """
    suffix = path.suffix.lower()
    try:
        with path.open(newline="", encoding=marked(path, encoding)) as file:
            if suffix in LINES:
                yield from lines(file, first_word=suffix == ".smi")
            elif suffix == ".jsonl":
                yield from objects(file, refuse, name)
            else:
                csv.field_size_limit(LONGEST_CELL)
                table = csv.DictReader(file, delimiter=separator(file))
                for cells in table:
                    row = {k: v.strip() for k, v in cells.items() if k is not None and v}
                    yield table.line_num, row
    except (UnicodeError, LookupError) as error:
        cause = getattr(error, "reason", error)
        raise UserError(
            f"data.encoding={encoding}: {path} is not written so ({cause}): name another, for "
            "example data.encoding=latin-1, or save the file as UTF-8"
        ) from None
    except csv.Error as error:
        raise UserError(f"data.path: {path} is no readable table: {error}") from None
    except OSError as error:
        refuse(name, f"it cannot be read: {error.strerror}")


def marked(path: Path, encoding: str) -> str:
    """Return the encoding that the first bytes of a file tell, else the one that is given."""
    with path.open("rb") as file:
        first = file.read(3)
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return "utf-8-sig" if first == b"\xef\xbb\xbf" else encoding


def lines(file: Iterator[str], *, first_word: bool) -> Iterator[tuple[int, Cells]]:
    """Yield each line that is not empty, or the first word of it."""
    for number, line in enumerate(file, start=1):
        if words := line.split(maxsplit=1):
            yield number, {"": words[0] if first_word else line.strip()}


def objects(file: Iterator[str], refuse: Refuse, name: str) -> Iterator[tuple[int, Cells]]:
    """Yield the JSON object on each line."""
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, dict):
            yield number, {k: str(v).strip() for k, v in found.items() if v is not None}
        else:
            refuse(f"{name} line {number}", "it is no JSON object")


def separator(file: TextIO) -> str:
    """Find in the first line what separates cells; in half of Europe it is a semicolon."""
    first = file.readline()
    file.seek(0)
    return max(",\t;", key=first.count)


def headings(path: Path, encoding: str) -> list[str]:
    """Name the columns of a table; those of .jsonl by its first object."""
    if path.suffix.lower() in LINES:
        return [""]
    if path.suffix.lower() == ".jsonl":
        _, first = next(read(path, encoding, lambda *_: None, ""), (0, {}))
        return list(first)
    try:
        with path.open(newline="", encoding=marked(path, encoding)) as file:
            return next(csv.reader(file, delimiter=separator(file)), [])
    except (UnicodeError, LookupError, csv.Error, OSError):
        return []  # `read` says what is wrong


def find_columns(path: Path, wanted: dict[str, str], needed: set[str], encoding: str) -> Cells:
    """Find what the columns are called in a table: see `choose`; lines have no names."""
    found = headings(path, encoding)
    if found == [""]:
        return {setting: "" for setting in wanted}
    return choose(found, wanted, needed, str(path))


def choose(found: list[str], wanted: dict[str, str], needed: set[str], name: str) -> Cells:
    """Find what the columns are called, capital letters aside.

    Args:
        found: the columns that there are; none where that is not known.
        wanted: what the settings `data.*` say: {setting: column}; "" for none.
        needed: settings whose column there must be.
        name: of what has the columns, in messages.

    Returns:
        {setting: column}; "" where there is none.

    Raises:
        UserError: naming the setting, and the columns that there are.
    """
    alike, columns = {column.lower(): column for column in found}, {}
    for setting, column in wanted.items():
        columns[setting] = column if column in found else alike.get(column.lower(), "")
        if setting in needed and found and not columns[setting]:
            raise UserError(
                f"data.{setting}={column}: {name} has no such column{suggest(column, found)}; it "
                f"has {', '.join(found)}: set data.{setting} to one of them"
            )
    return columns
