"""Films of your own: `data=folder data.path=...`."""

from .folder import Folder
from .footage import Footage


class Own(Folder, Footage):
    """Films in class folders, or in any folder, or with a metadata.csv beside them.

    Args:
        file: column of metadata.csv with the name of the file.
        label: column with the class.
        group: column with what may not straddle splits, such as the scene; None for each film by
            itself.
        split: column with train, val or test, where there is one.
        **data: what footage and every folder takes.
    """

    def __init__(self, *, file: str, label: str, group: str | None, split: str, **data) -> None:
        columns = {"file": file, "label": label, "group": group, "split": split}
        super().__init__(columns=columns, **data)
