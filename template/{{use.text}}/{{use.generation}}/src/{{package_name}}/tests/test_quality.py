"""The quality of samples of text, against texts that are known beforehand."""

import torch

from ..quality import characters, quality
from ..tokens import pad
from ..utf8 import encode


def test_a_copy_is_not_new() -> None:
    text = b"the quick brown fox jumps over the lazy dog"
    train = pad([encode(text)])
    other = torch.randint(4, 200, (1, 40), generator=torch.Generator().manual_seed(0))
    assert quality({"model": pad([encode(text[5:40])])}, train) == {"model/novelty": 0.0}
    assert quality({"model": other}, train) == {"model/novelty": 1.0}
    assert quality({"model": pad([encode(b"short")])}, train) == {"model/novelty": 0.0}


def test_a_character_costs_what_its_bytes_cost() -> None:
    text = "a\u00e9\n".encode() + b"\xff"
    assert characters(text, [1.0, 2.0, 3.0, 4.0, 5.0]) == [
        ("a", 1.0), ("\u00e9", 5.0), ("\ufffd", 4.0), ("\ufffd", 5.0),
    ]  # fmt: skip
