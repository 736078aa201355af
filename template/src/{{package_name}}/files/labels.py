"""The classes of one's own data: told by the names that occur, and numbered.

Legend: N examples.
"""

from typing import Any

import torch
from torch import Tensor

from ..errors import UserError

MOST_CLASSES = 1000  # more different labels are numbers or texts


class Labels:
    """Turn the names of classes into numbers: all are noted first, then each is told.

    Args:
        kind: "required", "optional" or "ignored".
        column: of a table that holds them, for messages.
    """

    lacking = "it has no class, and others have"

    def __init__(self, kind: str, column: str) -> None:
        self.kind, self.column = kind, column
        self.noted: set[str] = set()
        self.names: tuple[str, ...] = ()
        self.number: dict[str, int] = {}

    def note(self, label: str) -> None:
        """Count a class in; "" is none."""
        self.noted.add(label)
        if len(self.noted) > MOST_CLASSES:
            raise UserError(
                f"data.label={self.column} has more than {MOST_CLASSES:,} different values, such "
                f"as {label[:40]!r}: a column that names a class is needed"
            )

    def settle(self, order: list[str], where: str) -> dict[str, Any]:
        """Number what was noted.

        Args:
            order: of the classes, where the data tell it; else by name, and numbers by value.
            where: the data are, for messages.

        Returns:
            settings that follow from it.
        """
        found = sorted(self.noted - {""}, key=lambda name: (len(name) * name.isdigit(), name))
        if self.kind == "required" and len(found) < 2:
            raise UserError(
                f"{where} has one class only ({', '.join(found)}): two or more folders are needed, "
                "or two values in the column of data.label"
            )
        self.names = tuple([name for name in order if name in self.noted] or found)
        self.number = {name: i for i, name in enumerate(self.names)}
        return {"num_classes": len(self.names)}

    def lacks(self, label: str) -> bool:
        """Say whether an example has no class although others have."""
        return bool(self.names) and not label

    def of(self, label: str) -> int:
        """Return the number of a class; 0 where there are none."""
        return self.number.get(label, 0)

    def check(self, y: Tensor, where: str) -> None:
        """Refuse a class that nothing can be learnt of. y: [N] of the training split."""
        if self.kind != "required":
            return
        for name, count in zip(
            self.names, torch.bincount(y, minlength=len(self.names)).tolist(), strict=True
        ):
            if not count:
                raise UserError(
                    f"{where}: class {name} has no example to train on: add some, take it away, or "
                    "lay folders train, val and test out yourself"
                )
