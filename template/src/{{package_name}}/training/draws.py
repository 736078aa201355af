"""Where the random numbers of a training step come from: streams that a number seeds.

A step draws from a generator of its own, and dropout from the one that torch uses where none is
given. Both live on the device, unless it has none of the first kind: then the step draws on the
CPU and moves what it drew.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


def streams(number: int, device: torch.device) -> torch.Generator:
    """Seed the device's default stream, and return a generator for what lives on the device."""
    seed_default(number, device)
    return torch.Generator("cpu" if device.type == "xla" else device).manual_seed(number)


def seed_default(number: int, device: torch.device) -> None:
    """Seed the generator that torch uses where none is given, on the CPU and on `device`."""
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.manual_seed(number)
    elif device.type == "xla":
        import torch_xla  # type: ignore[import-not-found]

        torch_xla.manual_seed(number)
    elif device.type != "cpu":
        torch.manual_seed(number)  # asks every backend, which costs as much as a small step


def drawing(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Let `torch.rand(..., generator=of_the_cpu, device=device)` be one on an XLA device."""
    return OnHost() if device.type == "xla" else contextlib.nullcontext()


class OnHost(TorchFunctionMode):
    """Draw where the generator is, and move what was drawn to where it is wanted."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call `func`."""
        kwargs = kwargs or {}
        if kwargs.get("generator") is None or "device" not in kwargs:
            return func(*args, **kwargs)
        here = kwargs["generator"].device
        return func(*args, **kwargs | {"device": here}).to(kwargs["device"])
