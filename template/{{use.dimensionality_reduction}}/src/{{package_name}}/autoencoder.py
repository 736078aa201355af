"""An autoencoder: an encoder to a few numbers, and a decoder that gives back what they stand for.

Legend: B batch, *S shape of one example, Z latent.
"""

from collections.abc import Sequence

from torch import Tensor, nn


class Autoencoder(nn.Module):
    """An encoder and a decoder that are trained together.

    Args:
        latent: Z, length of a code.
        encoder: x [B, *S] -> [B, Z or more], by a linear `head`; what is beyond Z is the
            objective's.
        decoder: (z [B, Z], *S) -> prediction [B, ...].
    """

    def __init__(self, *, latent: int, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.latent, self.encoder, self.decoder = latent, encoder, decoder
        # a head that starts at zero would start all codes as one: a decoder soon does without them
        encoder.head.reset_parameters()  # type: ignore[operator, union-attr]

    def encode(self, x: Tensor) -> Tensor:
        """x: [B, *S] -> z: [B, Z]."""
        return self.encoder(x)[:, : self.latent]

    def decode(self, z: Tensor, size: Sequence[int]) -> Tensor:
        """Give back examples of shape `size`. z: [B, Z] -> prediction [B, ...]."""
        return self.decoder(z, size)
