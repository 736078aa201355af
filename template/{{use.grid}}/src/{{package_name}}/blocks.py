"""Blocks for signals on a grid: one residual block serves every network of the project.

Pre-activation residual blocks (He 2016, 1603.05027) with GroupNorm (Wu 2018, 1803.08494), which,
unlike BatchNorm, computes each example by itself: small batches, several devices and evaluation all
see the same network.

Legend: B batch, C channels, *S sizes (H, W) or (T, H, W), P patch.
"""

import math
from collections.abc import Callable, Sequence

import torch.nn.functional as F
from torch import Tensor, nn

CONV: dict[int, Callable[..., nn.Module]] = {2: nn.Conv2d, 3: nn.Conv3d}
GROUPS = 8  # of channels that are normalised together; widths must be multiples of it


class Space(nn.Conv2d):
    """Convolve each frame by itself: a CPU does that faster than Conv3d."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C_in, T, H, W] -> [B, C_out, T, H, W]."""
        frames = super().forward(x.transpose(1, 2).flatten(0, 1))
        # not len(x), which an export would take for a constant
        return frames.unflatten(0, (x.shape[0], -1)).transpose(1, 2)


class Time(nn.Conv2d):
    """Convolve each pixel over time: a CPU does that faster than Conv3d."""

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C_in, T, H, W] -> [B, C_out, T, H, W]."""
        return super().forward(x.flatten(3)).unflatten(3, x.shape[3:])


def conv(dims: int, channels_in: int, channels_out: int, kernel: int = 3) -> nn.Module:
    """Convolve without changing the size.

    In 3-D the kernel is factorised over time and space (Tran 2018, 1711.11248).
    """
    if dims == 3 and kernel == 3:  # 12 taps instead of 27
        return nn.Sequential(
            Space(channels_in, channels_out, 3, padding=1),
            Time(channels_out, channels_out, (3, 1), padding=(1, 0)),
        )
    return CONV[dims](channels_in, channels_out, kernel, padding=kernel // 2)


def down(dims: int, channels_in: int, channels_out: int) -> nn.Module:
    """Halve height and width."""
    kernel, stride, padding = ((1, 3, 3), (1, 2, 2), (0, 1, 1)) if dims == 3 else (3, 2, 1)
    return CONV[dims](channels_in, channels_out, kernel, stride, padding)


def up(x: Tensor) -> Tensor:
    """Double height and width by repetition, which leaves no checkerboard (Odena 2016)."""
    if x.device.type == "xla":  # whose gradient of `interpolate` is computed on the CPU
        return x.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
    return F.interpolate(x, scale_factor=(1.0, 2.0, 2.0) if x.ndim == 5 else 2.0, mode="nearest")


def zero(module: nn.Module) -> nn.Module:
    """Set all weights to 0: a residual branch starts as nothing, a head as its prior."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


def fold(x: Tensor, patch: Sequence[int]) -> Tensor:
    """Move patches into channels. x: [B, C, *S] -> [B, C * prod(P), *S / P].

    Most of a network's cost lies at full size: a 2x2 patch saves three quarters of it.
    """
    if max(patch) == 1:
        return x
    dims, shape = len(patch), [x.shape[0], x.shape[1]]
    for size, p in zip(x.shape[2:], patch, strict=True):
        shape += [size // p, p]
    order = [0, 1, *range(3, 3 + 2 * dims, 2), *range(2, 2 + 2 * dims, 2)]
    return x.reshape(shape).permute(order).flatten(1, 1 + dims)


def unfold(x: Tensor, patch: Sequence[int]) -> Tensor:
    """Undo `fold`. x: [B, C * prod(P), *S / P] -> [B, C, *S]."""
    if max(patch) == 1:
        return x
    dims, size = len(patch), x.shape[2:]
    x = x.unflatten(1, (-1, *patch))
    order = [0, 1]
    for d in range(dims):
        order += [2 + dims + d, 2 + d]
    grown = (s * p for s, p in zip(size, patch, strict=True))
    return x.permute(order).reshape(x.shape[0], x.shape[1], *grown)


def pad_to(x: Tensor, multiple: Sequence[int]) -> Tensor:
    """Repeat the far edges until each size is a multiple, so that halving comes out even.

    x: [B, C, *S].
    """
    grow = [-size % m for size, m in zip(x.shape[2:], multiple, strict=True)]
    if not any(grow):
        return x
    pad = [side for g in reversed(grow) for side in (0, g)]
    return F.pad(x, pad, mode="replicate")


class Block(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x)))))). x: [B, C_in, *S] -> [B, C_out, *S].

    Args:
        dims: 2 for (H, W), 3 for (T, H, W).
        channels_in, channels_out: C_in and C_out.
        condition: length of a vector that scales and shifts the second norm (FiLM: Perez 2018,
            1709.07871); 0 for none.
    """

    def __init__(self, dims: int, channels_in: int, channels_out: int, condition: int = 0) -> None:
        super().__init__()
        self.norm1, self.conv1 = (
            nn.GroupNorm(GROUPS, channels_in),
            conv(dims, channels_in, channels_out),
        )
        self.norm2, self.conv2 = (
            nn.GroupNorm(GROUPS, channels_out),
            conv(dims, channels_out, channels_out),
        )
        zero(self.conv2[-1] if isinstance(self.conv2, nn.Sequential) else self.conv2)
        self.skip = (
            nn.Identity()
            if channels_in == channels_out
            else conv(dims, channels_in, channels_out, 1)
        )
        self.film = zero(nn.Linear(condition, 2 * channels_out)) if condition else None

    def forward(self, x: Tensor, c: Tensor | None = None) -> Tensor:
        """x: [B, C_in, *S], c: [B, condition] -> [B, C_out, *S]."""
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if self.film is not None:
            scale, shift = self.film(c).view(x.shape[0], -1, *[1] * (x.ndim - 2)).chunk(2, dim=1)
            h = h * (1 + scale) + shift
        return self.skip(x) + self.conv2(F.silu(h))


def channels(width: int, multiples: Sequence[int]) -> list[int]:
    """Return the channels of each level: multiples of the width, the field's `channel_mult`."""
    return [width * m for m in multiples]


def cells(patch: Sequence[int]) -> int:
    """Count the values of one patch."""
    return math.prod(patch)


def halvings(dims: int, patch: Sequence[int], levels: int) -> list[int]:
    """Return what each size must be a multiple of: the patch, times 2 for each halving."""
    halved = [1] * (dims - 2) + [2 ** (levels - 1)] * 2
    return [p * h for p, h in zip(patch, halved, strict=True)]
