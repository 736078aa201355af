"""The formant synthesiser espeak-ng, by ctypes: a child process that speaks a plan and ends.

The bytes of an utterance depend on every earlier call in its process, and several threads abort it.
So a plan is spoken by one fresh process (`python -m <package>.espeak FILE`, the plan as JSON on its
standard input), seeded and in order, which gives the same bytes whenever it runs on one platform.
espeak-ng is GPL-3.0-or-later: it prepares data here, in this process alone; nothing links to it.

Legend: L samples at 8 kHz.
"""

import ctypes
import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torchaudio

from .recording import RATE_HZ

SEED = 0  # of the voices that contain noise; espeak-ng would take the clock
SYNCHRONOUS, STAY = 2, 0x8000  # STAY: return an error where espeak-ng would exit()
RATE, PITCH = 1, 3  # numbers of espeak-ng's parameters
EVERY = 50  # utterances between two signs of life
SILENCE = 0.01  # of the peak: what is below at both ends is cut off


class Utterance(NamedTuple):
    """What to say, and how.

    text: any; voice: language and variant, such as en-us+f2; rate: words a minute; pitch: 0 to 99.
    """

    text: str
    voice: str
    rate: int
    pitch: int


class Espeak:
    """The engine. One instance a process, used by one thread."""

    def __init__(self) -> None:
        import espeakng_loader  # here, so that no other process loads it

        self.library = ctypes.CDLL(espeakng_loader.get_library_path())
        self.parts: list[bytes] = []
        folder = espeakng_loader.get_data_path().encode()
        rate_hz = self.library.espeak_Initialize(SYNCHRONOUS, 0, folder, STAY)
        if rate_hz <= 0:
            raise RuntimeError(f"espeak-ng did not start (code {rate_hz})")
        self.library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
        self.resample = torchaudio.transforms.Resample(rate_hz, RATE_HZ)
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self.callback = kind(self.keep)  # held here, or Python frees what espeak-ng still calls
        self.library.espeak_SetSynthCallback(self.callback)

    def keep(self, wave: int | None, count: int, events: int | None) -> int:
        """Copy `count` 16-bit samples at the address `wave`; 0 asks for more."""
        if wave and count > 0:
            self.parts.append(ctypes.string_at(wave, 2 * count))
        return 0

    def say(self, utterance: Utterance) -> np.ndarray:
        """Speak, cut the silence at both ends, and bring the peak to full scale: [L] int16.

        Raises:
            RuntimeError: there is no such voice, or nothing was heard.
        """
        if self.library.espeak_SetVoiceByName(utterance.voice.encode()):
            raise RuntimeError(f"espeak-ng has no voice {utterance.voice!r}")
        self.library.espeak_SetParameter(RATE, utterance.rate, 0)
        self.library.espeak_SetParameter(PITCH, utterance.pitch, 0)
        self.parts.clear()
        text = utterance.text.encode() + b"\0"
        code = self.library.espeak_Synth(text, len(text), 0, 1, 0, 1, None, None)
        self.library.espeak_Synchronize()
        native = np.frombuffer(b"".join(self.parts), np.int16).astype(np.float32)
        if code or not native.any():
            raise RuntimeError(f"espeak-ng could not say {utterance.text!r} (code {code})")
        wave = self.resample(torch.from_numpy(native)).numpy()
        peak = np.abs(wave).max()
        loud = np.flatnonzero(np.abs(wave) > SILENCE * peak)
        return (wave[loud[0] : loud[-1] + 1] * (32767 / peak)).astype(np.int16)


def main() -> None:
    """Speak the plan on standard input into one .npz: waves end to end (int16), their lengths."""
    plan = [Utterance(*row) for row in json.load(sys.stdin)]
    torch.set_num_threads(1)
    engine, waves = Espeak(), []
    for number, utterance in enumerate(plan, start=1):
        waves.append(engine.say(utterance))
        if number % EVERY == 0:
            print(number, flush=True)
    with Path(sys.argv[1]).open("wb") as file:
        np.savez(file, waves=np.concatenate(waves), lengths=np.array([len(w) for w in waves]))


if __name__ == "__main__":
    main()
