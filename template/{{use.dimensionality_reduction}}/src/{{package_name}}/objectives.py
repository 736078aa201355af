"""What an autoencoder minimises: the loss of what it gives back, and how its codes may lie.

Legend: B batch, *S shape of one example, Z latent.
"""

from typing import Any, Protocol

import torch
from torch import Tensor

from .autoencoder import Autoencoder
from .datamodule import Batch


class Likelihood(Protocol):
    """How far a decoder's output is from an example, and which example it stands for."""

    def losses(self, pred: Any, x: Tensor) -> Tensor:
        """Return one number for each example. x: [B, *S] -> [B]."""
        ...

    def mode(self, pred: Any) -> Tensor:
        """Return the likeliest example. -> [B, *S]."""
        ...


class Autoencoding:
    """The loss of decode(encode(x)).

    Args:
        penalty: of a code's mean square.
        noise: standard deviation of what is added to each number of a code in training, as a share
            of that number's own over the batch.
    """

    def __init__(self, *, penalty: float, noise: float) -> None:
        self.penalty, self.noise = penalty, noise

    def fit(self, x: Tensor) -> None:
        """Nothing has to be known of the training examples."""

    def losses(
        self,
        network: Autoencoder,
        likelihood: Likelihood,
        batch: Batch,
        generator: torch.Generator | None,
    ) -> Tensor:
        """Return the objective of each example; without a generator nothing is random. -> [B]."""
        z = network.encode(batch.x)
        penalty = self.penalty * z.square().mean(dim=1)
        if generator is not None:
            draw = torch.randn(z.shape, generator=generator, device=z.device)
            z = z + self.noise * z.detach().std(dim=0, correction=0) * draw
        return likelihood.losses(network.decode(z, batch.x.shape[1:]), batch.x) + penalty


class Variational:
    """The negative evidence lower bound of a variational autoencoder (Kingma 2013, 1312.6114).

    Args:
        weight: of the divergence in nats; the likelihood is a mean over the values of an example,
            so 1 over their number is the bound itself for unit noise (beta-VAE: Higgins 2017).
    """

    def __init__(self, *, weight: float) -> None:
        self.weight = weight

    def fit(self, x: Tensor) -> None:
        """Nothing has to be known of the training examples."""

    def losses(
        self,
        network: Autoencoder,
        likelihood: Likelihood,
        batch: Batch,
        generator: torch.Generator | None,
    ) -> Tensor:
        """Return the objective of each example; without a generator the code is the mean. -> [B].

        The encoder gives [B, 2 Z]: mean and log-variance.
        """
        mean, log_variance = network.encoder(batch.x).chunk(2, dim=1)
        z = mean
        if generator is not None:
            draw = torch.randn(z.shape, generator=generator, device=z.device)
            z = mean + (0.5 * log_variance).exp() * draw
        losses = likelihood.losses(network.decode(z, batch.x.shape[1:]), batch.x)
        return losses + self.weight * divergence(mean, log_variance)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return KL(N(mean, variance) || N(0, 1)) in nats, summed over a code. Both [B, Z] -> [B]."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
