"""Films of your own: `data=folder data.path=...`."""

from .footage import Footage
from .kept import Kept


class Own(Kept, Footage):
    """Films in class folders, or in any folder, or with a metadata.csv beside them."""
