"""How near the spectrogram of a word is to the true one."""

from torch import Tensor

from .spectrogram import RANGE_DB


def fidelity(guess: Tensor, x: Tensor) -> dict[str, Tensor]:
    """Return the log-spectral distance, the root mean square difference of levels.

    Args:
        guess: [B, 1, M, T], cut to [-1, 1] first as any spectrogram is.
        x: the same shape, in [-1, 1].

    Returns:
        level_db_error: [B].
    """
    apart = (guess.clamp(-1, 1) - x).square().flatten(1).mean(dim=1).sqrt()
    return {"level_db_error": RANGE_DB / 2 * apart}
