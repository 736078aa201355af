"""The data: sentences of 3 to 5 digits, spoken by 68 voices of the synthesiser espeak-ng.

Synthetic speech, not recordings. Neither a voice nor a sentence of the test is in training or in
validation.

Legend: N examples, B batch, L samples at 8 kHz, U letters.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import torch
import torchaudio
from torch import Tensor

from .buckets import cut_batches
from .datamodule import DataModule, Split
from .errors import UserError
from .espeak import Utterance
from .recording import RATE_HZ, SUFFIXES, read
from .sentences import draw, encode
from .speech import speak
from .tokens import pad
from .voices import ACCENTS, MORE_VOICES, PEAK, VOICES
from .waves import extent, fill, trim

COUNTS = {"test": (6, 300), "val": (4, 200), "train": (58, 1600)}  # voices, sentences
LONGEST_S = 20  # of a user's recording: the cost of attention is quadratic


class Sentences(DataModule):
    """Spoken sentences: x: [N, L] float32 in [-1, 1], y: [N, U] their letters; group: the voice.

    Args:
        level_db: largest change of a training clip's level, in each direction.
        speeds: at which training batches are played, one of them drawn for each: voices differ in
            pitch and formants, and few voices train (Ko 2015, Interspeech).
        **data: what every data module takes.
    """

    suffixes = SUFFIXES
    filling = 0.0  # silence

    def __init__(self, *, level_db: float, speeds: Sequence[float], **data) -> None:
        super().__init__(**data)
        self.level_db, self.speeds = level_db, speeds

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
            y = pad([encode(u.text) for u in utterances])
            splits[name] = Split(x, y, [u.voice.partition("+")[2] for u in utterances])
        return splits

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch, of like length; training shuffles by (seed, epoch)."""
        rng = None
        if split == "train":
            rng = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        size, samples = self.batch_size, extent(self.splits[split].x)
        return cut_batches(samples, rows=size, tokens=size * int(samples.max()), generator=rng)

    def trim(self, x: Tensor) -> Tensor:
        """Cut the samples that are filling in every row. x: [B, L] -> [B, L']."""
        return trim(x)

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Play a batch faster or slower, make each clip louder or softer. [B, L] -> [B, L']."""
        pick = int(torch.randint(len(self.speeds), (), generator=generator, device=x.device))
        x = torchaudio.functional.resample(x, round(100 * self.speeds[pick]), 100)
        level = 2 * torch.rand(len(x), 1, generator=generator, device=x.device) - 1
        return x * 10 ** (self.level_db * level / 20)

    def read(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L] at 8 kHz, of one channel, its peak as in training.

        Raises:
            UserError: naming the file and what is wrong with it.
        """
        x = read(source)
        peak = x.abs().max()
        if not peak:
            raise UserError(f"input={source} is silent: every sample is 0")
        if len(x) > LONGEST_S * RATE_HZ:
            raise UserError(
                f"input={source} takes {len(x) / RATE_HZ:.0f} s, more than {LONGEST_S}: split it"
            )
        return x * (sum(PEAK) / 2 / peak)


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
