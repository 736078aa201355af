"""Pictures of your own: `data=folder data.path=...`."""

from .images import Pictures
from .kept import Kept


class Own(Kept, Pictures):
    """Pictures in class folders, or in any folder, or with a metadata.csv beside them."""
