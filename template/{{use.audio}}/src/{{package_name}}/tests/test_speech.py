"""Synthetic speech: equal whenever it is made, made once, and refused in one line."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from .. import speech
from ..errors import UserError
from ..espeak import Utterance

PLAN = [Utterance("one", "en-us+f2", 160, 50), Utterance("two three", "en+m3", 160, 40)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_a_plan_is_spoken_alike_at_once_and_only_once(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(2) as pool:  # each has a child process of its own
        first, again = pool.map(lambda _: speech.speak("x", PLAN), range(2))
    (path,) = (cache / "what-next").iterdir()  # no leavings
    assert path.suffix == ".npz"
    assert "2 utterances" in capsys.readouterr().out
    kept = speech.speak("x", PLAN)
    assert not capsys.readouterr().out  # nothing was spoken
    for one, two, three in zip(first, kept, again, strict=True):
        assert torch.equal(one, two)
        assert torch.equal(one, three)
        assert one.abs().max().item() == pytest.approx(1, abs=1e-3)
    assert len(first[1]) > len(first[0])


def test_another_plan_is_another_file() -> None:
    assert speech.cached("x", PLAN) != speech.cached("x", PLAN[:1])
    assert speech.cached("x", PLAN) == speech.cached("x", list(PLAN))


def test_what_cannot_be_spoken_is_refused(cache: Path) -> None:
    with pytest.raises(UserError, match=r"corpus x could not be spoken.*no voice 'nobody'"):
        speech.speak("x", [PLAN[0], Utterance("one", "nobody", 160, 50)])
    assert not list((cache / "what-next").iterdir())


def test_a_damaged_cache_is_named(cache: Path) -> None:
    path = speech.cached("x", PLAN)
    path.parent.mkdir()
    path.write_bytes(b"PK half a file")
    with pytest.raises(UserError, match=r"speech-x-\w+\.npz is damaged.*delete it"):
        speech.speak("x", PLAN)


def test_a_cache_that_cannot_be_written_is_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "file"))
    with pytest.raises(UserError, match=r"cannot be written.*XDG_CACHE_HOME"):
        speech.speak("x", PLAN)
