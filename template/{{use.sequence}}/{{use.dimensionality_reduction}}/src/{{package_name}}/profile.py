"""The encoder of a sequence by its n-gram counts: principal components, and what they miss.

A linear map of the counts is all that PCA has. A hidden layer beside it bends the axes, and hiding
some of the counts in training keeps it from learning single sequences by heart.

Legend: B batch, T tokens, N features of a vector.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from .vectors import FEATURES, vectors


class ProfileEncoder(nn.Module):
    """Map a sequence to a vector. x: [B, T] int64 -> [B, outputs].

    Args:
        outputs: length of the vector.
        width: of the hidden layer.
        dropout: share of the counts hidden in training.
    """

    def __init__(self, *, outputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.straight = nn.Linear(FEATURES, outputs)
        self.hidden, self.head = nn.Linear(FEATURES, width), nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, T] -> [B, outputs]."""
        v = F.dropout(vectors(x), self.dropout, self.training)
        return self.straight(v) + self.head(F.relu(self.hidden(v)))
