"""Connectionist temporal classification: letters from frames without being told where they are.

Each frame says one letter or nothing (the blank, PAD). A path of T frames reads as the text that is
left once repeats are merged, and then blanks are dropped. The loss is the negative logarithm of the
summed probability of all paths that read as the true text (Graves 2006, ICML).

Legend: B batch, T frames, U letters, V vocabulary.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torchaudio.functional import forced_align

from .tokens import PAD, lengths, trim


class Span(NamedTuple):
    """A letter of a path, and the frames from the first to the last that say it."""

    token: int
    first: int
    last: int


def losses(log_probs: Tensor, frames: Tensor, y: Tensor) -> Tensor:
    """Return the loss of each text in nats per letter.

    Args:
        log_probs: [B, T, V] log-probability of each token in each frame.
        frames: [B] number of frames that count.
        y: [B, U] int64, PAD behind each text. One that needs more frames than there are has an
            infinite loss.

    Returns:
        losses: [B].
    """
    size = lengths(y)
    nats = F.ctc_loss(log_probs.transpose(0, 1), trim(y), frames, size, blank=PAD, reduction="none")
    return nats / size


def best_path(log_probs: Tensor, frames: Tensor) -> Tensor:
    """Take the likeliest token of each frame, PAD behind the end. [B, T, V], [B] -> [B, T]."""
    place = torch.arange(log_probs.shape[1], device=frames.device)
    return log_probs.argmax(dim=2).where(place < frames[:, None], PAD)


def align(log_probs: Tensor, frames: Tensor, y: Tensor) -> Tensor:
    """Find the likeliest path of each example that reads as its text.

    Args:
        log_probs: [B, T, V].
        frames: [B] number of frames that count.
        y: [B, U] int64, PAD behind each text.

    Returns:
        paths: [B, T] int64, PAD behind the end.
    """
    here, log_probs = y.device, log_probs.detach()
    if here.type != "cuda":  # elsewhere only the CPU can
        log_probs, frames, y = log_probs.cpu(), frames.cpu(), y.cpu()
    paths = torch.full(log_probs.shape[:2], PAD, device=y.device)
    parts = zip(log_probs, frames.tolist(), y, lengths(y).tolist(), strict=True)
    for row, (emission, end, text, size) in enumerate(parts):  # it takes one example at a time
        path, _ = forced_align(emission[None, :end], text[None, :size], blank=PAD)
        paths[row, :end] = path[0]
    return paths.to(here)


def spans(path: Tensor) -> list[Span]:
    """List the letters of a path in order, each with its frames. path: [T] int64."""
    found: list[Span] = []
    before = PAD
    for frame, token in enumerate(path.tolist()):
        if token != PAD and token == before:
            found[-1] = found[-1]._replace(last=frame)
        elif token != PAD:
            found.append(Span(token, frame, frame))
        before = token
    return found


def read(path: Tensor) -> list[int]:
    """Return what a path reads as: its letters. path: [T] int64 -> [U]."""
    return [span.token for span in spans(path)]


def spell(y: Tensor) -> Tensor:
    """Write texts as paths that read as them, each letter followed by a blank.

    y: [B, U] -> [B, 2 U].
    """
    return torch.stack([y, torch.full_like(y, PAD)], dim=2).flatten(1)
