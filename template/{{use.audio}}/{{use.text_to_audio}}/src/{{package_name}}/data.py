"""The data: sentences of 3 to 5 digits, spoken by one voice of the synthesiser espeak-ng.

Synthetic speech, not recordings. No sentence of the test is in training or in validation.

Legend: N examples, L samples at 8 kHz, U letters with a silence before (BOS) and one behind (EOS).
"""

import random

from .datamodule import Split
from .espeak import Utterance
from .script import Script, frame
from .sentences import draw
from .speech import speak
from .tokens import pad
from .voices import PEAK
from .waves import fill

COUNTS = {"test": 100, "val": 100, "train": 1000}
VOICE, PACE, PITCH = "en-us+m3", 160, 50  # words a minute; 0 to 99


class Voice(Script):
    """Spoken sentences: x: [N, U] letters, y: [N, L] waves; group: the sentence."""

    def prepare_data(self) -> None:
        """Make the corpus where it is not in the cache."""
        speak("voice", [u for utterances in plan().values() for u in utterances])

    def load(self) -> dict[str, Split]:
        """Return the three splits, by sentence; they never change."""
        script, splits = plan(), {}
        waves = iter(speak("voice", [u for part in script.values() for u in part]))
        for name, utterances in script.items():
            texts = [u.text for u in utterances]
            y = fill([next(waves) * (sum(PEAK) / 2) for _ in texts])
            splits[name] = Split(
                pad([frame(self.alphabet.encode(text)) for text in texts]), y, texts
            )
        return splits


def plan() -> dict[str, list[Utterance]]:
    """Say what is spoken in each split."""
    texts = draw(random.Random(0), sum(COUNTS.values()))
    return {
        name: [Utterance(texts.pop(), VOICE, PACE, PITCH) for _ in range(count)]
        for name, count in COUNTS.items()
    }
