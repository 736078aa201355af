"""A picture of what was recorded over what was synthesized, each letter where it is said.

Legend: U letters with a silence before and one behind, L samples.
"""

from pathlib import Path

from torch import Tensor

from .alphabet import Alphabet
from .recognizer import HOP
from .recording import RATE_HZ
from .reports.pictures import pyplot
from .view import show
from .waves import extent

Row = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def draw_pairs(target: Path, rows: list[Row], alphabet: Alphabet) -> Path:
    """Draw two spectrograms for each sentence.

    Args:
        target: the picture.
        rows: of each the letters [U], the recording [L], its durations [U], the synthesized wave
            [L'] and its durations [U].
        alphabet: of the letters.
    """
    plt = pyplot()
    figure, axes = plt.subplots(2 * len(rows), 1, figsize=(9, 3.6 * len(rows)), squeeze=False)
    longest = max(int(extent(x[None])) for row in rows for x in (row[1], row[3])) / RATE_HZ
    for number, (x, *pair) in enumerate(rows):
        sides = (("recorded", *pair[:2]), ("synthesized", *pair[2:]))
        for (name, wave, durations), axis in zip(sides, axes[2 * number :, 0], strict=False):
            wave = wave[: int(extent(wave[None]))]
            seconds = len(wave) / RATE_HZ
            axis.imshow(show(wave), aspect="auto", extent=(0, seconds, 0, 1))
            ends = (durations.cumsum(dim=0) * HOP / RATE_HZ).tolist()
            for token, begin, end in zip(x.tolist()[1:], ends, ends[1:], strict=False):
                letter = alphabet.decode([token]).replace(" ", "_")
                axis.axvline(begin, color="white", linewidth=0.5, alpha=0.6)
                axis.text((begin + end) / 2, 1.03, letter, ha="center", fontsize=9)
            axis.set_xlim(0, longest)
            axis.set_yticks([])
            axis.set_ylabel(name)
        axes[2 * number + 1, 0].set_xlabel("s")
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
