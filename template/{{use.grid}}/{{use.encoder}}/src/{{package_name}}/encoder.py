"""The encoder of a signal on a grid: the left half of a U-Net, and a linear head on its last level.

Legend: B batch, C channels, *S sizes (H, W) or (T, H, W), D width of the last level.
"""

import math
from collections.abc import Sequence

from torch import Tensor, nn

from .blocks import GROUPS, Block, cells, channels, conv, down, fold, halvings, pad_to, zero


class Encoder(nn.Module):
    """Map a signal to a vector. x: [B, C, *S] -> [B, outputs].

    Args:
        dims: 2 for (H, W), 3 for (T, H, W).
        inputs: channels C of the signal.
        outputs: length of the vector, for example the number of classes.
        width: channels of the first level, a multiple of 8.
        multiples: of the width, one for each level; each level after the first halves height and
            width.
        depth: residual blocks in each level.
        patch: sizes of the patches that become channels at the entrance; 1 keeps every pixel.
        dropout: share of the features hidden from the head in training.
        size: *S of the signal, where the head shall see each place by itself; None averages over
            the grid, whatever its size.
    """

    def __init__(
        self,
        *,
        dims: int,
        inputs: int,
        outputs: int,
        width: int,
        multiples: Sequence[int],
        depth: int,
        patch: Sequence[int],
        dropout: float,
        size: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        self.patch, self.even = patch, halvings(dims, patch, len(multiples))
        self.size, places = size, 1
        if size is not None:
            places = math.prod(-(-s // e) for s, e in zip(size, self.even, strict=True))
        sizes = channels(width, multiples)
        layers: list[nn.Module] = [conv(dims, inputs * cells(patch), sizes[0])]
        for level, number in enumerate(sizes):
            if level:
                layers.append(down(dims, sizes[level - 1], number))
            layers += [Block(dims, number, number) for _ in range(depth)]
        self.trunk = nn.Sequential(*layers, nn.GroupNorm(GROUPS, sizes[-1]), nn.SiLU())
        self.drop, self.head = nn.Dropout(dropout), zero(nn.Linear(places * sizes[-1], outputs))

    def features(self, x: Tensor) -> Tensor:
        """Compute the last level, and average it over the grid or lay it out: [B, D or more]."""
        h = self.trunk(fold(pad_to(x, self.even), self.patch)).flatten(2)
        return h.mean(dim=2) if self.size is None else h.flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, *S] -> [B, outputs]."""
        return self.head(self.drop(self.features(x)))
