"""How near a restored image is to the clean one."""

from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

RANGE = 2.0  # pixels reach from -1 to 1


def fidelity(guess: Tensor, x: Tensor) -> dict[str, Tensor]:
    """Return peak signal-to-noise ratio and structural similarity (Wang 2004) of each image.

    Args:
        guess: [B, C, H, W], clipped to [-1, 1] first as any picture is.
        x: [B, C, H, W] in [-1, 1].

    Returns:
        psnr_db: [B], infinite for a perfect guess; ssim: [B] in [-1, 1].
    """
    guess = guess.clamp(-1, 1)
    error = (guess - x).square().flatten(1).mean(dim=1)
    ssim = structural_similarity_index_measure(guess, x, reduction="none", data_range=RANGE)
    return {"psnr_db": 10 * (RANGE**2 / error).log10(), "ssim": ssim}  # type: ignore[dict-item]
