"""The baseline of classifying motion: the same network on one frame, trained in the same run."""

from collections.abc import Callable
from typing import Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .datamodule import DataModule
from .task import Task
from .training.schedule import warmup_cosine


class OneFrame:
    """A network trained as the model is: on the same batches, with the same schedule.

    Args:
        name: what the tables call it.
        network: makes the network.
        epochs: over the training split.
        lr: learning rate of AdamW at its highest.
    """

    def __init__(
        self, *, name: str, network: Callable[[], nn.Module], epochs: int, lr: float
    ) -> None:
        self.name, self.make_network, self.epochs, self.lr = name, network, epochs, lr
        self.network = nn.Module()

    def fit(self, data: DataModule, task: Task) -> Self:
        """Train on the training split; the same weights in every process."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = self.network = self.make_network()
            split, batches = data.splits["train"], len(data.order("train", 0))
            optimizer = torch.optim.AdamW(network.parameters(), self.lr)
            steps = self.epochs * batches
            factor = warmup_cosine(round(task.warmup * steps), steps)
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
            for epoch in range(self.epochs):
                for rows in data.order("train", epoch):
                    loss = F.cross_entropy(network(split.x[rows]), split.y[rows])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    schedule.step()
        network.eval()
        return self

    def predict(self, x: Tensor) -> Tensor:
        """Return the probability of each class. x: [B, C, T, H, W] -> [B, classes]."""
        return self.network(x.cpu()).softmax(dim=1).to(x.device)
