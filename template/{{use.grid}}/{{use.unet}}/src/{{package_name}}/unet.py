"""A U-Net (Ronneberger 2015, 1505.04597) of residual blocks, for signals on a grid.

Legend: B batch, C channels, *S sizes (H, W) or (T, H, W).
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import (
    GROUPS,
    Block,
    cells,
    channels,
    conv,
    down,
    fold,
    halvings,
    pad_to,
    unfold,
    up,
    zero,
)


class UNet(nn.Module):
    """Map a signal of any size. x: [B, C, *S] -> [B, outputs, *S], which is 0 before training.

    Args:
        dims: 2 for (H, W), 3 for (T, H, W).
        inputs: channels C of the signal.
        outputs: channels of the result.
        width: channels of the first level, a multiple of 8.
        multiples: of the width, one for each level; each level after the first halves height and
            width.
        depth: residual blocks in the lowest level, where a block costs least; the others have one
            on each side.
        patch: sizes of the patches that become channels at the entrance; 1 keeps every pixel.
        condition: length of a vector that every block is told; 0 for none.
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
        condition: int = 0,
    ) -> None:
        super().__init__()
        self.patch, self.even = patch, halvings(dims, patch, len(multiples))
        sizes = channels(width, multiples)
        self.stem = conv(dims, inputs * cells(patch), sizes[0])
        self.left, self.downs, self.ups, self.right = (nn.ModuleList() for _ in range(4))
        for fine, coarse in pairwise(sizes):
            self.left.append(Block(dims, fine, fine, condition))
            self.downs.append(down(dims, fine, coarse))
            self.ups.append(conv(dims, coarse, fine, 1))
            self.right.append(Block(dims, 2 * fine, fine, condition))
        self.bottom = nn.ModuleList(
            Block(dims, sizes[-1], sizes[-1], condition) for _ in range(depth)
        )
        self.norm = nn.GroupNorm(GROUPS, sizes[0])
        self.head = zero(conv(dims, sizes[0], outputs * cells(patch), 1))

    def forward(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        """x: [B, C, *S], c: [B, condition] -> [B, outputs, *S]."""
        h, skips = self.stem(fold(pad_to(x, self.even), self.patch)), []
        for block, halve in zip(self.left, self.downs, strict=True):
            skips.append(block(h, c))
            h = halve(skips[-1])
        for block in self.bottom:
            h = block(h, c)
        for lift, block in zip(reversed(self.ups), reversed(self.right), strict=True):
            h = block(torch.cat([up(lift(h)), skips.pop()], dim=1), c)
        out = unfold(self.head(F.silu(self.norm(h))), self.patch)
        return out[(..., *(slice(size) for size in x.shape[2:]))]
