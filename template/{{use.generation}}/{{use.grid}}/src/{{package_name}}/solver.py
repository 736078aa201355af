"""The solver of the flow: from noise at t = 0 to data at t = 1.

Legend: *S any shape.
"""

from collections.abc import Callable, Iterator

from torch import Tensor


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
