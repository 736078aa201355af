"""How near a restored wave is to the clean one."""

from torch import Tensor
from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio


def fidelity(guess: Tensor, x: Tensor) -> dict[str, Tensor]:
    """Return the scale-invariant signal-to-distortion ratio (Le Roux 2019, 1811.02508).

    Args:
        guess: [B, L].
        x: [B, L], the clean wave.

    Returns:
        si_sdr_db: [B]; being louder or softer as a whole costs nothing.
    """
    return {"si_sdr_db": scale_invariant_signal_distortion_ratio(guess, x, zero_mean=True)}
