"""The objective for sequences: the negative log-likelihood of each token.

Legend: B batch, T tokens, V vocabulary.
"""

import torch.nn.functional as F
from torch import Tensor

from .tokens import PAD, lengths


class CrossEntropy:
    """Mean cross-entropy over the tokens of each example, in nats; filling does not count."""

    def losses(self, pred: Tensor, x: Tensor) -> Tensor:
        """pred: [B, T, V], x: [B, T] -> [B]."""
        each = F.cross_entropy(
            pred.flatten(0, 1), x.flatten(), ignore_index=PAD, reduction="none"
        ).view_as(x)
        return each.sum(dim=1) / lengths(x).clamp_min(1)

    def mode(self, pred: Tensor) -> Tensor:
        """Return the likeliest token at each position. [B, T, V] -> [B, T]."""
        return pred.argmax(dim=2)
