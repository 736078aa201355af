"""The data: sentences of 3 to 5 digits, spoken by 68 voices of the synthesiser espeak-ng.

Synthetic speech, not recordings. Neither a voice nor a sentence of the test is in training or in
validation.

Legend: N examples, L samples at 8 kHz, U letters.
"""

import random

from .datamodule import Split
from .espeak import Utterance
from .hearing import Hearing
from .sentences import draw
from .speech import speak
from .tokens import pad
from .voices import ACCENTS, MORE_VOICES, PEAK, VOICES
from .waves import fill

COUNTS = {"test": (6, 300), "val": (4, 200), "train": (58, 1600)}  # voices, sentences


class Sentences(Hearing):
    """Spoken sentences: x: [N, L] float32 in [-1, 1], y: [N, U] their letters; group: the voice."""

    def prepare_data(self) -> None:
        """Make the corpus where it is not in the cache."""
        speak("sentences", [u for utterances in plan().values() for u in utterances])

    def load(self) -> dict[str, Split]:
        """Return the three splits, by voice; they never change."""
        script = plan()
        waves = iter(speak("sentences", [u for part in script.values() for u in part]))
        rng, splits = random.Random(0), {}
        for name, utterances in script.items():
            x = fill([next(waves) * rng.uniform(*PEAK) for _ in utterances])
            y = pad([self.alphabet.encode(u.text) for u in utterances])
            splits[name] = Split(x, y, [u.voice.partition("+")[2] for u in utterances])
        return splits


def plan() -> dict[str, list[Utterance]]:
    """Say who speaks what in each split: each voice equally often, in any accent."""
    rng = random.Random(0)
    voices, script = rng.sample(VOICES, len(VOICES)) + MORE_VOICES, {}
    texts = draw(rng, sum(count for _, count in COUNTS.values()))
    for name, (num_voices, count) in COUNTS.items():
        own, voices = voices[:num_voices], voices[num_voices:]
        script[name] = [
            Utterance(
                text=texts.pop(),
                voice=f"{rng.choice(ACCENTS)}+{own[i % num_voices]}",
                rate=rng.randint(130, 200),
                pitch=rng.randint(30, 70),
            )
            for i in range(count)
        ]
    return script
