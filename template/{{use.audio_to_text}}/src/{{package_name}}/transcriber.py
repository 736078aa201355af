"""Audio to text: a letter or nothing for each frame, learnt from recordings and their texts alone.

Nobody says where a letter is: the loss sums over all places where the letters may be (see ctc.py).
A prediction is the likeliest token of each frame; what it reads as is the transcript, and when its
letters are said are the times.

Legend: B batch, L samples, T frames of 20 ms, U letters.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import ctc
from .alignment import draw_alignments
from .alphabet import Alphabet, refuse_other
from .datamodule import Batch, DataModule
from .edits import edit_errors
from .recognizer import FRAME_S, Recognizer
from .task import Exhibit, Score, Task
from .transcripts import draw_worst
from .view import SUFFIX, save

WORST = 12  # transcripts in the report


class Transcriber(Task):
    """Learn to write down what is said.

    Args:
        **task: what every task takes.
    """

    network: Recognizer
    labelled = True

    @property
    def alphabet(self) -> Alphabet:
        """The letters that the network can say."""
        return self.network.alphabet

    def check(self, data: Any) -> None:
        """Refuse a network that says other letters than there are."""
        refuse_other(self.alphabet, data.alphabet, "network.alphabet")

    def losses(self, batch: Batch) -> Tensor:
        """Return the CTC loss of each example in nats per letter: [B]."""
        log_probs, frames = self.network(batch.x)
        return ctc.losses(log_probs, frames, batch.y)

    def predict(self, x: Tensor) -> Tensor:
        """Return the likeliest token of each frame. x: [B, L] -> paths [B, T]."""
        return ctc.best_path(*self.network(x))

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Count the edits from each transcript to the truth. prediction: paths [B, T]."""
        errors = edit_errors(
            self.read(prediction), [self.alphabet.decode(line) for line in batch.y.tolist()]
        )
        return {**errors}

    def perfect(self, batch: Batch) -> Tensor:
        """Return paths that read as the true texts, each letter of two frames: [B, 4 U]."""
        return ctc.spell(batch.y).repeat_interleave(2, dim=1)

    def deliver(self, prediction: Tensor, source: str | Path, output: Path) -> str:
        """Write the transcript, and when each word is said. prediction: path [T]."""
        words = times(prediction, self.alphabet)
        if not words:
            return f"{source}: nothing understood"
        when = ", ".join(f"{word} {start:.2f}-{end:.2f} s" for word, start, end in words)
        return f"{source}: {' '.join(word for word, *_ in words)}   ({when})"

    def read(self, paths: Tensor) -> list[str]:
        """Write down what paths read as. paths: [B, T]."""
        return [self.alphabet.decode(ctc.read(path)) for path in paths.cpu()]

    @torch.no_grad()
    def report(self, folder: Path, data: DataModule) -> list[Exhibit]:
        """Draw where letters are heard and the worst transcripts; leave a sample to predict on."""
        self.eval()
        test = data.splits["test"]
        save(data.trim(test.x[:1])[0], folder / f"sample{SUFFIX}")
        rows = []
        for batch in data.every_batch("test"):
            guesses = self.read(self.predict(batch.x))
            truths = map(self.alphabet.decode, batch.y.tolist())
            rows += list(zip(guesses, truths, batch.index.tolist(), strict=True))
        guesses, truths, index = zip(*rows, strict=True)
        wrong = edit_errors(guesses, truths)["char_error"][0].int().tolist()
        worst = sorted(zip(wrong, guesses, truths, index, strict=True), reverse=True)[:WORST]
        table = [(str(n), truth, guess, test.groups[i]) for n, guess, truth, i in worst]
        few = torch.tensor(
            [worst[0][3], index[len(index) // 2]]
        )  # the worst, and one of middle length
        x = data.trim(test.x[few])
        log_probs, frames = self.network(x)
        paths = ctc.align(log_probs, frames, test.y[few])
        examples = list(zip(x, log_probs.exp(), frames.tolist(), paths, strict=True))
        hear = folder / f"worst{SUFFIX}"
        save(data.trim(test.x[few[:1]])[0], hear)
        table_of = draw_worst(folder / "worst.png", table, "recording")
        letters = draw_alignments(folder / "letters.png", examples, self.alphabet)
        return [
            ("Where the letters are heard", letters),
            ("The worst transcripts, and the recording of the first", table_of, hear),
        ]


def times(path: Tensor, alphabet: Alphabet) -> list[tuple[str, float, float]]:
    """List the words of a path with begin and end in seconds: of the frames that say its letters.

    path: [T]. A letter is said by a frame or two, so a word begins a little earlier than its first.
    """
    words: list[tuple[str, float, float]] = []
    inside = False
    for span in ctc.spans(path):
        letter = alphabet.decode([span.token])
        start, end = span.first * FRAME_S, (span.last + 1) * FRAME_S
        if letter.strip() and inside:
            word, begin, _ = words[-1]
            words[-1] = (word + letter, begin, end)
        elif letter.strip():
            words.append((letter, start, end))
        inside = bool(letter.strip())
    return words
