"""Recordings of your own and their texts, to speak others: `data=folder data.path=...`."""

from typing import Any

import torch
from torch import Tensor

from .dictation import Dictation
from .errors import UserError
from .script import LONGEST, Script, frame
from .spoken import read_spoken, refuse_haste


class Own(Dictation, Script):
    """Recordings of one voice, with a metadata.csv beside them that says what is said in each."""

    def example(self, source: Any) -> Tensor:
        """Read a recording: [L]."""
        return read_spoken(source)

    def pair(self, x: Tensor, y: Any) -> tuple[Tensor, Any]:
        """Learn the recording from its letters. x: [L], y: [U] -> [U + 2], [L]."""
        refuse_haste(x, y)
        if len(y) > LONGEST:
            raise UserError(f"its text has {len(y)} letters, more than {LONGEST}")
        return torch.tensor(frame(y.tolist())), x
