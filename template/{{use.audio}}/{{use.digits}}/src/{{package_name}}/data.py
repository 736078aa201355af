"""The data: the ten digits in English, spoken by 30 voices of the synthesiser espeak-ng.

Synthetic speech, not recordings. Voices in training are not in validation, and neither is in the
test.

Legend: N examples, B batch, L = 8000 samples (one second).
"""

import random

import torch
from torch import Tensor

from .clips import Clips
from .datamodule import Split
from .espeak import Utterance
from .recording import RATE_HZ
from .speech import speak
from .voices import ACCENTS, PEAK, VOICES, WORDS

COUNTS = {"test": (6, 600), "val": (4, 320), "train": (20, 2400)}  # voices, words
LENGTH = RATE_HZ  # of a clip: half of the words take less than 0.4 s, few more than 0.7 s


class Digits(Clips):
    """Spoken digits, y: the (first) digit.

    Words of one voice follow each other until a clip is full where `running`; else one word is
    somewhere in silence. A clip is of a second, whatever `seconds` says of files.
    """

    classes = WORDS

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
