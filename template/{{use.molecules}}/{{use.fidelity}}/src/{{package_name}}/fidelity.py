"""How near a restored SMILES is to the clean one, and whether it is a molecule at all."""

import torch
from torch import Tensor

from .molecule import parse
from .smiles import decode
from .tokens import PAD, lengths


def fidelity(guess: Tensor, x: Tensor) -> dict[str, Tensor | tuple[Tensor, Tensor]]:
    """Count wrong tokens and valid molecules.

    Args:
        guess: [B, T].
        x: [B, T].

    Returns:
        token_error: wrong tokens [B] and all tokens [B], so that the mean is over tokens.
        valid: [B], 1 where RDKit can read the guess as a molecule.
    """
    valid = [parse(decode(row)) is not None for row in guess.where(x != PAD, PAD).tolist()]
    return {
        "token_error": (((guess != x) & (x != PAD)).sum(dim=1), lengths(x)),
        "valid": torch.tensor(valid, dtype=torch.float32, device=x.device),
    }
