"""One voice: no sentence in two splits, and texts of every sort."""

from pathlib import Path

import pytest
import torch

from ..data import COUNTS, Voice, plan
from ..errors import UserError
from ..recognizer import FRAME_S
from ..recording import RATE_HZ
from ..script import frame
from ..tokens import lengths
from ..waves import extent


def test_no_sentence_is_in_two_splits() -> None:
    script = plan()
    texts = [{u.text for u in utterances} for utterances in script.values()]
    assert [len(part) for part in texts] == list(COUNTS.values())
    assert len(set.union(*texts)) == sum(COUNTS.values())


def test_letters_belong_to_their_wave(data: Voice) -> None:
    for name, split in data.splits.items():
        assert [data.alphabet.decode(line) for line in split.x.tolist()] == [
            u.text for u in plan()[name]
        ]
        both = torch.stack([lengths(split.x), extent(split.y)]).float()
        assert torch.corrcoef(both)[0, 1] > 0.7  # a shift by one in the corpus leaves about 0
        # an alignment has a frame for each letter, and one between two equal ones
        assert (both[1] / RATE_HZ / FRAME_S > 1.5 * both[0]).all()


def test_a_text_is_read_from_the_line_or_a_file(data: Voice, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("One\n two ")
    assert data.sources("one two") == ["one two"]
    (source,) = data.sources(str(tmp_path))
    assert (
        data.read(source).tolist()
        == data.read(" one  TWO").tolist()
        == frame(data.alphabet.encode("one two"))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "'l' never occurred in training; allowed are e f g h i n o r s t u v w x z,"),
        ("1 2", "'1' '2' never occurred"),
        (" ", "holds no text"),
        ("one " * 60, "has 239 letters, more than 200"),
    ],
)
def test_what_cannot_be_spoken_is_refused(data: Voice, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        data.read(text)
