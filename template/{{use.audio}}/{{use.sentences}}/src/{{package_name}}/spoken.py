"""Recordings of speech: files of any sort, and whether a text can have been said in them.

Legend: L samples at 8 kHz, U letters.
"""

from pathlib import Path

from torch import Tensor

from .errors import UserError
from .recording import RATE_HZ, read
from .voices import PEAK
from .waves import extent

LONGEST_S = 20  # of a recording: the cost of attention is quadratic
LETTER_S = 0.02  # that a letter takes at least, and a pause between two equal ones


def read_spoken(source: str | Path) -> Tensor:
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


def refuse_haste(x: Tensor, y: Tensor, speed: float = 1.0) -> None:
    """Refuse a text that no alignment can place in its recording: raise UserError.

    Args:
        x: [L] samples.
        y: [U] letters.
        speed: at which the recording is played.
    """
    needed = (len(y) + int((y[1:] == y[:-1]).sum())) * LETTER_S
    seconds = int(extent(x[None])) / RATE_HZ / speed
    if needed > seconds:
        raise UserError(
            f"its text has {len(y)} letters, too many for a recording of {seconds:.1f} s"
        )
