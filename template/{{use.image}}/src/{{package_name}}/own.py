"""Pictures of your own: `data=folder data.path=...`."""

from .folder import Folder
from .images import Pictures


class Own(Folder, Pictures):
    """Pictures in class folders, or in any folder, or with a metadata.csv beside them."""
