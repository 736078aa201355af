"""Films of your own: `data=folder data.path=...`."""

from pathlib import Path

from torch import Tensor

from .files.kept import Kept
from .reader import STILLS, SUFFIXES, read_clip


class Own(Kept):
    """Films in class folders, or in any folder, or with a metadata.csv beside them; as grey."""

    suffixes, frames = SUFFIXES, STILLS

    def read(self, source: str | Path) -> Tensor:
        """Read a film as x: [1, 8, 32, 32] in [-1, 1].

        Raises:
            UserError: naming the file, if it is no readable film.
        """
        return read_clip(source).mean(dim=0, keepdim=True)
