"""A simulated camera: nine motions over a photograph, each frame resampled from the picture.

The middle of a clip looks the same for every motion, and the camera is held at any tilt: what is to
be learnt lies in the motion, not in the place or in any one frame.

Legend: N clips, C = 3 channels, T = 8 frames, H = W = 32 pixels of a frame, h w of the photograph.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .reader import FRAMES, SIZE

# radians for each width of the view: a rotation then moves the border of a frame as far as a pan
TURN = 1.5
MOVES = {  # of the camera: to the right, down, away, clockwise
    "pan left": (-1.0, 0.0, 0.0, 0.0),  # things in the picture then move to the right
    "pan right": (1.0, 0.0, 0.0, 0.0),
    "pan up": (0.0, -1.0, 0.0, 0.0),
    "pan down": (0.0, 1.0, 0.0, 0.0),
    "zoom in": (0.0, 0.0, -1.0, 0.0),
    "zoom out": (0.0, 0.0, 1.0, 0.0),
    "rotate left": (0.0, 0.0, 0.0, -TURN),
    "rotate right": (0.0, 0.0, 0.0, TURN),
    "still": (0.0, 0.0, 0.0, 0.0),
}
MOTIONS = tuple(MOVES)
VIEW = (26.0, 52.0)  # pixels of the photograph that a frame is wide
SPEED = (0.03, 0.08)  # per frame, in widths of the view: about 1 to 2.5 pixels
SPREAD = 0.06  # of the grey levels of a frame: less, and no motion could be seen


def film(photo: Tensor, motion: Tensor, generator: torch.Generator) -> Tensor:
    """Film a photograph, each clip from a place of its own where there is something to see.

    Args:
        photo: [C, h, w] in [-1, 1], at least 110 pixels high and wide.
        motion: [N] int64, rows of MOTIONS.
        generator: draws places, tilts and speeds.

    Returns:
        [N, C, T, H, W] in [-1, 1].
    """
    clips = photo.new_empty(len(motion), len(photo), FRAMES, SIZE, SIZE)
    todo = torch.arange(len(motion))
    while len(todo):
        drawn = record(photo, motion[todo], generator)
        middle = drawn[:, :, FRAMES // 2].mean(dim=1).flatten(1)
        seen = middle.std(dim=1) > SPREAD
        clips[todo[seen]] = drawn[seen]
        todo = todo[~seen]
    return clips


def record(photo: Tensor, motion: Tensor, generator: torch.Generator) -> Tensor:
    """Film a photograph from random places. See `film`."""

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(len(motion), generator=generator)

    view, tilt = uniform(*VIEW), uniform(-torch.pi, torch.pi)
    # no frame reaches farther than one view from the center: 0.71 for its corner, 0.28 for a pan
    reach = torch.tensor([photo.shape[2], photo.shape[1]]) / 2 - view[:, None]  # [N, 2] as x, y
    center = reach * torch.stack([uniform(-1, 1), uniform(-1, 1)], dim=1)
    way = uniform(*SPEED)[:, None] * (torch.arange(FRAMES) - (FRAMES - 1) / 2)  # [N, T]

    moves = way[:, :, None] * torch.tensor(list(MOVES.values()))[motion][:, None]  # [N, T, 4]
    pan, zoom, turn = moves[..., :2], moves[..., 2], moves[..., 3]

    frame = torch.linspace(-0.5, 0.5, 2 * SIZE + 1)[1::2]  # centers of the pixels
    y, x = torch.meshgrid(frame, frame, indexing="ij")
    spot = zoom.exp()[..., None, None, None] * rotate(torch.stack([x, y], dim=-1), turn)
    spot = rotate(spot + pan[:, :, None, None], tilt[:, None])  # [N, T, H, W, 2]
    spot = center[:, None, None, None] + view[:, None, None, None, None] * spot
    grid = 2 * spot / torch.tensor([photo.shape[2], photo.shape[1]])
    flat = F.grid_sample(
        photo[None], grid.flatten(0, 2)[None], align_corners=False, padding_mode="border"
    )
    return flat.view(len(photo), *grid.shape[:4]).transpose(0, 1).contiguous()


def rotate(points: Tensor, angle: Tensor) -> Tensor:
    """Rotate points (x to the right, y down) clockwise. [N, T, H, W, 2] or [H, W, 2], [N, T]."""
    cosine, sine = angle.cos()[..., None, None], angle.sin()[..., None, None]
    x, y = points[..., 0], points[..., 1]
    return torch.stack([cosine * x - sine * y, sine * x + cosine * y], dim=-1)
