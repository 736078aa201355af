"""The baseline of every other objective: principal components, as many as the code has numbers."""

from typing import Self

import torch
from torch import Tensor

from .datamodule import DataModule
from .pca import Pca, begin
from .reducer import Reduced, Reducer
from .vectors import vectors


class PrincipalComponents:
    """PCA of the training split.

    Args:
        name: what the tables call it.
    """

    pca: Pca

    def __init__(self, *, name: str) -> None:
        self.name = name

    def fit(self, data: DataModule, task: Reducer) -> Self:
        """Find the directions of greatest variance in the training split."""
        x = data.splits["train"].x
        first = x[:1]
        features = vectors(task.encode(first)).shape[1]
        seen = begin(len(x), features, first.device)
        for batch in data.every_batch("train"):
            seen.add(vectors(task.encode(batch.x)), batch.index)
        self.pca = Pca(latent=task.latent, features=features)
        self.pca.solve(seen)
        return self

    @torch.no_grad()
    def predict(self, x: Tensor) -> Reduced:
        """x: [B, *S] -> code, and what it gives back."""
        self.pca.to(x.device)
        return self.pca.restore(self.pca.encode(x), x.shape[1:])
