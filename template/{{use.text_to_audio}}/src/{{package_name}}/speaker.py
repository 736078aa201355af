"""Text to audio: a synthesizer learns from recordings that a recognizer aligns with their letters.

    losses = CTC of the recognizer + |mel - true mel| + weight * (log d - log true d)^2

Both learn in the same steps. The recognizer hears recordings only, never what the synthesizer says;
no gradient of one reaches the other. In the end it writes down what was synthesized: the error of
that transcript is the score.

Legend: B batch, U letters with a silence before and one behind, L samples, T frames, M mel bands.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from . import ctc, synthesizer
from .alignment import draw_alignments
from .alphabet import Alphabet, refuse_other
from .datamodule import Batch, DataModule
from .durations import read_durations
from .edits import edit_errors
from .errors import refuse_existing
from .recognizer import HOP, Recognizer
from .recording import RATE_HZ
from .sheets import draw_pairs
from .synthesizer import Synthesizer
from .task import Exhibit, Predict, Score, Task
from .tokens import EOS, PAD
from .transcripts import draw_worst
from .view import SUFFIX, save
from .vocoder import Vocoder
from .warp import warp
from .waves import extent, trim

WORST = 12  # sentences in the report


class Speaker(Task):
    """Learn to speak.

    Args:
        duration_weight: of the error of the durations beside that of the spectrogram.
        **task: what every task takes.
    """

    network: Synthesizer
    labelled = True
    heard: list[tuple[str, str, int]]  # of the test: what was understood, what was said, the row

    def __init__(self, *, duration_weight: float, **task) -> None:
        super().__init__(**task)
        self.duration_weight = duration_weight
        self.vocoder = Vocoder(self.recognizer.mel)
        self.bands = self.network.head.out_features

    @property
    def recognizer(self) -> Recognizer:
        """The part of the network that hears."""
        return self.network.recognizer

    @property
    def alphabet(self) -> Alphabet:
        """The letters that can be spoken."""
        return self.recognizer.alphabet

    def check(self, data: Any) -> None:
        """Refuse a network of other letters than there are."""
        refuse_other(self.alphabet, data.alphabet, "network.recognizer.alphabet")

    def mel(self, waves: Tensor) -> tuple[Tensor, Tensor]:
        """Return the spectrogram and how many frames count. [B, L] -> [B, T, M], [B]."""
        return self.recognizer.mel(waves)[:, 0].mT, 1 + extent(waves) // HOP

    def align(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the durations of the letters [B, U] and the spectrogram [B, T, M]."""
        batch = batch._replace(y=trim(batch.y))
        return self.durations(batch, *self.recognizer(batch.y))

    def durations(self, batch: Batch, log_probs: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Find what the recognizer's frames say: see `align`."""
        mel, frames = self.mel(batch.y)
        paths = ctc.align(log_probs, heard, letters(batch.x)).cpu()
        found = zip(paths, heard.tolist(), frames.tolist(), strict=True)
        rows = [read_durations(path[:end], size) for path, end, size in found]
        width = batch.x.shape[1]
        durations = torch.stack([F.pad(row, (0, width - len(row))) for row in rows])
        return durations.to(batch.x.device), mel

    def losses(self, batch: Batch) -> Tensor:
        """Return the objective of each example: [B]."""
        batch = batch._replace(y=trim(batch.y))
        log_probs, heard = self.recognizer(batch.y)
        durations, mel = self.durations(batch, log_probs, heard)
        said = synthesizer.losses(self.network, batch.x, durations, mel, self.duration_weight)
        return ctc.losses(log_probs, heard, letters(batch.x)) + said

    def predict(self, x: Tensor) -> Tensor:
        """Speak. x: [B, U] -> waves [B, L], silence behind each."""
        return self.vocoder(*self.network(x))

    def exported(self, batch: Batch) -> tuple[Callable[..., Any], dict[str, Tensor]]:
        """Return the spectrogram; the vocoder is no network, and any will do in its place."""
        return self.network.forward, {"x": batch.x}

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Compare waves with the recordings. prediction: [B, L].

        Returns:
            mel_error: mean difference of the log-mel spectrograms, along the best warping;
            length_error: difference in length, as a share of the recording's.
        """
        rows = []
        for waves in (prediction, batch.y):
            mel, frames = self.mel(waves)
            ends = zip(mel.cpu(), frames.tolist(), strict=True)
            rows.append([line[:end].numpy() for line, end in ends])
        pairs = list(zip(*rows, strict=True))
        far = torch.tensor([warp(a, b) for a, b in pairs])
        steps = torch.tensor([float(len(a) + len(b)) for a, b in pairs])
        size, truth = extent(prediction).float(), extent(batch.y).float()
        return {"mel_error": (far, steps), "length_error": ((size - truth).abs(), truth)}

    def perfect(self, batch: Batch) -> Tensor:
        """Return the recordings: [B, L]."""
        return batch.y

    def hear(self, waves: Tensor) -> list[str]:
        """Write down what the recognizer understands. waves: [B, L]."""
        paths = ctc.best_path(*self.recognizer(waves)).cpu()
        return [self.alphabet.decode(ctc.read(path)) for path in paths]

    def survey(self, sides: dict[str, Predict], data: DataModule) -> dict[str, float]:
        """Have the recognizer write down what each side says, and measure the recognizer itself.

        Returns:
            char_error: of the model and its references, heard from the wave;
            recordings_char_error: of the recordings themselves;
            copy_char_error: of the recordings' spectrograms, made audible as the model's are;
            shuffled_char_error: of the model, against the text of another sentence.
        """
        heard: dict[str, list[str]] = {f"{side}/char_error": [] for side in sides}
        own = {f"model/{name}_char_error": [] for name in ("recordings", "copy", "shuffled")}
        truths: list[str] = []
        rows: list[int] = []
        for batch in data.every_batch("test"):
            rows += batch.index.tolist()
            truths += [self.alphabet.decode(line) for line in batch.x.tolist()]
            for side, predict in sides.items():
                heard[f"{side}/char_error"] += self.hear(predict(batch.x))
            own["model/recordings_char_error"] += self.hear(batch.y)
            own["model/copy_char_error"] += self.hear(self.copy(batch.y))
        said = heard["model/char_error"]
        self.heard = list(zip(said, truths, rows, strict=True))
        own["model/shuffled_char_error"] = said[1:] + said[:1]
        errors = {
            name: edit_errors(told, truths)["char_error"] for name, told in (heard | own).items()
        }
        return {name: (top.sum() / size.sum()).item() for name, (top, size) in errors.items()}

    def copy(self, waves: Tensor) -> Tensor:
        """Make recordings audible from their spectrograms alone. [B, L] -> [B, L']."""
        mel, frames = self.mel(waves)
        return self.vocoder(mel, torch.arange(mel.shape[1], device=waves.device) < frames[:, None])

    def deliver(self, prediction: Tensor, source: str | Path, output: Path) -> str:
        """Write one wave beside nothing that exists. prediction: [L]."""
        stem = source.stem if isinstance(source, Path) else "-".join(source.lower().split())[:60]
        target = output / f"{stem}{SUFFIX}"
        refuse_existing(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        save(prediction, target)
        return f"{source}: spoken in {target} ({len(prediction) / RATE_HZ:.2f} s)"

    @torch.no_grad()
    def report(self, folder: Path, data: DataModule) -> list[Exhibit]:
        """Draw recordings over what was synthesized and what was understood worst; leave both."""
        self.eval()
        test = data.splits["test"]
        few = torch.arange(2)
        batch = Batch(data.trim(test.x[few]), test.y[few], few)
        spoken, copies = self.predict(batch.x), self.copy(batch.y)
        sides = {"recording": batch.y, "copy": copies, "synthesized": spoken}
        sounds = [keep(waves[0], folder / f"{name}{SUFFIX}") for name, waves in sides.items()]
        log_probs, heard = self.recognizer(batch.y)
        durations, _ = self.durations(batch, log_probs, heard)
        paths = ctc.align(log_probs, heard, letters(batch.x))
        examples = list(zip(batch.y, log_probs.exp(), heard.tolist(), paths, strict=True))
        guesses = self.network.last(batch.x, self.network.read(batch.x)[1])
        rows = list(zip(batch.x, batch.y, durations, spoken, guesses, strict=True))
        pairs = draw_pairs(folder / "spoken.png", rows, self.alphabet)
        heard_at = draw_alignments(folder / "letters.png", examples, self.alphabet)
        table, last = self.worst()
        said = self.predict(data.trim(test.x[last : last + 1]))[0]
        worst = [
            keep(said, folder / f"worst-synthesized{SUFFIX}"),
            keep(test.y[last], folder / f"worst-recording{SUFFIX}"),
        ]
        return [
            ("Recorded over synthesized, and the first to be heard", pairs, *sounds),
            (
                "What the recognizer understood worst, and the first of it to be heard",
                draw_worst(folder / "worst.png", table, "test row"),
                *worst,
            ),
            ("Where the letters are heard", heard_at),
        ]

    def worst(self) -> tuple[list[tuple[str, str, str, str]], int]:
        """List the test sentences of which the recognizer understood least, and the first's row."""
        guesses, truths, index = zip(*self.heard, strict=True)
        wrong = edit_errors(guesses, truths)["char_error"][0].int().tolist()
        found = sorted(zip(wrong, guesses, truths, index, strict=True), reverse=True)[:WORST]
        return [(str(n), truth, guess, str(i)) for n, guess, truth, i in found], found[0][3]


def keep(wave: Tensor, path: Path) -> Path:
    """Write a wave without the silence behind it. wave: [L]. Returns the path."""
    save(wave[: int(extent(wave[None])[0])], path)
    return path


def letters(x: Tensor) -> Tensor:
    """Drop the silences before and behind. x: [B, U] -> [B, U - 1] with PAD behind each text."""
    inner = x[:, 1:]
    return inner.masked_fill(inner == EOS, PAD)
