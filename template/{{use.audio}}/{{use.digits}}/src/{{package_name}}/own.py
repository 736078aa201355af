"""Recordings of your own: `data=folder data.path=...`."""

from pathlib import Path

from torch import Tensor

from .clips import Clips
from .errors import UserError
from .folder import Folder
from .recording import fit


class Own(Folder, Clips):
    """Recordings in class folders, or in any folder, or with a metadata.csv beside them."""

    def example(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L]: its loudest stretch, all of one length.

        Raises:
            UserError: naming the file, if it is no recording, or a silent one.
        """
        x = fit(self.read(source), self.length)
        if not x.any():
            raise UserError(f"input={source} is silent: every sample is 0")
        return x
