"""The objective on a grid: squared error, the negative log-likelihood of Gaussian noise."""

from torch import Tensor


class SquaredError:
    """Mean squared difference of each example."""

    def losses(self, pred: Tensor, x: Tensor) -> Tensor:
        """pred, x: [B, *S] -> [B]."""
        return (pred - x).square().flatten(1).mean(dim=1)

    def mode(self, pred: Tensor) -> Tensor:
        """Return the output itself: it is the expected clean signal. [B, *S] -> [B, *S]."""
        return pred
