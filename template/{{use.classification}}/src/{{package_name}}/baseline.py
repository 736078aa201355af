"""The baseline of classification: a classical model on simple features, fitted in the same run."""

from typing import Any, Self

import torch
from torch import Tensor

from .datamodule import DataModule
from .features import features
from .task import Task


class Shallow:
    """A scikit-learn classifier on `features`.

    Args:
        name: what the tables call it.
        estimator: any scikit-learn classifier.
        beside: another one, fitted and measured in the same tables.
    """

    def __init__(self, *, name: str, estimator: Any, beside: "Shallow | None" = None) -> None:
        self.name, self.estimator, self.beside = name, estimator, beside
        self.num_classes = 0

    def fit(self, data: DataModule, task: Task) -> Self:
        """Fit on train and validation together: it has no weights to choose between."""
        if self.beside is not None:
            task.references[self.beside.name] = self.beside.fit(data, task).predict
        both = [data.held("train"), data.held("val")]
        self.num_classes = len(data.classes)
        self.estimator.fit(features([s.x for s in both]), torch.cat([s.y for s in both]).numpy())
        return self

    def predict(self, x: Tensor) -> Tensor:
        """Return the probability of each class. x: [B, *S] -> [B, C].

        Where the estimator knows none: 1 for its class and 0 for the others.
        """
        rows = features([x.cpu()])
        if hasattr(self.estimator, "predict_proba"):
            return torch.as_tensor(self.estimator.predict_proba(rows)).to(x.device, torch.float32)
        found = torch.as_tensor(self.estimator.predict(rows))
        return torch.nn.functional.one_hot(found, self.num_classes).to(x.device, torch.float32)
