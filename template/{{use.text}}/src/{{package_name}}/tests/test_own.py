"""Texts of your own: of every encoding and layout, the broken ones named."""

from pathlib import Path

import pytest

from ..config import build
from ..errors import UserError
from ..files.folder import Folder
from ..utf8 import decode
from .conftest import configured


def own(path: Path, *overrides: str) -> Folder:
    """Build the data of a folder, as `train data=folder` would."""
    cfg = configured("data=folder", f"data.path={path}", "data.labels=required", *overrides)
    return build(cfg, "data", seed=0)


def texts(data: Folder) -> list[str]:
    """Load; return all texts, sorted."""
    data.setup()
    rows = [x for split in data.splits.values() for x in split.x[:].tolist()]
    return sorted(decode(row).decode() for row in rows)


def test_the_columns_of_a_table_are_settings(tmp_path: Path) -> None:
    wanted = sorted(f"text, number {n}: gr\u00fc\u00dfe" for n in range(30))
    lines = [f'{"good" if n % 2 else "bad"},"{text}"' for n, text in enumerate(wanted)]
    for encoding in ("utf-8", "utf-16", "latin-1"):
        path = tmp_path / f"{encoding}.csv"
        path.write_text("\n".join(["stars,body", *lines]), encoding)
        words = ["data.text=body", "data.label=stars"]
        if encoding == "latin-1":
            with pytest.raises(UserError, match=r"data\.encoding=utf-8: .*latin-1"):
                texts(own(path, *words))
            words.append("data.encoding=latin-1")
        assert texts(own(path, *words)) == wanted


def test_every_sort_is_used_or_named(tmp_path: Path) -> None:
    for number in range(30):
        target = tmp_path / ("good", "bad")[number % 2] / f"{number}.txt"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"this is text {number}", "utf-8")
    odd = tmp_path / "good"
    (odd / "empty.txt").touch()
    (odd / "blank.txt").write_text(" \n\t", "utf-8")
    (odd / "latin.txt").write_bytes("gr\u00fc\u00dfe".encode("latin-1"))
    (odd / "binary.txt").write_bytes(b"a\0b")
    (odd / "again.txt").write_text("this  is text 7\n", "utf-8")
    (odd / "wide.txt").write_text("gr\u00fc\u00dfe", "utf-16")
    (odd / "marked.txt").write_text("hello", "utf-8-sig")
    (odd / "long.txt").write_text("word " * 100_000, "utf-8")
    data = own(tmp_path)
    found = texts(data)
    bad = ("empty", "blank", "latin", "binary", "again")
    assert {name for name, _ in data.left_out} == {f"good/{name}.txt" for name in bad}
    assert {"gr\u00fc\u00dfe", "hello"} <= set(found)
    assert max(map(len, found)) == 400


def test_lines_need_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("\n\n".join(f"note {n}" for n in range(40)), "utf-8")
    data = own(path, "data.labels=ignored")
    assert texts(data) == sorted(f"note {n}" for n in range(40))
    assert data.classes == ()
