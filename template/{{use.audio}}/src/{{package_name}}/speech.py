"""Spoken digits from the formant synthesiser espeak-ng: synthetic speech, made once and kept in the user's cache.

The bytes of an utterance depend on every earlier call in its process, so the whole corpus is made by one fresh child
process (`python -m <package>.speech FILE`), seeded and in a fixed order: equal from run to run on one platform.
espeak-ng is GPL-3.0-or-later. It only prepares data here, in that child process; nothing links to it.
Legend: N clips, L samples (8 kHz).
"""

import ctypes
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .errors import UserError

RECIPE = 1  # raise it when the words, the voices or their order change: the cache is keyed by it
RATE_HZ = 8000
WORDS = "zero one two three four five six seven eight nine".split()
ACCENTS = "en en-us en-029 en-gb-scotland en-gb-x-gbclan en-gb-x-rp".split()
VOICES = (
    [f"m{i}" for i in range(1, 9)]
    + [f"f{i}" for i in range(1, 6)]
    + (
        "Alicia Andrea Annie Denis Diogo Gene Henrique Hugo Jacky Lee Marco Mario Michael Reed Steph Storm Travis".split()
    )
)
CROWD = "adam belinda boris linda miguel zac".split()  # voices heard in evaluation babble only


class Clips(NamedTuple):
    """Utterances of one part of the corpus."""

    waves: list[np.ndarray]  # N waves [L] float32 in [-1, 1], trimmed, peak 0.15 to 0.45
    labels: np.ndarray  # [N] int64, the digit; -1 for strings of digits
    voices: list[str]  # N names of voice variants: what may not straddle splits


class Espeak:
    """espeak-ng by ctypes. One instance a process and one thread: several threads abort the process.

    Args:
        seed: of the voices that contain noise; espeak-ng would take the clock.
    """

    def __init__(self, seed: int):
        import espeakng_loader  # noqa: PLC0415 - GPL-3.0, so imported in the child process only
        import torchaudio  # noqa: PLC0415

        self.lib, self.parts = ctypes.CDLL(espeakng_loader.get_library_path()), []
        synchronous, stay = 2, 0x8000  # stay: return an error where espeak-ng would exit()
        rate_hz = self.lib.espeak_Initialize(
            synchronous, 0, espeakng_loader.get_data_path().encode(), stay
        )
        if rate_hz <= 0:
            raise RuntimeError(f"espeak-ng did not start (code {rate_hz})")
        self.lib.espeak_ng_SetRandSeed(ctypes.c_long(seed))
        self.resample = torchaudio.transforms.Resample(rate_hz, RATE_HZ)

        def keep(wave: int | None, count: int, _: int | None) -> int:
            if wave and count > 0:
                self.parts.append(ctypes.string_at(wave, 2 * count))
            return 0

        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self.keep = kind(keep)  # held here, or Python frees what espeak-ng still calls
        self.lib.espeak_SetSynthCallback(self.keep)

    def say(self, text: str, voice: str, rate: int, pitch: int) -> np.ndarray:
        """Speak `text` and return a wave [L] float32 of peak 1, silence at both ends cut.

        Args:
            rate: words a minute.
            pitch: 0 to 99.
        """
        import torch  # noqa: PLC0415

        if self.lib.espeak_SetVoiceByName(voice.encode()):
            raise RuntimeError(f"espeak-ng has no voice {voice!r}")
        for which, value in ((1, rate), (3, pitch)):
            self.lib.espeak_SetParameter(which, value, 0)
        self.parts.clear()
        raw = text.encode() + b"\0"
        if self.lib.espeak_Synth(raw, len(raw), 0, 1, 0, 1, None, None):
            raise RuntimeError(f"espeak-ng could not say {text!r}")
        self.lib.espeak_Synchronize()
        raw_wave = np.frombuffer(b"".join(self.parts), np.int16).astype(np.float32)
        wave = self.resample(torch.from_numpy(raw_wave)).numpy()
        loud = np.flatnonzero(np.abs(wave) > 0.01 * np.abs(wave).max())
        wave = wave[loud[0] : loud[-1] + 1]
        return wave / np.abs(wave).max()


