"""Molecules of your own: canonical, by scaffold, what is none is named."""

from pathlib import Path

from ..config import build
from ..files.folder import Folder
from ..view import text_of
from .conftest import configured

CHAINS = [f"{'C' * n}{end}" for n in range(1, 21) for end in ("O", "N")]
RINGS = [f"C1CCCCC1{'C' * n}O" for n in range(12)]


def own(path: Path, *overrides: str) -> Folder:
    """Build the data of a folder, as `train data=folder` would."""
    cfg = configured("data=folder", f"data.path={path}", "data.labels=required", *overrides)
    return build(cfg, "data", seed=0)


def molecules(data: Folder) -> list[str]:
    """Load; return all SMILES."""
    data.setup()
    return [text_of(x) for split in data.splits.values() for x in split.x[:]]


def test_a_table_is_checked_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "assay.csv"
    rows = [f"{s},{'active' if s[-1] == 'O' else 'inactive'}" for s in CHAINS]
    odd = ["OCC,active", "C1CC,active", ",active", "CC=O,", f"{'C' * 400}O,active"]
    path.write_text("\n".join(["SMILES,label", *rows, *odd]), "utf-8")
    data = own(path)
    assert sorted(molecules(data)) == sorted(CHAINS)
    assert data.classes == ("active", "inactive")
    reasons = [why for _, why in data.left_out]
    assert [name for name, _ in data.left_out] == [f"assay.csv line {n}" for n in range(42, 47)]
    words = ("the same as", "no molecule", "SMILES", "label", "longest")
    assert all(word in why for why, word in zip(reasons, words, strict=True))


def test_molecules_of_one_scaffold_are_in_one_split(tmp_path: Path) -> None:
    (tmp_path / "active").mkdir()
    (tmp_path / "inactive").mkdir()
    (tmp_path / "active" / "a.smi").write_text("\n".join(f"{s} name" for s in RINGS), "utf-8")
    (tmp_path / "inactive" / "b.smi").write_text("\n".join(CHAINS), "utf-8")
    path = tmp_path / "all.csv"
    path.write_text("\n".join(["smiles", *RINGS, *CHAINS]), "utf-8")
    data = own(path, "data.labels=ignored")
    assert len(molecules(data)) == len(RINGS) + len(CHAINS)
    rings = [any("1" in text_of(x) for x in split.x[:]) for split in data.splits.values()]
    assert sum(rings) == 1
