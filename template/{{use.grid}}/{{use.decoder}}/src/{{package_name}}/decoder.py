"""The decoder of a signal on a grid: the right half of a U-Net, without the skips, from a code.

Doubling by repetition, followed by a convolution, leaves no checkerboard (Odena 2016).

Legend: B batch, *S sizes (H, W) or (T, H, W), Z latent.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import GROUPS, Block, cells, channels, conv, halvings, unfold, up, zero


class Decoder(nn.Module):
    """Map a code to a signal. z: [B, Z] -> [B, outputs, *S], which is 0 before training.

    Args:
        dims: 2 for (H, W), 3 for (T, H, W).
        latent: Z.
        outputs: channels of the signal.
        size: *S, of the signal, any.
        width: channels of the last level, a multiple of 8.
        multiples: of the width, one for each level, as the encoder has them: the last comes first.
        depth: residual blocks in each level.
        patch: sizes of the patches that are written out at once; 1 writes every pixel.
    """

    def __init__(
        self,
        *,
        dims: int,
        latent: int,
        outputs: int,
        size: Sequence[int],
        width: int,
        multiples: Sequence[int],
        depth: int,
        patch: Sequence[int],
    ) -> None:
        super().__init__()
        self.patch, sizes = patch, channels(width, multiples)
        even = halvings(dims, patch, len(multiples))
        self.coarse = [-(-s // e) for s, e in zip(size, even, strict=True)]  # the lowest level's
        self.first = nn.Linear(latent, sizes[-1] * cells(self.coarse))
        self.levels, self.lifts = nn.ModuleList(), nn.ModuleList()
        for number in reversed(sizes):
            self.levels.append(nn.Sequential(*(Block(dims, number, number) for _ in range(depth))))
        for coarse, fine in pairwise(reversed(sizes)):
            self.lifts.append(conv(dims, coarse, fine))
        self.norm = nn.GroupNorm(GROUPS, sizes[0])
        self.head = zero(conv(dims, sizes[0], outputs * cells(patch), 1))

    def forward(self, z: Tensor, size: Sequence[int]) -> Tensor:
        """z: [B, Z]; size: (outputs, *S), to which the padding is cut -> [B, outputs, *S]."""
        h = self.levels[0](self.first(z).unflatten(1, (-1, *self.coarse)))
        for lift, level in zip(self.lifts, self.levels[1:], strict=True):
            h = level(lift(up(h)))
        out = unfold(self.head(F.silu(self.norm(h))), self.patch)
        return out[(..., *(slice(s) for s in size[1:]))]
