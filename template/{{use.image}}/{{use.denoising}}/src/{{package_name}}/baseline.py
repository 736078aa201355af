"""The baseline of image denoising: the best linear map from noisy to clean pixels."""

from typing import Self

import torch
from torch import Tensor

from .datamodule import DataModule
from .denoiser import Denoiser

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # of the penalty; the best on the validation split is taken
COPIES = 4  # noisy versions of each training image


class Ridge:
    """Ridge regression from all noisy pixels to each clean one, under the noise of training."""

    name = "ridge regression"

    def __init__(self) -> None:
        self.weight = self.mean_in = self.mean_out = torch.zeros(1)

    def fit(self, data: DataModule, task: Denoiser) -> Self:
        """Solve the normal equations on the training split; choose the penalty on validation."""
        rng = torch.Generator().manual_seed(0)
        train, val = data.held("train"), data.held("val")
        clean, number = train.x.flatten(1), COPIES * len(train.x)
        center = clean.mean(dim=0)  # of both, nearly: sums of squares about it lose no digits
        b = clean - center
        sum_in, gram, cross = torch.zeros(clean.shape[1]), torch.tensor(0.0), torch.tensor(0.0)
        for _ in range(COPIES):
            a = task.made_noisy(train, rng).flatten(1) - center
            gram, cross, sum_in = gram + a.T @ a, cross + a.T @ b, sum_in + a.sum(dim=0)
        held_in, held_out = task.made_noisy(val, rng), val.x.flatten(1)
        self.mean_in, self.mean_out = center + sum_in / number, center
        gram -= sum_in[:, None] * sum_in / number  # b has no mean, so `cross` stays
        eye, best = torch.eye(len(gram)), float("inf")
        for strength in STRENGTHS:
            weight = torch.linalg.solve(gram + strength * COPIES * eye, cross)
            guess = (held_in.flatten(1) - self.mean_in) @ weight + self.mean_out
            error = (guess.clamp(-1, 1) - held_out).square().mean().item()
            if error < best:
                best, self.weight = error, weight
        return self

    def predict(self, x: Tensor) -> Tensor:
        """x: [B, C, H, W] noisy -> [B, C, H, W]."""
        flat = (x.cpu().flatten(1) - self.mean_in) @ self.weight + self.mean_out
        return flat.view_as(x).clamp(-1, 1).to(x.device)
