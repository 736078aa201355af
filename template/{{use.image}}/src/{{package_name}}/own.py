"""Pictures of your own: `data=folder data.path=...`."""

from .files.kept import Kept
from .images import Pictures


class Own(Kept, Pictures):
    """Pictures in class folders, or in any folder, or with a metadata.csv beside them."""
