"""Data of one's own: what is understood, how it is split, what is named and left out."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ..errors import UserError
from ..files.folder import Folder
from ..files.shares import cut, place


class Numbers(Folder):
    """Files that hold a few numbers each: the folder without a modality."""

    suffixes = (".num",)

    def read(self, source: str | Path) -> Tensor:
        """Return the numbers in a file, or in a cell."""
        try:
            text = source if isinstance(source, str) else source.read_text("utf-8")
            return torch.tensor([float(word) for word in text.split()]).view(2)
        except (OSError, ValueError, RuntimeError) as error:
            raise UserError(f"input={source} is no pair of numbers: {error}") from None


class Cells(Numbers):
    """The same in the cells of a table."""

    literal = True


def own(path: Path, kind: type[Folder] = Numbers, **given) -> Folder:
    """Return the data of a folder, not loaded."""
    example = "text" if kind.literal else "file"
    columns = {
        example: example,
        "label": "label",
        "group": given.pop("group", ""),
        "split": "split",
    }
    settings = {"labels": "required", "encoding": "utf-8", "on_error": "skip", "memory_mb": 1}
    settings |= {"batch_size": 4, "num_classes": None} | given
    return kind(path=str(path), **columns, **settings)  # type: ignore[arg-type]


def write(root: Path, *names: str) -> Path:
    """Write files, each of which holds two numbers of its own."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{place(name)} {len(name)}", "utf-8")
    return root


def loaded(data: Folder) -> dict[str, list[str]]:
    """Load; return the names of the examples in each split."""
    data.setup()
    return {name: split.groups for name, split in data.splits.items()}


def test_class_folders_are_split_by_a_hash(tmp_path: Path) -> None:
    write(tmp_path, *(f"{c}/deep/{i}.num" for c in "ab" for i in range(200)))
    data = own(tmp_path)
    names = loaded(data)
    assert (data.classes, data.num_classes) == (("a", "b"), 2)
    assert sorted(name for part in names.values() for name in part) == sorted(
        f"{c}/deep/{i}.num" for c in "ab" for i in range(200)
    )
    assert abs(len(names["test"]) - 80) < 25
    assert abs(len(names["val"]) - 40) < 20
    for name, split in data.splits.items():
        assert [data.classes[y] for y in split.y.tolist()] == [n[0] for n in names[name]]
        wanted = [[place(n), len(n)] for n in names[name]]
        assert torch.allclose(split.x[:], torch.tensor(wanted), atol=1e-3)


def test_nothing_changes_its_split_when_data_grow(tmp_path: Path) -> None:
    few = [f"{c}/{i}.num" for c in "ab" for i in range(60)]
    before = loaded(own(write(tmp_path, *few)))
    after = loaded(own(write(tmp_path, *(f"{c}/x{i}.num" for c in "ab" for i in range(60)))))
    for name in before:
        assert set(before[name]) == set(after[name]) & set(few)


def test_given_splits_are_kept_and_what_is_missing_comes_from_training(tmp_path: Path) -> None:
    write(
        tmp_path, *(f"{s}/{c}/{i}.num" for s in ("train", "test") for c in "ab" for i in range(40))
    )
    (tmp_path / "README").touch()
    data = own(tmp_path)
    names = loaded(data)
    assert data.left_out == [("README", "it lies beside the splits, not in one")]
    assert len(names["test"]) == 80
    assert all(name.startswith("train/") for name in names["train"] + names["val"])
    assert 0 < len(names["val"]) < 25


@pytest.mark.parametrize(
    ("suffix", "mark"), [(".csv", ","), (".csv", ";"), (".tsv", "\t"), (".jsonl", "")]
)
def test_tables_name_files(tmp_path: Path, suffix: str, mark: str) -> None:
    files = [f"{i}.num" for i in range(30)]
    write(tmp_path, *files)
    rows = [
        (f, "even" if i % 2 else "odd", ("train", "dev", "test")[i % 3])
        for i, f in enumerate(files)
    ]
    lines = [mark.join(row) for row in [("File", "Label", "split"), *rows]]
    if suffix == ".jsonl":
        lines = [f'{{"file": "{f}", "label": "{c}", "split": "{s}"}}' for f, c, s in rows]
    (tmp_path / f"metadata{suffix}").write_text("\n".join(lines), "utf-8")
    names = loaded(own(tmp_path))
    assert names == {s: files[k::3] for k, s in enumerate(("train", "val", "test"))}


def test_a_group_is_in_one_split(tmp_path: Path) -> None:
    lines = [f"{i} {i // 7},{'xy'[i % 2]},speaker {i // 10}" for i in range(300)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["text,label,who", *lines]), "utf-8")
    names = loaded(own(path, Cells, group="who"))
    assert sum(map(len, names.values())) == 300
    sets = [set(groups) for groups in names.values()]
    assert not sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]


def test_what_cannot_be_used_is_named_and_the_rest_is_used(tmp_path: Path) -> None:
    write(tmp_path, *(f"{c}/{i}.num" for c in "ab" for i in range(40)), "a/odd.txt", "beside.num")
    (tmp_path / "a" / "empty.num").touch()
    (tmp_path / "a" / "wrong.num").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "b" / "copy.num").write_bytes((tmp_path / "b" / "7.num").read_bytes())
    (tmp_path / "b" / "round").symlink_to(tmp_path / "b", target_is_directory=True)
    (tmp_path / "b" / "nowhere.num").symlink_to(tmp_path / "missing")
    data = own(tmp_path)
    names = loaded(data)
    assert sum(map(len, names.values())) == 80
    left_out = dict(data.left_out)
    assert set(left_out) == {
        "a/odd.txt", "beside.num", "a/empty.num", "a/wrong.num", "b/copy.num", "b/round",
        "b/nowhere.num",
    }  # fmt: skip
    assert left_out["b/copy.num"] == "it is the same as b/7.num"
    assert ".num" in left_out["a/odd.txt"]
    told = "\n".join(data.tell(tmp_path / "a"))
    assert "80 examples in 2 classes" in told
    assert "test and val by a hash of the name" in told
    assert "7 left out" in told
    assert len((tmp_path / "a" / "left-out.txt").read_text("utf-8").splitlines()) == 7
    with pytest.raises(UserError, match=r"beside\.num: .*data\.on_error=skip"):
        own(tmp_path, on_error="raise").setup()


