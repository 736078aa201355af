"""The second baseline for sequences: PCA of which token stands where.

The PCA of n-grams has no way back to a sequence. This one has, and of all linear codes it is the
one that gives back most of the tokens' indicators; but it takes a word for another as soon as it
has moved by one position. Each is the rival where it is strong.

Legend: B batch, T tokens, K different tokens of the training split, Z latent.
"""

from typing import Any, Self

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from .baseline import PrincipalComponents
from .datamodule import DataModule
from .reducer import Reduced, Reducer
from .tokens import PAD


class TokenComponents:
    """PCA of one indicator for each position and token.

    Args:
        name: what the tables call it.
        beside: the PCA of n-grams, measured in the same tables.
    """

    pca: Any  # sklearn.decomposition.PCA
    known: Tensor  # [K] tokens
    length: int  # T of the longest training example

    def __init__(self, *, name: str, beside: PrincipalComponents) -> None:
        self.name, self.beside = name, beside

    def fit(self, data: DataModule, task: Reducer) -> Self:
        """Fit both on the training split."""
        from sklearn.decomposition import PCA  # slow to import

        x = data.held("train").x
        self.known, self.length = x[x != PAD].unique(), x.shape[1]
        # only the first axes are computed, to machine precision, without the dense matrix
        self.pca = PCA(task.latent, svd_solver="arpack", random_state=0).fit(self.indicators(x))
        task.references[self.beside.name] = self.beside.fit(data, task).predict
        return self

    def indicators(self, x: Tensor) -> csr_array:
        """x: [B, T] -> [B, longest T * K]; what training did not see is nothing."""
        x = x[:, : self.length].cpu().contiguous()
        symbol = torch.searchsorted(self.known, x).clamp_max(len(self.known) - 1)
        row, place = (self.known[symbol] == x).nonzero().T.numpy()
        column = place * len(self.known) + symbol.numpy()[row, place]
        shape = (len(x), self.length * len(self.known))
        return csr_array((np.ones(len(row), dtype=np.float32), (row, column)), shape=shape)

    def predict(self, x: Tensor) -> Reduced:
        """x: [B, T] -> code, and the likeliest tokens."""
        z = self.pca.transform(self.indicators(x))
        back = torch.from_numpy(self.pca.inverse_transform(z)).view(len(x), -1, len(self.known))
        guess = torch.full(x.shape, PAD)
        some = self.known[back.argmax(dim=2)][:, : x.shape[1]]
        guess[:, : some.shape[1]] = some
        return Reduced(torch.from_numpy(z).to(x.device, torch.float32), guess.to(x.device), None)