def make(path: Path, seed: int = 0) -> None:
    """Speak the corpus into one .npz: per part the waves end to end (int16), their lengths, labels and voices."""
    rng, engine, out = random.Random(seed), Espeak(seed), {}
    voices = rng.sample(VOICES, len(VOICES))
    test, val, train = voices[:6], voices[6:10], voices[10:]
    plan = {
        "train": (2400, train, 1),
        "val": (300, val, 1),
        "test": (600, test, 1),
        "babble_train": (240, train, 5),
        "babble_eval": (120, CROWD, 5),
    }
    for name, (count, who, num_words) in plan.items():
        waves, labels, speakers = [], [], []
        for i in range(count):
            label = i % 10 if num_words == 1 else -1
            words = [WORDS[label]] if num_words == 1 else rng.choices(WORDS, k=num_words)
            voice = who[i // 10 % len(who)]  # each voice says each digit equally often
            wave = engine.say(
                " ".join(words),
                f"{rng.choice(ACCENTS)}+{voice}",
                rng.randint(130, 200),
                rng.randint(30, 70),
            )
            waves.append((wave * rng.uniform(0.15, 0.45) * 32767).astype(np.int16))
            labels.append(label)
            speakers.append(voice)
        out[f"{name}_waves"] = np.concatenate(waves)
        out[f"{name}_lengths"] = np.array([len(w) for w in waves])
        out[f"{name}_labels"], out[f"{name}_voices"] = np.array(labels), np.array(speakers)
    with path.open("wb") as file:
        np.savez(file, **out)


def cache() -> Path:
    """Return where the corpus is kept: $XDG_CACHE_HOME, else ~/.cache, then what-next/."""
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "what-next"
        / f"speech-{RECIPE}.npz"
    )


def prepare() -> Path:
    """Make the corpus if the cache lacks it (10 to 20 s, once), whole or not at all.

    Raises:
        UserError: espeakng-loader is missing, its library does not run here, or the cache cannot be written.
    """
    path = cache()
    if path.exists():
        return path
    print(
        f"speech: synthesising 3,300 spoken digits with espeak-ng, once, into {path}",
        file=sys.stderr,
        flush=True,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=path.parent
        ) as folder:  # same disk, so that replace() is atomic
            part = Path(folder) / path.name
            done = subprocess.run(
                [sys.executable, "-m", __name__, str(part)], capture_output=True, text=True
            )
            if done.returncode or not part.exists():
                cause = (
                    done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
                )[-1]
                missing = "No module named 'espeakng_loader'" in cause
                fix = (
                    "run: pip install espeakng-loader"
                    if missing
                    else "use your own recordings: data=folder"
                )
                raise UserError(f"the speech corpus could not be made: {cause}; {fix}")
            part.replace(path)
    except OSError as error:
        raise UserError(
            f"the speech corpus needs {path}, which cannot be written: {error.strerror}; "
            "set XDG_CACHE_HOME to a folder that can"
        ) from error
    return path


def corpus(name: str) -> Clips:
    """Load one part of the corpus: train, val, test (digits), babble_train or babble_eval (strings of five digits).

    Raises:
        UserError: the cached file is damaged.
    """
    path = prepare()
    try:
        with np.load(path, allow_pickle=False) as file:
            lengths, waves = file[f"{name}_lengths"], file[f"{name}_waves"]
            labels, voices = file[f"{name}_labels"], file[f"{name}_voices"].tolist()
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise UserError(
            f"the cached speech corpus {path} is damaged ({error}); delete it and run again"
        ) from error
    waves = waves.astype(np.float32) / 32767
    return Clips(np.split(waves, np.cumsum(lengths)[:-1]), labels.astype(np.int64), voices)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
