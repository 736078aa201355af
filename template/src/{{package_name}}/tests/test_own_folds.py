"""Folds of data of one's own, which lie on disk."""

from pathlib import Path

import torch

from ..files.shares import place
from .test_folder import loaded, own, write


def test_folds_divide_what_is_on_disk(tmp_path: Path) -> None:
    write(tmp_path, *(f"{c}/{i}.num" for c in "ab" for i in range(40)))
    names, validated = loaded(own(tmp_path)), []
    for fold in range(3):
        data = own(tmp_path, folds=3, fold=fold)
        found = loaded(data)
        assert found["test"] == names["test"]
        assert not set(found["train"]) & set(found["val"])
        validated += found["val"]
        for name, split in data.splits.items():
            assert [data.classes[y] for y in split.y.tolist()] == [n[0] for n in found[name]]
            wanted = [[place(n), len(n)] for n in found[name]]
            assert torch.allclose(split.x[:], torch.tensor(wanted), atol=1e-3)
        assert any(line.startswith(f"fold {fold} of 3 ") for line in data.tell(tmp_path))
    assert sorted(validated) == sorted(names["train"] + names["val"])


def test_folds_divide_pairs(tmp_path: Path) -> None:
    write(tmp_path, *(f"{kind}/{i}.num" for kind in ("clean", "noisy") for i in range(30)))
    data = own(tmp_path, labels="ignored", folds=4, fold=3)
    loaded(data)
    for split in data.splits.values():
        wanted = [place(name.replace("clean", "noisy")) for name in split.groups]
        assert torch.allclose(split.y[:][:, 0], torch.tensor(wanted), atol=1e-3)
