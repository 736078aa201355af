"""A picture of where letters are heard: what the recognizer says of each frame of a recording.

Legend: L samples, T frames of 20 ms, V vocabulary.
"""

from pathlib import Path

from torch import Tensor

from .alphabet import Alphabet
from .ctc import spans
from .recognizer import FRAME_S
from .recording import RATE_HZ
from .reports.pictures import pyplot
from .tokens import SPECIALS
from .view import show
from .waves import extent

Example = tuple[Tensor, Tensor, int, Tensor]


def draw_alignments(target: Path, examples: list[Example], alphabet: Alphabet) -> Path:
    """Draw the probability of each letter below the spectrogram.

    Args:
        target: the picture.
        examples: of each the wave [L], the probabilities [T, V], how many of the T frames count,
            and the path [T] that the true text takes.
        alphabet: of the letters.
    """
    plt = pyplot()
    figure, axes = plt.subplots(
        2 * len(examples), 1, figsize=(9, 3.9 * len(examples)), squeeze=False
    )
    for (x, p, end, path), top, low in zip(examples, axes[::2, 0], axes[1::2, 0], strict=True):
        wave = x[: int(extent(x[None]))]
        seconds = len(wave) / RATE_HZ
        top.imshow(show(wave), aspect="auto", extent=(0, seconds, 0, 1))
        for span in spans(path[:end]):
            letter, middle = (
                alphabet.decode([span.token]),
                (span.first + span.last + 1) / 2 * FRAME_S,
            )
            top.axvline(middle, color="white", linewidth=0.5, alpha=0.6)
            top.text(middle, 1.03, letter.replace(" ", "_"), ha="center", fontsize=9)
        top.set_yticks([])
        box = (0, end * FRAME_S, len(alphabet.letters) - 0.5, -0.5)
        heard = p[:end, SPECIALS:].T.numpy()
        low.imshow(heard, aspect="auto", extent=box, cmap="Blues", vmin=0, vmax=1)
        names = alphabet.letters.replace(" ", "_")
        low.set_yticks(range(len(names)), list(names), fontsize=7)
        low.set_xlim(0, seconds)
        low.set_xlabel("s")
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
