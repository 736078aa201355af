"""Spies: they stand between a task and torch, and see each operation while it runs.

`Repeat` gives every example of a batch the same random numbers, so that what is random can be
compared example by example. `Spy` notes operations that run without an error and mean something
else than was meant.

Legend: B batch, T steps, V classes.
"""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

HERE = Path(__file__).parents[1]  # the package
DRAWS = {"rand", "randn", "randint", "normal", "bernoulli", "rand_like", "randn_like"}
DRAWS |= {"randint_like", "poisson"}
DROPOUTS = {"dropout", "alpha_dropout", "feature_dropout", "dropout1d", "dropout2d", "dropout3d"}
TWO_SIDED = {"add", "sub", "rsub", "subtract", "mul", "multiply", "div", "rdiv", "true_divide"}
TWO_SIDED |= {"truediv", "rtruediv", "radd", "rmul"}
EQUAL = {"mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div"}
EQUAL |= {"binary_cross_entropy", "binary_cross_entropy_with_logits"}


def name_of(function: Callable[..., Any]) -> str:
    """Return the plain name of an operation: `sub` of `Tensor.__sub__` and of `torch.sub_`."""
    return getattr(function, "__name__", "").strip("_")


def place() -> str:
    """Say which line of the project is running: file:line."""
    for frame in reversed(traceback.extract_stack()):
        path = Path(frame.filename)
        if HERE in path.parents and path != Path(__file__):
            return f"{path.name}:{frame.lineno}"
    return "?"


class Repeat(TorchFunctionMode):
    """Draw for one example, and repeat it along the batch.

    Args:
        batch: B, examples in the batch.
    """

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs, name = kwargs or {}, name_of(func)
        if name in DROPOUTS and isinstance(args[0], Tensor):
            mask = func(torch.ones_like(args[0]), *args[1:], **kwargs)
            return args[0] * self.repeat(mask)
        out = func(*args, **kwargs)
        return self.repeat(out) if name in DRAWS and isinstance(out, Tensor) else out

    def repeat(self, out: Tensor) -> Tensor:
        """Fill every axis that is the batch with what is drawn for its first example."""
        if out.ndim and out.shape[0] != self.batch and out.shape[0] % self.batch == 0:
            parts = out.unflatten(0, (self.batch, -1))
            return parts[:1].expand_as(parts).flatten(0, 1).contiguous()
        for axis, size in enumerate(out.shape):
            if size == self.batch:
                out = out.narrow(axis, 0, 1).expand_as(out)
        return out.contiguous()


class Spy(TorchFunctionMode):
    """Note what is suspect, as {kind: lines of the project}.

    broadcast: two tensors were both stretched, and the batch stands where it did not.
    twice: a softmax of probabilities, or a loss of them that asks for logits or logarithms.
    across: a softmax over the first axis, or a squeeze that does not say which.

    Args:
        batch: B, examples in the batch.
    """

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch
        self.seen: dict[str, set[str]] = {"broadcast": set(), "twice": set(), "across": set()}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        name, given = name_of(func), [*args, *kwargs.values()]
        both = [t for t in given[:2] if isinstance(t, Tensor)]
        if both and isinstance(out, Tensor):
            self.look(name, both, out, args, kwargs)
        return out

    def look(self, name: str, both: list[Tensor], out: Tensor, args: Any, kwargs: Any) -> None:
        """Look at one operation and what came of it."""
        x = both[0]
        if len(both) == 2 and name in TWO_SIDED and stretched(x, both[1], out, self.batch):
            self.note("broadcast", f"{shape(x)} with {shape(both[1])}")
        if len(both) == 2 and name in EQUAL and x.shape != both[1].shape:
            self.note("broadcast", f"{name} of {shape(x)} and {shape(both[1])}")
        if name in ("softmax", "log_softmax"):
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            if x.ndim > 1 and dim in (0, -x.ndim):
                self.note("across", f"{name} over axis 0 of {shape(x)}")
            if dim is not None and distribution(x, dim):
                self.note("twice", f"{name} of what adds up to 1")
        if name == "cross_entropy" and x.ndim > 1 and distribution(x, 1):
            self.note("twice", "cross_entropy of probabilities: it takes logits")
        if name == "nll_loss" and x.ndim > 1 and not logarithms(x, 1):
            self.note("twice", "nll_loss of what is no log-probability")
        if name == "ctc_loss" and not logarithms(x, -1):
            self.note("twice", "ctc_loss of what is no log-probability")
        if name == "binary_cross_entropy_with_logits" and 0 <= x.min() and x.max() <= 1:
            self.note("twice", "binary_cross_entropy_with_logits of probabilities")
        if name == "squeeze" and len(args) == 1 and not kwargs and x.ndim and x.shape[0] == 1:
            self.note("across", f"squeeze() of {shape(x)}: it drops the batch")

    def note(self, kind: str, what: str) -> None:
        """Remember a line."""
        self.seen[kind].add(f"{place()} {what}")


def stretched(a: Tensor, b: Tensor, out: Tensor, batch: int) -> bool:
    """Say whether both were stretched and the batch stands twice in the result."""
    if not a.ndim or not b.ndim or out.shape in (a.shape, b.shape):
        return False
    had = max(list(a.shape).count(batch), list(b.shape).count(batch))
    return had > 0 and list(out.shape).count(batch) > had


def distribution(x: Tensor, dim: int) -> bool:
    """Say whether x holds probabilities along an axis."""
    if not x.is_floating_point() or x.shape[dim] < 2 or x.min() < 0:
        return False
    return bool((x.sum(dim=dim) - 1).abs().max() < 1e-3)


def logarithms(x: Tensor, dim: int) -> bool:
    """Say whether x holds logarithms of probabilities along an axis."""
    return bool(x.logsumexp(dim=dim).abs().max() < 1e-2)


def shape(x: Tensor) -> str:
    """Write a shape as (7, 1)."""
    return str(tuple(x.shape))


class Meta(TorchFunctionMode):
    """Watch a run on the device that only has shapes: `mixed` says where a CPU tensor got into it.

    What torch says of two devices differs by operation, so what an operation was given is looked at
    once it has failed. Random numbers are drawn there: that device has no generators.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mixed = ""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if "meta" in str(kwargs.get("device")):
            kwargs.pop("generator", None)
        try:
            return func(*args, **kwargs)
        except Exception:
            if len({t.device.type for t in given([args, kwargs]) if t.ndim}) > 1:
                self.mixed = self.mixed or f"{place()} {name_of(func)} takes it"
            raise


def given(thing: Any) -> list[Tensor]:
    """List the tensors among arguments, however deep."""
    if isinstance(thing, Tensor):
        return [thing]
    if isinstance(thing, dict):
        thing = [*thing.values()]
    return [t for part in thing for t in given(part)] if isinstance(thing, list | tuple) else []
