"""Films of your own: `data=folder data.path=...`."""

from .files.kept import Kept
from .footage import Footage


class Own(Kept, Footage):
    """Films in class folders, or in any folder, or with a metadata.csv beside them."""
