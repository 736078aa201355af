"""Pictures of your own: `data=folder data.path=...`."""

from .folder import Folder
from .images import Pictures


class Own(Folder, Pictures):
    """Pictures in class folders, or in any folder, or with a metadata.csv beside them.

    Args:
        file: column of metadata.csv with the name of the file.
        label: column with the class.
        group: column with what may not straddle splits; None for each picture by itself.
        split: column with train, val or test, where there is one.
        **data: what pictures and every folder take.
    """

    def __init__(self, *, file: str, label: str, group: str | None, split: str, **data) -> None:
        columns = {"file": file, "label": label, "group": group, "split": split}
        super().__init__(columns=columns, **data)
