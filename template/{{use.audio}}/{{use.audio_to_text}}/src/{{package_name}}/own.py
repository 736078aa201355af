"""Recordings of your own, to be written down: `data=folder data.path=...`."""

from typing import Any

from torch import Tensor

from .dictation import Dictation
from .hearing import Hearing
from .spoken import refuse_haste


class Own(Dictation, Hearing):
    """Recordings with a metadata.csv beside them that says what is said in each."""

    def pair(self, x: Tensor, y: Any) -> tuple[Tensor, Any]:
        """Learn the letters from the recording: x: [L], y: [U]."""
        refuse_haste(x, y, max(self.speeds))
        return x, y
