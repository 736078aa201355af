"""The solver of the flow: from noise at t = 0 to data at t = 1.

Legend: *S any shape.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from .generation import Sampling


@dataclass(kw_only=True)
class FlowSampling(Sampling):
    """How noise is moved.

    Args:
        guidance: 1 follows the velocity of the class; above 1 away from that of unknown class.
        steps: of the midpoint rule, each of two evaluations, four with guidance.
    """

    guidance: float
    steps: int

    def __post_init__(self) -> None:
        super().__post_init__()
        number = isinstance(self.guidance, int | float) and 0 <= self.guidance < float("inf")
        self.require("guidance", number, "a number of 0 or more, for example 2")
        self.require("steps", isinstance(self.steps, int) and self.steps > 0, "1 or more")


def midpoint(
    velocity: Callable[[Tensor, float], Tensor], x: Tensor, steps: int
) -> Iterator[Tensor]:
    """Follow dx/dt = velocity(x, t) from t = 0 to t = 1 by the midpoint rule; yield each step."""
    size = 1 / steps
    for step in range(steps):
        t = step * size
        half = x + size / 2 * velocity(x, t)
        x = x + size * velocity(half, t + size / 2)
        yield x
