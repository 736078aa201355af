"""Recordings of your own with what is said in each: a folder of any shape."""

from typing import Any

from .alphabet import Alphabet
from .files.kept import Kept
from .recording import SUFFIXES
from .said import Said


class Dictation(Kept):
    """Recordings, and texts as what belongs to them: the two directions differ in `pair`.

    Args:
        labels: "required".
        label: column of a table with what is said.
        alphabet: its letters; None: the data tell.
        **data: what every folder takes.
    """

    alphabet: Alphabet  # of the data module that it is mixed with
    scripts = True
    sampled = False  # the baselines read batch by batch

    def __init__(self, *, labels: str, label: str, alphabet: str | None, **data) -> None:
        super().__init__(labels=labels, label=label, alphabet=alphabet, **data)
        self.answers = Said(labels, label, alphabet)

    @property
    def endings(self) -> tuple[str, ...]:
        """Suffixes of recordings, whatever `read` takes."""
        return SUFFIXES

    def discover(self) -> dict[str, Any]:
        """Find alphabet and splits; return the settings that follow from them."""
        found = super().discover()
        self.alphabet = Alphabet(found["alphabet"])
        return found
