"""Operations that ONNX has no word for, in words that it has."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def searchsorted(
    keys: Tensor,
    values: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Count the keys before each value, by halving: log2(N) steps, each a lookup.

    keys: [N] ascending; values: [...] -> [...] int64, from 0 to N.
    """
    assert keys.ndim == 1 and sorter is None, "no network of the project asks for more"
    num, place = len(keys), torch.zeros_like(values, dtype=torch.int64)
    for bit in reversed(range(num.bit_length())):
        there = place + 2**bit
        key = keys[(there - 1).clamp_max(num - 1)]
        behind = key <= values if right or side == "right" else key < values
        place = torch.where(behind & (there <= num), there, place)
    return place.int() if out_int32 else place


def istft(
    spectrum: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """Add overlapping frames up by `fold`: torch scatters them, as onnxruntime does not.

    spectrum: complex [B, F, T]; window: [n_fft] -> [B, length].
    """
    assert window is not None and hop_length and length is not None
    assert center and not (normalized or return_complex), "no network of the project asks for more"
    num = spectrum.shape[2]
    size, span = (1, n_fft), (1, n_fft + hop_length * (num - 1))
    frames = torch.fft.irfft(spectrum, n_fft, dim=1) * window[:, None]
    squares = window.square()[None, :, None].expand(1, -1, num)
    wave, weight = (F.fold(x, span, size, stride=(1, hop_length)) for x in (frames, squares))
    return (wave / weight)[:, 0, 0, n_fft // 2 : n_fft // 2 + length]


TABLE: dict[Any, Callable[..., Any]] = {
    torch.ops.aten.searchsorted.Tensor: searchsorted,
    torch.ops.aten.istft.default: istft,
}
