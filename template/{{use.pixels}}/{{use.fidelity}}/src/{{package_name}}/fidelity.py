"""How near restored pixels are to the clean ones."""

from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

RANGE = 2.0  # pixels reach from -1 to 1


def fidelity(guess: Tensor, x: Tensor) -> dict[str, Tensor]:
    """Return peak signal-to-noise ratio and structural similarity (Wang 2004) of each example.

    Args:
        guess: [B, C, H, W] or [B, C, T, H, W], clipped to [-1, 1] first as any picture is.
        x: the same shape, in [-1, 1].

    Returns:
        psnr_db: [B], infinite for a perfect guess; ssim: [B] in [-1, 1], the mean over T frames.
    """
    guess = guess.clamp(-1, 1)
    error = (guess - x).square().flatten(1).mean(dim=1)
    pairs = (frames(guess), frames(x))
    ssim = structural_similarity_index_measure(*pairs, reduction="none", data_range=RANGE)
    each = ssim.view(len(x), -1).mean(dim=1)  # type: ignore[union-attr]
    return {"psnr_db": 10 * (RANGE**2 / error).log10(), "ssim": each}


def frames(x: Tensor) -> Tensor:
    """Take films apart. x: [B, C, T, H, W] -> [B * T, C, H, W]; pictures stay as they are."""
    return x if x.ndim == 4 else x.transpose(1, 2).flatten(0, 1)
