"""Data of the hub: the same as files, in the hub's order of classes, at the state that was read."""

import sys
from pathlib import Path
from typing import Any

import pytest

from .. import view
from ..config import build
from ..datamodule import DataModule
from ..errors import UserError
from ..files.folder import Folder
from .conftest import configured

CLASSES = ("zebra", "ape")  # no alphabet's order
OWN = configured("data=folder").data
LITERAL = "text" in OWN  # the examples are cells, not files


def own(*words: str) -> Folder:
    """Build data of one's own, as `train` would."""
    return build(configured(*words, "data.labels=required"), "data", seed=0)


def contents(data: Folder) -> set[tuple[bytes, Any]]:
    """Load; return each example with its class, or with what belongs to it."""
    data.setup()
    found = set()
    for split in data.splits.values():
        for row in range(len(split.x)):
            x, y = split.x[row].numpy().tobytes(), split.y[row]
            found.add((x, data.classes[int(y)] if data.classes else y.numpy().tobytes()))
    return found


@pytest.fixture(scope="module")
def files(data: DataModule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay some examples of the project's data in folders of two classes."""
    root = tmp_path_factory.mktemp("own")
    for row in range(40):
        path = root / CLASSES[row % 2] / f"{row}{view.SUFFIX}"
        path.parent.mkdir(exist_ok=True)
        view.save(data.sight("val", row), path)
    return root


def rows_of(files: Path) -> list[dict[str, Any]]:
    """Return the files as the rows of a dataset."""
    rows = []
    for path in sorted(files.rglob(f"*{view.SUFFIX}")):
        cell: Any = {"bytes": path.read_bytes(), "path": path.name if "1" in path.name else None}
        rows.append({"it": path.read_text("utf-8") if LITERAL else cell})
        rows[-1] |= {OWN.label: CLASSES.index(path.parent.name), "who": path.stem[-1]}
    return rows


@pytest.fixture(scope="module")
def dataset(files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Write them as Parquet files, in the hub's format; return the words that name them."""
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    text, names = datasets.Value("string"), datasets.ClassLabel(names=[*CLASSES, "never seen"])
    cell = text if LITERAL else {"bytes": datasets.Value("binary"), "path": text}
    features = datasets.Features({"it": cell, OWN.label: names, "who": text})
    root = tmp_path_factory.mktemp("hub")
    rows = rows_of(files)
    for split, part in (("train", rows[:30]), ("test", rows[30:]), ("extra", rows[:1])):
        table = datasets.Dataset.from_list(part, features=features)
        (root / "data").mkdir(exist_ok=True)
        table.to_parquet(root / "data" / f"{split}-00000-of-00001.parquet")
    example = "text" if LITERAL else "file"
    return "data=hub", f"data.name={root}", f"data.{example}=it"


@pytest.mark.parametrize("stream", [False, True])
def test_what_lies_in_a_dataset_is_read_as_files_are(
    files: Path, dataset: tuple[str, ...], stream: bool
) -> None:
    data = own(*dataset, f"data.streaming={stream}")
    folder = own("data=folder", f"data.path={files}")
    assert contents(data) == contents(folder)
    if data.classes:  # where what belongs to an example is no text
        assert data.classes == CLASSES, "in the order of the dataset, without what never occurs"
        assert folder.classes == tuple(sorted(CLASSES))
    found = data.discover()
    assert found["name"] == dataset[1].partition("=")[2]
    assert found["num_classes"] == len(data.classes)
    assert dict(data.left_out).keys() == {"extra"}, "a split of no known name"


def test_splits_groups_and_a_limit_are_heeded(dataset: tuple[str, ...], tmp_path: Path) -> None:
    data = own(*dataset, "data.limit=20", "data.group=who")
    contents(data)
    groups = {name: set(split.groups) for name, split in data.splits.items()}
    assert not groups["train"] & groups["val"]
    assert len(data.splits["test"].x) <= 10
    assert sum(len(split.x) for split in data.splits.values()) <= 30
    told = "\n".join(data.tell(tmp_path))
    assert "val by a hash of the who" in told


@pytest.mark.skipif(OWN.label != "label", reason="what belongs to an example is a text")
def test_one_column_is_enough_without_classes(files: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = [{"it": row["it"]} for row in rows_of(files)]
    datasets.Dataset.from_list(rows).to_parquet(tmp_path / "data.parquet")
    words = ["data.text=it"] if LITERAL else []
    cfg = configured("data=hub", f"data.name={tmp_path}", "data.labels=ignored", *words)
    data: Folder = build(cfg, "data", seed=0)
    data.setup()
    assert sum(len(split.x) for split in data.splits.values()) == len(rows)
    assert data.classes == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data.label=kind"], ["data.label=kind", "no such column", "it, ", ", who"]),
        (["data.group=me"], ["data.group=me", "no such column"]),
        (["data.limit=0"], ["data.limit=0", "1 or more"]),
        (["data.path=x"], ["data.path=x", "data.name"]),
        (["data.name=null"], ["data.name is missing"]),
        (["data.config=other"], ["data.name", "other"]),
        (["data.name=no/such-dataset"], ["data.name=no/such-dataset"]),
    ],
)
def test_one_clear_line(
    dataset: tuple[str, ...], words: list[str], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = pytest.importorskip("datasets").config
    monkeypatch.setattr(config, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError) as caught:
        own(*dataset, *words).setup()
    assert all(word in str(caught.value) for word in said), caught.value
    assert "\n" not in str(caught.value)


def test_the_package_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match="uv sync --extra hub"):
        own("data=hub", "data.name=a/b").setup()
