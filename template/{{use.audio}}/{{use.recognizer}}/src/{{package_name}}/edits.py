"""How far transcripts are from the truth: insertions, deletions and substitutions, by length.

Legend: B batch.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchaudio.functional import edit_distance

Error = tuple[Tensor, Tensor]  # edits [B] and length of the truth [B]: the mean is sum over sum


def edit_errors(guesses: Sequence[str], truths: Sequence[str]) -> dict[str, Error]:
    """Count the edits from each guess to its truth, in characters and in words.

    Returns:
        char_error, word_error: each may exceed 1, where more is said than is true.
    """
    units = {
        "char_error": [(list(g), list(t)) for g, t in zip(guesses, truths, strict=True)],
        "word_error": [(g.split(), t.split()) for g, t in zip(guesses, truths, strict=True)],
    }
    return {
        name: (
            torch.tensor([float(edit_distance(guess, truth)) for guess, truth in pairs]),
            torch.tensor([float(len(truth)) for _, truth in pairs]),
        )
        for name, pairs in units.items()
    }
