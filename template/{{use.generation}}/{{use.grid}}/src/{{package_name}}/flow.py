"""Flow matching: noise moves to data along a learnt velocity (Lipman 2022, 2210.02747).

    x_t = (1 - t) noise + t x,    losses = |velocity(x_t, t, y) - (x - noise)|^2

The path of each pair is a straight line; the network learns the mean velocity of all that pass
through a point. To generate is to follow it from noise at t = 0 to t = 1. Times are drawn logit-
normal, more often in the middle, where the velocity is hard to tell (Esser 2024, 2403.03206).

Legend: B batch, N samples, C channels, *S sizes (H, W) or (T, H, W).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from .datamodule import Batch, DataModule, Split
from .distances import Space, coverage_and_density, kernel_distance, nearest
from .errors import UserError
from .generation import TEST_SEED, Generation, save_sheet
from .generator import Velocity
from .solver import FlowSampling, midpoint
from .task import Predict
from .view import SUFFIX, save, show

NOISE_SEED = 20_011  # of noise and time at evaluation, so that losses can be compared
AT_ONCE = 100  # samples: more at a time are no faster on a CPU
COPIED = 0.01  # a copy is nearer to training than all but this share of unseen examples
SHOWN, ROWS = 10, 4  # samples of a row, and rows


class Form(Protocol):
    """How the signals of the data become what is generated, and back."""

    def encode(self, x: Tensor) -> Tensor:
        """x: [B, ...] as in the data -> [B, C, *S]."""
        ...

    def decode(self, x: Tensor) -> Tensor:
        """x: [B, C, *S] -> [B, ...] as in the data."""
        ...


class Flow(Generation):
    """Learn the velocity from noise to data.

    Args:
        network: (x_t, t, y) -> velocity, which knows its `size` and `classes`.
        sampling: how noise is moved, in the test and by the command predict.
        label_dropout: share of the training examples whose class is hidden (classifier-free
            guidance: Ho 2022, 2207.12598).
        form: what is generated in place of the signals themselves; None for these.
        limits: samples are cut to these lowest and highest values; None for no limits.
        classifier: a scikit-learn classifier that is fitted on real examples, to name the class of
            samples; None for none.
        **task: what every generator takes.
    """

    bounds = ("real data",)

    def __init__(
        self,
        *,
        network: Velocity,
        sampling: FlowSampling,
        label_dropout: float,
        form: Form | None,
        limits: tuple[float, float] | None,
        classifier: Any,
        **task,
    ) -> None:
        super().__init__(network=network, sampling=sampling, **task)
        self.size, self.unknown = network.size, network.classes
        self.flow, self.label_dropout = sampling, label_dropout
        self.form, self.limits, self.classifier = form, limits, classifier

    def check(self, data: DataModule) -> None:
        """Refuse a network made for another size or another number of classes."""
        size = tuple(self.encode(data.splits["val"].x[:1]).shape[1:])
        if size != self.size:
            raise UserError(
                f"network.size={[*self.size]}: the data are of size {[*size]}: set network.size"
            )
        if self.unknown != len(data.classes):
            raise UserError(
                f"network.classes={self.unknown}: the data have {len(data.classes)} classes: "
                "set network.classes to ${data.num_classes}"
            )

    def encode(self, x: Tensor) -> Tensor:
        """Turn signals of the data into what is generated. x: [B, ...] -> [B, C, *S]."""
        return x if self.form is None else self.form.encode(x)

    def decode(self, x: Tensor) -> Tensor:
        """Turn what was generated into signals as in the data. x: [B, C, *S] -> [B, ...]."""
        return x if self.form is None else self.form.decode(x)

    def draw(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Draw noise and times: new ones in training, else those of the example.

        index: [B] int64 -> noise [B, C, *S], times [B] in (0, 1).
        """
        num, device = len(index), index.device
        if self.training:
            noise = torch.randn(num, *self.size, generator=self.generator, device=device)
            return noise, torch.randn(num, generator=self.generator, device=device).sigmoid()
        rngs = [torch.Generator().manual_seed(NOISE_SEED + i) for i in index.tolist()]
        noise = torch.stack([torch.randn(self.size, generator=rng) for rng in rngs])
        times = torch.cat([torch.randn(1, generator=rng) for rng in rngs]).sigmoid()
        return noise.to(device), times.to(device)

    def inputs(self, batch: Batch) -> Tensor:
        """Return what `predict` is asked for: the classes [B]."""
        return batch.y

    def losses(self, batch: Batch) -> Tensor:
        """Return the squared error of each example's velocity, mean over its values: [B]."""
        (noise, t), x, y = self.draw(batch.index), self.encode(batch.x), batch.y
        if self.training:
            hide = torch.rand(len(y), generator=self.generator, device=y.device)
            y = torch.where(hide < self.label_dropout, self.unknown, y)
        x_t = torch.lerp(noise, x.to(noise), t.view(-1, *[1] * (noise.ndim - 1)))
        return (self.network(x_t, t, y) - (x - noise)).square().flatten(1).mean(dim=1)

    def exported(self, batch: Batch) -> tuple[Callable[..., Any], dict[str, Tensor]]:
        """Return the velocity, of which each step to a sample asks; the solver is a loop of it."""
        noise, t = self.draw(batch.index)
        return self.network.forward, {"x": noise, "t": t, "y": batch.y}

    def perfect(self, batch: Batch) -> Tensor:
        """Return the examples themselves, to which samples should come near: [B, C, *S]."""
        return self.encode(batch.x)

    def velocity(self, x: Tensor, t: float, y: Tensor) -> Tensor:
        """Return where to move, guided: unknown + guidance (class - unknown). x: [B, C, *S]."""
        time = torch.full((len(x),), t, device=x.device)
        if self.flow.guidance == 1 or not self.unknown:
            return self.network(x, time, y)
        unknown = torch.full_like(y, self.unknown)
        both = self.network(torch.cat([x, x]), torch.cat([time, time]), torch.cat([y, unknown]))
        known, free = both.chunk(2)
        return free + self.flow.guidance * (known - free)

    def paths(self, y: Tensor, generator: torch.Generator) -> Iterator[list[Tensor]]:
        """Move noise to data, some samples at a time; yield noise, and x after each step."""
        # on the CPU, so that a seed gives the same samples on every device
        noise = torch.randn(len(y), *self.size, generator=generator).to(y.device)
        for x, label in zip(noise.split(AT_ONCE), y.split(AT_ONCE), strict=True):
            steps = midpoint(lambda x, t, y=label: self.velocity(x, t, y), x, self.flow.steps)
            yield [x, *steps]

    def generate(self, y: Tensor, generator: torch.Generator) -> Tensor:
        """Make one example of each class, not decoded. y: [N] int64 -> [N, C, *S]."""
        x = torch.cat([path[-1] for path in self.paths(y, generator)])
        return x if self.limits is None else x.clamp(*self.limits)

    def make(self, y: Tensor, generator: torch.Generator) -> Tensor:
        """Make one example of each class. y: [N] int64 -> [N, ...]."""
        return self.decode(self.generate(y, generator))

    def predict(self, x: Tensor) -> Tensor:
        """Make one example of each class, from noise that is always the same.

        x: [N] int64, the classes asked for -> [N, C, *S].
        """
        return self.generate(x, torch.Generator().manual_seed(TEST_SEED))

    def whole(self, data: DataModule, split: str) -> Split:
        """Return a split with its examples encoded."""
        examples = data.held(split)
        return examples._replace(x=self.encode(examples.x))

    def survey(self, sides: dict[str, Predict], data: DataModule) -> dict[str, float]:
        """Compare as many samples of each side with the test split.

        The bound is real data: as many training examples for distance and coverage, and the test
        examples themselves for agreement, then the accuracy of the classifier, and for novelty.
        """
        train, val, test = (self.whole(data, name) for name in ("train", "val", "test"))
        asked, real = self.in_turn(self.tested(data)), self.bounds[0]
        made = {side: predict(asked).cpu() for side, predict in sides.items()}
        rng = torch.Generator().manual_seed(TEST_SEED)
        made[real] = train.x[torch.randperm(len(train.x), generator=rng)[: len(asked)]]
        space, found = Space(train.x), {}
        held_out = space(test.x)
        for side, x in made.items():
            found[f"{side}/kernel_distance"] = kernel_distance(space(x), held_out)
            coverage, density = coverage_and_density(held_out, space(x))
            found |= {f"{side}/coverage": coverage, f"{side}/density": density}
        made[real], labels = test.x, {real: test.y}
        if self.classifier is not None:
            known = torch.cat([train.x, val.x]).flatten(1), torch.cat([train.y, val.y])
            self.classifier.fit(*(part.numpy() for part in known))
        copy = nearest(test.x, train.x)[0].quantile(COPIED)
        for side, x in made.items():
            if self.classifier is not None:
                named = self.classifier.predict(x.flatten(1).numpy())
                right = torch.as_tensor(named) == labels.get(side, asked.cpu())
                found[f"{side}/agreement"] = right.float().mean().item()
            if side in ("model", real):  # no other has seen single examples
                new = nearest(x, train.x)[0] >= copy
                found[f"{side}/novelty"] = new.float().mean().item()
        return found

    @torch.inference_mode()
    def report(self, folder: Path, data: DataModule) -> list[tuple[str, Path]]:
        """Draw samples above their nearest training examples, and how some came about.

        The first ones are also left as a file of the data's own: to be heard, or seen moving.
        """
        self.eval()
        train, test = (self.whole(data, name).x for name in ("train", "test"))
        x = self.predict(self.in_turn(SHOWN * ROWS)).cpu()
        row = folder / f"row{SUFFIX}"
        save(torch.cat([*self.decode(x[:SHOWN])], dim=-1), row)  # side by side, or one by one
        distance, rows = nearest(x, train)
        ratio = (distance.median() / nearest(test, train)[0].median()).item()
        lines = zip(x.split(SHOWN), train[rows].split(SHOWN), strict=True)
        pairs = [show(each) for line in lines for part in line for each in self.decode(part)]
        rng = torch.Generator().manual_seed(TEST_SEED)
        path = next(iter(self.paths(self.in_turn(ROWS), rng)))
        picked = torch.linspace(0, len(path) - 1, SHOWN).round().long().tolist()
        states = torch.stack([path[step] for step in picked], dim=1).cpu()
        strip = [show(each) for line in states for each in self.decode(line)]
        return [
            (
                "Samples, and below each the training example that is nearest to it "
                f"(as far as {ratio:.2f} times the distance of unseen examples)",
                save_sheet(folder / "samples.png", pairs, SHOWN),
            ),
            (f"The first {SHOWN} samples", row),
            ("From noise to a sample", save_sheet(folder / "path.png", strip, SHOWN)),
        ]
