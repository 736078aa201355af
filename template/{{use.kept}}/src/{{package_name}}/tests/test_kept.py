"""Decoded examples are found again, unless anything that they follow from has changed."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ..files import kept
from ..files.kept import Kept
from ..files.rows import Pair


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "what-next" / "examples"


class Numbers(Kept):
    """Files that hold a few numbers; `read` counts how often it is asked."""

    suffixes = (".txt",)
    asked = 0

    def read(self, source: str | Path) -> Tensor:
        self.asked += 1
        return torch.tensor([float(word) for word in Path(source).read_text().split()])


def data(**changed: Any) -> Numbers:
    usual: dict[str, Any] = {"path": None, "labels": "optional", "label": "label", "group": None}
    usual |= {
        "split": "split",
        "cache": True,
        "encoding": "utf-8",
        "on_error": "skip",
        "memory_mb": 32,
        "batch_size": 4,
        "num_classes": None,
    }
    return Numbers(**usual | changed)


def test_a_second_run_decodes_nothing_and_gives_the_same(tmp_path: Path, home: Path) -> None:
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_text(f"{number} {1 / 3}")
    sources = [*paths, Pair(paths[0], paths[1])]
    first, second, other = data(), data(batch_size=8, seed=3, folds=5, fold=2), data(cache=False)
    found = [[each.once(source) for source in sources] for each in (first, second, other)]
    assert (first.asked, second.asked, other.asked) == (5, 0, 5)
    assert (first.found, second.found) == (0, 4)
    for one, two, three in zip(*found, strict=True):
        for a, b, c in zip(one, two, three, strict=True):
            assert (a is b is c is None) or (torch.equal(a, b) and torch.equal(a, c))
    assert not [path for path in home.rglob("*") if path.suffix == ".part"]


def test_what_is_stale_is_decoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1 2")
    data().once(path)
    path.write_text("3 4")
    os.utime(path, ns=(1, 1))
    assert data().once(path)[0].tolist() == [3, 4]
    os.utime(path, ns=(2, 2))  # as large as before, and written later
    changed = data()
    changed.once(path)
    longer = data(encoding="latin-1")
    longer.once(path)
    monkeypatch.setattr(kept, "installed", lambda: ["torch 3"])
    newer = data()
    newer.once(path)
    assert (changed.asked, longer.asked, newer.asked) == (1, 1, 1)


def test_what_is_damaged_is_decoded_again(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1 2")
    data().once(path)
    (file,) = home.rglob("*.npz")
    whole = file.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        again = data()
        assert again.once(path)[0].tolist() == [1, 2]
        assert again.asked == 1
    assert file.read_bytes() == whole


def test_frames_in_a_folder_are_looked_at_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "film"
    folder.mkdir()
    for name in "ab":
        (folder / name).write_text(name)
    before = [*kept.identity(folder)]
    state = folder.stat()
    (folder / "a").write_text("other")
    os.utime(folder, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert before != [*kept.identity(folder)]


def test_a_full_disk_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "x.txt").write_text("1 2")
    monkeypatch.setattr(kept, "save", full)
    own = data()
    assert own.once(tmp_path / "x.txt")[0].tolist() == [1, 2]
    assert own.trouble.endswith("cannot be written (No space left on device)")


def test_a_run_says_what_was_decoded_before(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / "own" / "abc"[number % 3]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / "abc"[number % 3] / f"{number}.txt").write_text(f"{number} 2")
    for found in (0, 9):
        own = data(path=str(tmp_path / "own"))
        own.setup()
        assert f"data.cache=true: {found} were decoded before" in own.tell(tmp_path)[-1]
        assert sum(len(split.x) for split in own.splits.values()) == 9
