"""The data: the ten digits in English, spoken by 30 voices of the synthesiser espeak-ng.

Synthetic speech, not recordings. Voices in training are not in validation, and neither is in the
test.

Legend: N examples, B batch, L = 8000 samples (one second).
"""

import random
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
import torchaudio
from torch import Tensor

from .datamodule import DataModule, Split
from .errors import UserError
from .espeak import Utterance
from .recording import RATE_HZ, SUFFIXES, fit, read
from .speech import speak
from .voices import ACCENTS, PEAK, VOICES, WORDS

COUNTS = {"test": (6, 600), "val": (4, 320), "train": (20, 2400)}  # voices, words
LENGTH = RATE_HZ  # of a clip: half of the words take less than 0.4 s, few more than 0.7 s


class Digits(DataModule):
    """Spoken digits: x: [N, L] float32 in [-1, 1] at 8 kHz, y: the (first) digit.

    Args:
        running: whether words of one voice follow each other until the clip is full, and files are
            read at any length; else one word is somewhere in silence, and the loudest second of a
            file is read.
        shift_s: largest move of a training clip in seconds, in each direction; what leaves at one
            end comes in at the other.
        level_db: largest change of its level, in each direction.
        speeds: a training batch is played at one of them, which moves pitch and formants as other
            throats do (Ko 2015, Audio augmentation for speech recognition).
        **data: what every data module takes.
    """

    classes = WORDS
    suffixes = SUFFIXES

    def __init__(
        self, *, running: bool, shift_s: float, level_db: float, speeds: Sequence[float], **data
    ) -> None:
        super().__init__(**data)
        self.running, self.shift, self.level_db = running, round(shift_s * RATE_HZ), level_db
        self.speeds = speeds

    def prepare_data(self) -> None:
        """Make the corpus where it is not in the cache."""
        speak("digits", [u for utterances in plan().values() for u in utterances])

    def load(self) -> dict[str, Split]:
        """Return the three splits, by voice; they never change."""
        script = plan()
        words = iter(speak("digits", [u for utterances in script.values() for u in utterances]))
        splits = {}
        for name, utterances in script.items():
            waves = [next(words) for _ in utterances]
            voices = [u.voice.partition("+")[2] for u in utterances]
            y = torch.tensor([WORDS.index(u.text) for u in utterances])
            rng = torch.Generator().manual_seed(len(splits))
            x = run_on(waves, voices, rng) if self.running else scatter(waves, rng)
            low, high = PEAK
            peaks = low + (high - low) * torch.rand(len(x), 1, generator=rng)
            splits[name] = Split(x * peaks, y, voices)
        return splits

    def read(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L] at 8 kHz, of one channel.

        Running speech comes whole and as loud as it is. A single word is what the loudest second
        holds, centered in silence if the recording is shorter, its peak as in training.

        Raises:
            UserError: naming the file and what is wrong with it.
        """
        x = read(source)
        if self.running:
            return x
        peak = x.abs().max()
        if not peak:
            raise UserError(f"input={source} is silent: every sample is 0")
        return fit(x, LENGTH) * (sum(PEAK) / 2 / peak)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Play a batch faster or slower, move each clip, change its level. x: [B, L] -> [B, L]."""
        pick = int(torch.randint(len(self.speeds), (), generator=generator, device=x.device))
        x = play(x, self.speeds[pick])
        on = {"generator": generator, "device": x.device}
        shift = torch.randint(-self.shift, self.shift + 1, (len(x), 1), **on)
        at = (torch.arange(x.shape[1], device=x.device) - shift) % x.shape[1]
        level_db = self.level_db * (2 * torch.rand(len(x), 1, **on) - 1)
        return x.gather(1, at) * 10 ** (level_db / 20)


def plan() -> dict[str, list[Utterance]]:
    """Say who speaks what in each split: each voice each digit equally often, in any accent."""
    rng = random.Random(0)
    voices, script = rng.sample(VOICES, len(VOICES)), {}
    for name, (num_voices, num_words) in COUNTS.items():
        own, voices = voices[:num_voices], voices[num_voices:]
        script[name] = [
            Utterance(
                text=WORDS[i % 10],
                voice=f"{rng.choice(ACCENTS)}+{own[i // 10 % num_voices]}",
                rate=rng.randint(130, 200),
                pitch=rng.randint(30, 70),
            )
            for i in range(num_words)
        ]
    return script


def play(x: Tensor, speed: float) -> Tensor:
    """Play waves faster, and fill with silence, or slower, and cut the end. x: [B, L] -> [B, L]."""
    if speed == 1:
        return x
    slow = torchaudio.functional.resample(x, round(speed * 100), 100)[:, : x.shape[1]]
    return F.pad(slow, (0, x.shape[1] - slow.shape[1]))


def scatter(waves: list[Tensor], rng: torch.Generator) -> Tensor:
    """Put each word anywhere in a second of silence: [N, L]."""
    clips = torch.zeros(len(waves), LENGTH)
    for clip, wave in zip(clips, waves, strict=True):
        word = wave[:LENGTH]
        start = int(torch.randint(LENGTH - len(word) + 1, (1,), generator=rng))
        clip[start : start + len(word)] = word
    return clips


def run_on(waves: list[Tensor], voices: list[str], rng: torch.Generator) -> Tensor:
    """Let random words of its own voice follow each word until the clip is full: [N, L]."""
    own = {voice: [w for w, v in zip(waves, voices, strict=True) if v == voice] for voice in voices}
    clips = torch.empty(len(waves), LENGTH)
    for clip, wave, voice in zip(clips, waves, voices, strict=True):
        parts, length = [wave], len(wave)
        while length < LENGTH:
            pick = int(torch.randint(len(own[voice]), (1,), generator=rng))
            parts.append(own[voice][pick])
            length += len(parts[-1])
        clip.copy_(torch.cat(parts)[:LENGTH])
    return clips
