"""Spoken sentences: who says what in which split, and files as examples."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from ..data import COUNTS, Sentences, plan
from ..errors import UserError
from ..waves import extent


def test_neither_voices_nor_sentences_are_shared() -> None:
    script = plan()
    for part in (lambda u: u.text, lambda u: u.voice.partition("+")[2]):
        train, val, test = ({part(u) for u in script[name]} for name in ("train", "val", "test"))
        assert not train & val
        assert not train & test
        assert not val & test


def test_counts_are_as_promised(data: Sentences) -> None:
    for name, (num_voices, count) in COUNTS.items():
        assert len(data.splits[name].x) == count
        assert len(set(data.groups(name))) == num_voices
        texts = [data.alphabet.decode(line) for line in data.splits[name].y.tolist()]
        assert texts == [u.text for u in plan()[name]]


def test_a_longer_sentence_takes_longer(data: Sentences) -> None:
    split = data.splits["test"]
    words = torch.tensor(
        [float(len(data.alphabet.decode(line).split())) for line in split.y.tolist()]
    )
    both = torch.stack([words, extent(split.x).float()])
    assert torch.corrcoef(both)[0, 1] > 0.5  # a shift by one in the corpus leaves about 0


def varied(data: Sentences, speed: float) -> tuple[torch.Tensor, torch.Tensor]:
    x = data.trim(data.splits["val"].x[:5])
    other = type(data)(batch_size=5, alphabet="", level_db=6, speeds=[speed])
    return x, other.augment(x, torch.Generator().manual_seed(0))


def test_at_its_own_speed_the_level_is_all_that_is_varied(data: Sentences) -> None:
    x, other = varied(data, 1)
    gains = other.abs().amax(dim=1) / x.abs().amax(dim=1)
    assert torch.allclose(other, gains[:, None] * x, atol=1e-6)
    assert 0.5 < gains.min() < gains.max() < 2.0


def test_another_speed_takes_another_time(data: Sentences) -> None:
    for speed in (0.8, 1.25):
        x, other = varied(data, speed)
        assert torch.allclose(extent(other), (extent(x) / speed).long(), atol=20)


def test_where_shapes_are_fixed_all_speeds_give_one_width(
    data: Sentences, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = data.splits["val"].x[:5]
    monkeypatch.setattr(data, "speeds", [0.9, 1, 1.1])

    def heard() -> list[torch.Tensor]:
        return [data.augment(x, torch.Generator().manual_seed(seed)) for seed in range(12)]

    played = heard()
    monkeypatch.setattr(Sentences, "static", True)
    filled = heard()
    widths = sorted({waves.shape[1] for waves in played})
    assert len(widths) == 3 and {waves.shape[1] for waves in filled} == {widths[-1]}
    for short, long in zip(played, filled, strict=True):
        assert torch.equal(long[:, : short.shape[1]], short)
        assert not long[:, short.shape[1] :].any()


def test_a_recording_of_any_sort_is_read(data: Sentences, tmp_path: Path) -> None:
    wave = data.splits["test"].x[0].numpy()
    soundfile.write(tmp_path / "x.flac", wave.repeat(2)[:, None].repeat(2, axis=1), 16000)
    x = data.read(tmp_path / "x.flac")
    assert abs(len(x) - len(wave)) <= 1
    assert x.abs().max().item() == pytest.approx(0.3, rel=1e-3)


def test_what_cannot_be_heard_is_refused(data: Sentences, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(800), 8000)
    soundfile.write(tmp_path / "long.wav", np.full(8000 * 21, 0.5), 8000)
    with pytest.raises(UserError, match="is silent"):
        data.read(tmp_path / "silent.wav")
    with pytest.raises(UserError, match=r"takes 21 s, more than 20: split it"):
        data.read(tmp_path / "long.wav")