def test_what_is_noisy_is_paired_with_what_is_clean(tmp_path: Path) -> None:
    names = [f"deep/{i}.num" for i in range(30)]
    write(tmp_path, *(f"{kind}/{name}" for kind in ("clean", "noisy") for name in names))
    write(tmp_path, "clean/alone.num", "noisy/lonely.num")
    data = own(tmp_path, labels="ignored")
    found = [name for part in loaded(data).values() for name in part]
    assert sorted(found) == sorted(f"clean/{name}" for name in names)
    for split in data.splits.values():
        wanted = [place(name.replace("clean", "noisy")) for name in split.groups]
        assert torch.allclose(split.y[:][:, 0], torch.tensor(wanted), atol=1e-3)
    assert data.left_out == [
        ("clean/alone.num", "there is no noisy/alone.num"),
        ("noisy/lonely.num", "there is no clean/lonely.num"),
    ]
    held = data.held("train")
    assert torch.equal(held.y, data.splits["train"].y[:])


def test_texts_are_not_paired(tmp_path: Path) -> None:
    write(tmp_path, *(f"{kind}/{i}.num" for kind in ("clean", "noisy") for i in range(30)))
    data = own(tmp_path, Cells, labels="ignored")
    found = [name for part in loaded(data).values() for name in part]
    assert sorted(found) == sorted(f"clean/{i}.num" for i in range(30))
    assert data.left_out == [("noisy", "noise is made from what is in clean")]


def test_numbered_frames_are_one_example(tmp_path: Path) -> None:
    class Films(Numbers):
        """Folders of files, each of which counts as a number."""

        frames = (".num",)

        def read(self, source: str | Path) -> Tensor:
            files = list(Path(source).iterdir()) if Path(source).is_dir() else []
            return torch.tensor([len(files), place(str(source))])

    for number in range(12):
        kind = "ab"[number % 2]
        write(tmp_path, *(f"{kind}/{number}/f-{i}.num" for i in range(number + 1)))
    names = [name for part in loaded(own(tmp_path, Films)).values() for name in part]
    films = [f"{'ab'[n % 2]}/{n}" for n in range(1, 12)]
    assert sorted(names) == sorted(["a/0/f-0.num", *films])


def test_rows_without_a_cell_are_named(tmp_path: Path) -> None:
    lines = ["text,label", *(f'"{i} 1",{"xy"[i % 2]}' for i in range(40)), ",x", '"3 5"', '"3 6",']
    (tmp_path / "t.csv").write_text("\n".join([*lines, '"3 7",x,more', '"1 1",x']), "utf-16")
    data = own(tmp_path / "t.csv", Cells)
    assert sum(map(len, loaded(data).values())) == 41
    assert [name for name, _ in data.left_out] == [f"t.csv line {n}" for n in (42, 43, 44, 46)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": "nowhere"}, ["data.path", "nowhere", "no such file"]),
        ({"path": "empty"}, ["data.path", "Expected", "cat/1.num", "Found", "(nothing)"]),
        ({"path": "loose"}, ["Expected", "cat/1.num", "Found", "1.num", "2.num"]),
        ({"path": "one"}, ["one class only", "cat"]),
        ({"path": "few"}, ["no example is left", "empty or missing"]),
        ({"path": "table.csv"}, ["data.label=label", "no such column", "text, stars"]),
        ({"path": "latin.csv"}, ["data.encoding=utf-8", "latin-1"]),
        ({"path": "data.xyz"}, ["neither a folder nor", ".csv"]),
        ({"on_error": "stop"}, ["data.on_error=stop", "skip or raise"]),
        ({"num_classes": 3, "path": "good"}, ["data.num_classes=3", "2 classes", "a, b"]),
    ],
)
def test_one_clear_line(tmp_path: Path, given: dict, words: list[str]) -> None:
    write(tmp_path, "loose/1.num", "loose/2.num", "one/cat/1.num", "one/cat/2.num", "data.xyz")
    write(tmp_path, *(f"good/{c}/{i}.num" for c in "ab" for i in range(9)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "metadata.csv").write_text("file,label\nx.num,a\ny.num,b\n,b\n", "utf-8")
    (tmp_path / "table.csv").write_text("text,stars\n1 1,2\n", "utf-8")
    (tmp_path / "latin.csv").write_bytes("text,label\n\u00e4,1\n".encode("latin-1"))
    given = dict(given)
    path = tmp_path / given.pop("path", "good")
    if path.suffix == ".csv":
        given["kind"] = Cells
    with pytest.raises(UserError) as caught:
        own(path, **given).setup()
    assert all(word in str(caught.value) for word in words), caught.value


def test_shares_that_hold_nothing_reach_to_the_next_group() -> None:
    assert cut(np.linspace(0, 0.999, 500), {"test": 0.2, "val": 0.1}) == pytest.approx(
        {"test": 0.2, "val": 0.3}
    )
    ends = cut(np.array([0.5, 0.7, 0.9]), {"test": 0.2, "val": 0.1})
    assert 0.5 < ends["test"] < 0.7 < ends["val"] < 0.9
