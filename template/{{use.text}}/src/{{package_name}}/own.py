"""Texts of your own: `data=folder data.path=...`."""

from pathlib import Path

import torch
from torch import Tensor

from .errors import UserError
from .files.folder import Folder
from .files.table import marked
from .texts import Texts
from .utf8 import encode


class Own(Folder, Texts):
    """Texts in the rows of a table, the lines of a .txt, or .txt files in class folders.

    Args:
        longest: bytes of a text that are learnt from; the rest of it is cut off.
        **data: what texts and every folder take.
    """

    def __init__(self, *, longest: int, **data) -> None:
        super().__init__(**data)
        self.longest = longest

    def example(self, source: str | Path) -> Tensor:
        """Read a text as x: [T], its beginning if it is long.

        Raises:
            UserError: naming the file, if there is no text in it, or it is written otherwise.
        """
        text = source if isinstance(source, str) else self.open(source)
        tokens = encode(" ".join(text.split()).encode(errors="surrogateescape"))
        if "\0" in text or not tokens:
            raise UserError(f"input={source} holds no text")
        return torch.tensor(tokens[: self.longest])

    def open(self, path: Path) -> str:
        """Return what stands in a file."""
        try:
            encoding = marked(path, self.encoding)
            return path.read_text(encoding)
        except OSError as error:
            raise UserError(f"input={path} cannot be read: {error.strerror}") from None
        except (UnicodeError, LookupError) as error:
            raise UserError(
                f"input={path} is no text in {self.encoding}: {getattr(error, 'reason', error)} "
                "(data.encoding names another, such as latin-1)"
            ) from None
