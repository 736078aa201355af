"""PCA of tokens: with as many axes as there are sequences, everything is given back."""

from types import SimpleNamespace
from typing import Any

import torch

from ..baseline import PrincipalComponents
from ..datamodule import Batch, DataModule, Split
from ..fidelity import fidelity
from ..onehot import TokenComponents
from ..tokens import pad


class Few(DataModule):
    """Four sequences."""

    def load(self) -> dict[str, Split]:
        x = pad([[5, 6, 7], [8, 8], [6, 7, 8], [5, 5, 8]])
        return {"train": Split(x, torch.zeros(4, dtype=torch.long), [*"abcd"])}


def stub(latent: int) -> Any:
    return SimpleNamespace(latent=latent, references={}, encode=lambda x: x)


def test_everything_is_given_back() -> None:
    data = Few(batch_size=4)
    data.splits = data.load()
    task = stub(latent=3)
    pca = TokenComponents(name="tokens", beside=PrincipalComponents(name="n-grams"))
    x = data.splits["train"].x
    found = pca.fit(data, task).predict(x)
    assert found.guess is not None
    (top, bottom), *_ = fidelity(found.guess, x).values()
    assert int(top.sum()) == 0 < int(bottom.sum())
    assert list(task.references) == ["n-grams"]
    assert task.references["n-grams"](x).guess is None


def test_unseen_tokens_and_greater_lengths_are_no_obstacle() -> None:
    data = Few(batch_size=4)
    data.splits = data.load()
    task = stub(latent=2)
    pca = TokenComponents(name="tokens", beside=PrincipalComponents(name="n-grams"))
    pca.fit(data, task)
    found = pca.predict(torch.tensor([[19, 5, 6, 7, 8]]))
    assert found.guess is not None and found.guess.shape == (1, 5)
    assert Batch(found.guess, found.z, found.z).x is found.guess
