"""What is learnt fast and when: which weights decay, and a learning rate that rises and falls."""

import math
from collections.abc import Callable
from typing import Any

from torch import nn


def parameter_groups(network: nn.Module) -> list[dict[str, Any]]:
    """Decay matrices and kernels, not gains and biases: their size is not what overfits."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    flat = {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0}
    return [{"params": [p for p in parameters if p.ndim >= 2]}, *([flat] if flat["params"] else [])]


def lr_factor(rule: str | None, batches: int) -> float:
    """Return what a rate that suits one batch is multiplied by, for a step on so many.

    linear: Goyal 2017, 1706.02677, for SGD; sqrt: Malladi 2022, 2205.10287, for Adam; None: 1.
    """
    return {None: 1.0, "linear": float(batches), "sqrt": math.sqrt(batches)}[rule]


def warmup_cosine(warmup: int, steps: int) -> Callable[[int], float]:
    """Rise linearly, then fall to 0 at `steps` as half a cosine (Loshchilov 2017, 1608.03983)."""

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / (warmup + 1)
        done = (step - warmup) / max(1, steps - warmup)
        return 0.5 + 0.5 * math.cos(math.pi * min(1.0, done))

    return factor
