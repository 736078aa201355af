"""Films of your own: `data=folder data.path=...`."""

from pathlib import Path

from torch import Tensor

from .folder import Folder
from .reader import SUFFIXES, read_clip


class Own(Folder):
    """Films in class folders, or in any folder, or with a metadata.csv beside them; as grey.

    Args:
        file: column of metadata.csv with the name of the file.
        label: column with the class.
        group: column with what may not straddle splits, such as the scene; None for each film by
            itself.
        split: column with train, val or test, where there is one.
        **data: what every folder takes.
    """

    suffixes = SUFFIXES

    def __init__(self, *, file: str, label: str, group: str | None, split: str, **data) -> None:
        columns = {"file": file, "label": label, "group": group, "split": split}
        super().__init__(columns=columns, **data)

    def read(self, source: str | Path) -> Tensor:
        """Read a film as x: [1, 8, 32, 32] in [-1, 1].

        Raises:
            UserError: naming the file, if it is no readable film.
        """
        return read_clip(source).mean(dim=0, keepdim=True)
