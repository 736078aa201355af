"""Text: bytes there and back, windows, and input of every sort."""

from pathlib import Path

import pytest
import torch

from ..datamodule import DataModule
from ..errors import UserError
from ..tokens import MASK, PAD, lengths
from ..utf8 import decode, encode
from ..view import save, show


@pytest.mark.parametrize("text", ["plain", "f\u00f6\u00f6 b\u00e4r", "\u65e5\u672c", "\U0001f600"])
def test_bytes_there_and_back(text: str) -> None:
    assert decode(encode(text.encode())).decode() == text


def test_what_nobody_can_read_is_a_token_of_its_own() -> None:
    assert encode("a\ufffdb".encode()) == [ord("a") + 4, MASK, ord("b") + 4]
    assert decode([ord("a") + 4, MASK, PAD]).decode() == "a\ufffd"


def test_filling_is_at_the_end_only(data: DataModule) -> None:
    for split in data.splits.values():
        place = torch.arange(split.x.shape[1])
        assert torch.equal(split.x != PAD, place < lengths(split.x)[:, None])
        assert int(lengths(split.x).min()) >= 12


def test_a_window_is_a_part_of_its_sentence(data: DataModule) -> None:
    data = type(data)(batch_size=8, num_classes=15, batch_tokens=512, window=1.0)  # type: ignore[call-arg]
    x = torch.randint(4, 200, (20, 60), generator=torch.Generator().manual_seed(0))
    cut = data.augment(x, torch.Generator().manual_seed(1))
    for row, part in zip(x.tolist(), cut.tolist(), strict=True):
        kept = [t for t in part if t != PAD]
        assert 6 <= len(kept) <= 60
        assert any(row[i : i + len(kept)] == kept for i in range(61 - len(kept)))


def test_a_saved_text_reads_back_the_same(data: DataModule, tmp_path: Path) -> None:
    x = torch.tensor(encode("Gr\u00fc\u00dfe aus K\u00f6ln".encode()))
    save(x, tmp_path / "x.txt")
    assert torch.equal(data.read(tmp_path / "x.txt"), x)
    assert show(x).shape[2] == 3


def test_a_line_is_text_and_a_name_is_a_file(data: DataModule, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"\xef\xbb\xbfhello\n world ")
    assert decode(data.read("hello   world").tolist()) == b"hello world"
    (source,) = data.sources(str(tmp_path / "x.txt"))
    assert decode(data.read(source).tolist()) == b"hello world"
    assert data.sources("Guten Tag") == ["Guten Tag"]


def test_what_is_no_text_is_refused(data: DataModule, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "wide.txt").write_text("hello", encoding="utf-16")
    for source in (" ", tmp_path / "empty.txt", tmp_path / "wide.txt"):
        with pytest.raises(UserError, match="holds no text"):
            data.read(source)
    with pytest.raises(UserError, match="split it"):
        data.read("a" * 5000)
    with pytest.raises(UserError, match="no such file"):
        data.sources(str(tmp_path / "missing.txt"))
