"""Films of your own: `data=folder data.path=...`."""

from .folder import Folder
from .footage import Footage


class Own(Folder, Footage):
    """Films in class folders, or in any folder, or with a metadata.csv beside them."""
