"""Pictures of any sort as examples: read, brought to one size and number of channels, moved.

Legend: B batch, C channels, H W pixels.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from .datamodule import DataModule
from .errors import UserError
from .pixels import plain

MODES = {1: "L", 3: "RGB"}  # of Pillow, by the number of channels


class Pictures(DataModule):
    """Pictures: x: [N, C, H, W] float32 in [-1, 1].

    Args:
        size: H = W in pixels.
        channels: 1 for grey, 3 for color.
        shift: largest move of a training picture in pixels, along each axis.
        **data: what every data module takes.
    """

    paper: float | None = None  # what is beyond the edge; None for more of what is at it
    suffixes = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")

    def __init__(self, *, size: int, channels: int, shift: int, **data) -> None:
        super().__init__(**data)
        if channels not in MODES:
            raise UserError(f"data.channels={channels} is not allowed: 1 for grey, 3 for color")
        self.size, self.channels, self.shift = size, channels, shift

    def read(self, source: str | Path) -> Tensor:
        """Read a picture of any mode and size as x: [C, H, W] in [-1, 1].

        Transparency becomes white; of a picture that is no square the middle is kept.

        Raises:
            UserError: naming the file, if it is no readable picture.
        """
        picture = ImageOps.fit(
            upright(source).convert(MODES[self.channels]), (self.size, self.size)
        )
        pixels = torch.from_numpy(np.array(picture, dtype=np.float32)) / 127.5 - 1
        return pixels.view(self.size, self.size, self.channels).permute(2, 0, 1).contiguous()

    def augment(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Move each picture by a whole number of pixels. x: [B, C, H, W] -> [B, C, H, W]."""
        if not self.shift:
            return x
        count, size = 2 * self.shift + 1, x.shape[-1]
        mode = "replicate" if self.paper is None else "constant"
        wide = F.pad(x, [self.shift] * 4, mode=mode, value=self.paper)
        at = torch.randint(count, (2, len(x), 1), generator=generator, device=x.device)
        rows, columns = at + torch.arange(size, device=x.device)  # each [B, H]
        each = torch.arange(len(x), device=x.device)[:, None, None]
        # the channels are not indexed, so they come last
        return wide[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def upright(source: str | Path) -> Image.Image:
    """Open a picture, without transparency, in 8 bits, turned as its camera says.

    Raises:
        UserError: naming the file, if it is no readable picture.
    """
    try:
        with Image.open(source) as picture:
            picture.load()
            return plain(ImageOps.exif_transpose(picture))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        cause = "it is a folder" if Path(source).is_dir() else str(error).split("\n")[0]
        raise UserError(f"input={source} is no readable picture: {cause}") from None
