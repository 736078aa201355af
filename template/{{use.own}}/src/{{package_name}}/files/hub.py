"""Data of the Hugging Face hub: `data=hub data.name=...`.

They are your own data in another place: walked once for classes and splits, then each example is
read once, by what reads files.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from ..errors import UserError, cause_of
from ..own import Own
from .collection import Blob, Collection
from .rows import Row
from .table import Refuse


class Hub(Own):
    """A dataset of the hub.

    Args:
        name: such as ylecun/mnist, or of a folder in the hub's format.
        config: which of its configurations; None for the only one.
        revision: the state of it; None for the latest.
        streaming: read it as it comes, and keep no copy of the whole on disk.
        limit: most rows of a split; None for all.
        path: None: it belongs to a folder.
        **data: what data of one's own take.
    """

    setting = "name"

    def __init__(
        self,
        *,
        name: str | None,
        config: str | None,
        revision: str | None,
        streaming: bool,
        limit: int | None,
        path: str | None = None,
        **data,
    ) -> None:
        super().__init__(path=name, **data)
        if path is not None:
            raise UserError(f"data.path={path} belongs to data=folder: of the hub give data.name")
        if limit is not None and limit < 1:
            raise UserError(f"data.limit={limit} is not allowed: 1 or more, or null for all")
        if name is None:
            raise UserError("data.name is missing: name a dataset, data.name=ylecun/mnist")
        self.collection = Collection(
            name,
            config=config,
            revision=revision,
            streaming=streaming,
            limit=limit,
            literal="text" in self.columns,
            columns=self.columns,
            labels=self.labels,
        )
        self.told = self.collection.classes

    def rows(self, refuse: Refuse, *, whole: bool) -> Iterator[Row]:
        """Walk the dataset: see Folder.rows."""
        return self.collection.rows(refuse, whole=whole)

    def settle(self) -> dict[str, Any]:
        """Return the settings that mean the same data from anywhere, and tomorrow."""
        path = Path(self.collection.name).expanduser()
        name = str(path.absolute()) if path.exists() else self.collection.name
        return {"name": name, "revision": self.collection.state}

    def example(self, source: str | Path | Blob) -> Tensor:
        """Read one example: a file in a dataset is laid on disk, where any file is read from."""
        if not isinstance(source, Blob):
            return super().example(source)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"example{source.suffix or self.endings[0]}"
            path.write_bytes(source.content)
            try:
                return super().example(path)
            except UserError as error:
                raise UserError(cause_of(error, path).replace(str(path), path.name)) from None
