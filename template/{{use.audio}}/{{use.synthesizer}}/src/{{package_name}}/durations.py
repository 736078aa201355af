"""How long each letter lasts: read off an alignment, and given back as frames.

Legend: B batch, T frames of 10 ms, U letters with one silence before and one behind, D width.
"""

import itertools

import torch
from torch import Tensor

from .ctc import spans
from .recognizer import STRIDE


def read_durations(path: Tensor, frames: int) -> Tensor:
    """Share out the frames of a recording among its letters.

    The recognizer marks a letter by a frame or two and says nothing in between, so a gap between
    two letters is cut in the middle.

    Args:
        path: frames of the recognizer, 20 ms each, that read as the text.
        frames: T, number of 10 ms frames of the recording.

    Returns:
        durations: [U] int64, sum T: silence, letters, silence. A letter has at least one frame.
    """
    found = spans(path)
    inner = [(a.last + b.first + 1) // 2 for a, b in itertools.pairwise(found)]
    cuts = [found[0].first, *inner, found[-1].last + 1]
    return torch.tensor([0, *(min(STRIDE * cut, frames) for cut in cuts), frames]).diff()


def stretch(h: Tensor, durations: Tensor, size: int | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Repeat each letter for as many frames as it lasts (the length regulator of FastSpeech).

    Args:
        h: [B, U, D] features of letters.
        durations: [B, U] int64, 0 behind the end.
        size: T, where it is known; None for the sum of the longest row, which has to be waited for.

    Returns:
        frames: [B, T, D] features of the letter that each frame belongs to, 0 behind the end;
        place: [B, T, 3] how far through its letter a frame is, its square, and the duration;
        real: [B, T] bool, False behind the end.
    """
    ends, total = durations.cumsum(dim=1), durations.sum(dim=1)
    if size is None:
        frame = torch.arange(total.max().item(), device=h.device)  # int() could not be exported
    else:
        frame = torch.arange(size, device=h.device)
    real = frame < total[:, None]
    # the letter of a frame: as many as have ended before it; no loop, so that it can be exported
    which = (frame[:, None] >= ends[:, None, :]).sum(dim=2).clamp_max(h.shape[1] - 1)
    lasts = durations.gather(1, which)
    part = (frame - (ends - durations).gather(1, which) + 0.5) / lasts.clamp_min(1)
    place = torch.stack([part, part.square(), lasts / 10], dim=2) * real[:, :, None]
    frames = h.gather(1, which[:, :, None].expand(-1, -1, h.shape[2])) * real[:, :, None]
    return frames, place, real
