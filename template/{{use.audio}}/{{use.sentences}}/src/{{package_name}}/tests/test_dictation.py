"""Recordings of your own with a text each: as tables, as LibriSpeech, as Common Voice."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ..alphabet import Alphabet
from ..config import build, compose
from ..dictation import Dictation
from ..errors import UserError
from ..recording import RATE_HZ
from ..tokens import SPECIALS
from ..waves import extent

TEXTS = [f"{one} {two}" for one in ("Yes", "NO", "\u00e9t\u00e9") for two in "abcdefgh"]


def own(path: Path, *overrides: str) -> Dictation:
    """Build the data of a folder, as `train data=folder` would."""
    return build(compose("data=folder", f"data.path={path}", *overrides), "data", seed=0)


def texts(data: Dictation) -> dict[int, str]:
    """Load; return the text of each recording by its length in samples at 8 kHz."""
    data.setup()
    found = {}
    for split in data.splits.values():
        for row in range(len(split.x)):
            wave, line = sorted((split.x[row], split.y[row]), key=lambda part: part.dtype.itemsize)
            length = int(extent(wave[None]))
            found[length] = data.alphabet.decode(line.tolist())
            assert wave.abs().max().item() == pytest.approx(0.3, rel=1e-2)
    return found


def record(path: Path, number: int) -> int:
    """Write a recording; return how many samples it has at 8 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    length = 4000 + 40 * number
    rng = np.random.default_rng(number)
    soundfile.write(path, rng.uniform(0.1, 0.2, length), RATE_HZ)
    return length


@pytest.fixture
def voices(tmp_path: Path) -> dict[int, str]:
    """Make recordings with a metadata.csv; return what is said by length."""
    lines, wanted = ["file_name,transcription,speaker"], {}
    for number, text in enumerate(TEXTS):
        wanted[record(tmp_path / "deep" / f"{number}.wav", number)] = text.lower()
        lines.append(f'deep/{number}.wav,"{text}",{"xyzw"[number % 4]}')
    (tmp_path / "metadata.csv").write_text("\n".join(lines), "utf-8")
    return wanted


def test_a_table_says_what_is_said(voices: dict[int, str], tmp_path: Path) -> None:
    data = own(tmp_path, "data.group=speaker")
    found = data.discover()
    assert found["alphabet"] == " abcdefghnosty\u00e9"
    assert (found["num_classes"], data.classes) == (0, ())
    assert texts(data) == voices
    groups = [set(split.groups) for split in data.splits.values()]
    assert sum(map(len, groups)) == len(set.union(*groups))
    cfg = compose("data=folder", f"data.alphabet={found['alphabet']!r}")
    vocab = SPECIALS + len(found["alphabet"])
    shapes = [parameter.shape for parameter in build(cfg, "network").parameters()]
    assert any(vocab in shape for shape in shapes), "the network has a place for each letter"


def test_what_cannot_be_used_is_named(voices: dict[int, str], tmp_path: Path) -> None:
    record(tmp_path / "hasty.wav", 50)
    record(tmp_path / "mute.wav", 51)
    soundfile.write(tmp_path / "long.wav", np.full(21 * RATE_HZ, 0.1), RATE_HZ)
    (tmp_path / "none.wav").touch()
    more = ["hasty.wav," + "abcd" * 20, 'mute.wav," "', "long.wav,a", "none.wav,b", "gone.wav,c"]
    with (tmp_path / "metadata.csv").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join(more))
    data = own(tmp_path)
    assert texts(data) == voices
    reasons = dict(data.left_out)
    assert {name.split()[0] for name in reasons} == {
        "hasty.wav", "metadata.csv", "long.wav", "none.wav", "gone.wav",
    }  # fmt: skip
    assert "80 letters, too many for" in reasons["hasty.wav"]
    assert "takes 21 s, more than 20" in reasons["long.wav"]


def test_letters_that_training_lacks_are_named(voices: dict[int, str], tmp_path: Path) -> None:
    data = own(tmp_path, "data.alphabet=' abcdefghnosty'")
    assert len(texts(data)) == 16
    assert {why for _, why in data.left_out} == {"its text has '\u00e9': not in data.alphabet"}


def test_librispeech_is_read_as_it_lies(tmp_path: Path) -> None:
    wanted, folder = {}, tmp_path
    for number, text in enumerate(TEXTS):
        split = ("train-clean-100", "dev-clean", "test-other")[number % 3]
        folder, name = tmp_path / split / "84" / "12", f"84-12-{number:04d}"
        wanted[record(folder / f"{name}.flac", number)] = text.lower()
        with (folder / "84-12.trans.txt").open("a", encoding="utf-8") as file:
            file.write(f"{name} {text}\n")
    (folder / "84-12-0099.flac").touch()
    with (folder / "84-12.trans.txt").open("a", encoding="utf-8") as file:
        file.write("84-12-9999 NOBODY\n")
    data = own(tmp_path)
    assert texts(data) == wanted
    assert {name: len(split.x) for name, split in data.splits.items()} == dict.fromkeys(
        ("train", "val", "test"), 8
    )
    where = "test-other/84/12/84-12"
    assert {name for name, _ in data.left_out} == {
        f"{where}-0099.flac",
        f"{where}.trans.txt line 9",
    }


def test_common_voice_is_read_as_it_lies(tmp_path: Path) -> None:
    wanted = {}
    for split in ("train", "dev", "test", "other"):
        (tmp_path / f"{split}.tsv").write_text("client_id\tpath\tsentence\n", "utf-8")
    for number, text in enumerate(TEXTS):
        wanted[record(tmp_path / "clips" / f"{number}.wav", number)] = text.lower()
        with (tmp_path / f"{('train', 'dev', 'test')[number % 3]}.tsv").open(
            "a", encoding="utf-8"
        ) as file:
            file.write(f"{number}\t{number}.wav\t{text}\n")
    data = own(tmp_path, "data.file=path", "data.label=sentence", "data.group=client_id")
    assert texts(data) == wanted
    assert [name for name, _ in data.left_out] == ["other.tsv"]


def test_an_alphabet_is_no_dictionary(tmp_path: Path) -> None:
    record(tmp_path / "1.wav", 1)
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 600)))
    (tmp_path / "metadata.csv").write_text(f"file_name,transcription\n1.wav,{many}", "utf-8")
    with pytest.raises(UserError, match="more than 500 different letters"):
        own(tmp_path).setup()


def test_tokens_are_those_of_the_alphabet(voices: dict[int, str], tmp_path: Path) -> None:
    data = own(tmp_path)
    data.setup()
    split = data.splits["train"]
    lines = split.x if split.x[0].dtype == torch.long else split.y
    letters = {token for row in range(len(lines)) for token in lines[row].tolist()}
    assert max(letters) < Alphabet(data.alphabet.letters).size
