"""How near a restored text is to the clean one."""

from torch import Tensor

from .tokens import PAD, lengths


def fidelity(guess: Tensor, x: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """Count wrong bytes.

    Args:
        guess: [B, T].
        x: [B, T].

    Returns:
        byte_error: wrong bytes [B] and all bytes [B], so that the mean is over bytes.
    """
    return {"byte_error": (((guess != x) & (x != PAD)).sum(dim=1), lengths(x))}
