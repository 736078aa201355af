"""Denoising: clean examples are made noisy on the fly, and the network learns to give them back.

Training draws new noise for every example in every step. At evaluation the noise of an example is a
pure function of its row, so scores are comparable between models, batch sizes and machines; each
kind of noise is measured by itself. Data may have noise of their own, paired with what is clean.

Legend: B batch, *S shape of one example.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from .datamodule import Batch, DataModule, Split
from .errors import UserError, refuse_existing
from .fidelity import fidelity
from .ranking import Rated, combine, ranked, worst
from .task import Augment, Exhibit, Predict, Score, Task
from .triptych import Triptych, draw_triptychs
from .view import SUFFIX, save

NOISE_SEED = (
    20_011  # of the noise at evaluation: fixed, so that no seed of a run makes the test easier
)
SHOWN = 4  # examples in the report
Noise = Callable[[Tensor, torch.Generator], Tensor]  # (x [B, *S], generator) -> x_noisy [B, *S]


class Objective(Protocol):
    """How far a raw output is from the clean signal, and which signal it stands for."""

    def losses(self, pred: Tensor, x: Tensor) -> Tensor:
        """Return one number per example. pred: [B, ...], x: [B, *S] -> [B]."""
        ...

    def mode(self, pred: Tensor) -> Tensor:
        """Return the likeliest clean signal. pred: [B, ...] -> [B, *S]."""
        ...


class Denoiser(Task):
    """Learn to undo noise.

    Args:
        noise: the kinds of noise by name; training draws one of them for each example.
        objective: what is minimised between output and clean signal.
        **task: what every task takes.
    """

    def __init__(self, *, noise: dict[str, Noise], objective: Objective, **task) -> None:
        super().__init__(**task)
        if not noise:
            raise UserError("task.noise is empty: name at least one kind of noise")
        self.noise, self.objective = noise, objective
        self.floor = getattr(objective, "floor", self.floor)
        for name, kind in noise.items():
            if isinstance(kind, nn.Module):  # then it follows train() and eval()
                self.add_module(f"noise_{name}", kind)
        self.paired = False  # whether the data have noise of their own: then y is x_noisy
        self.references = {"left as it is": lambda x: x}
        self.rated: list[Rated] | None = None  # the worst of a test
        self.observed: tuple[Tensor | None, dict[str, Tensor]] = (None, {})  # of the last batch

    def check(self, data: DataModule) -> None:
        """Take the noise of the data where they have some.

        Raises:
            UserError: if only some of the splits have it.
        """
        own = {name: split.y[:1].ndim > 1 for name, split in data.splits.items()}
        self.paired = all(own.values())
        if self.paired:
            self.noise = {"own": lambda x, _: x}
        elif any(own.values()):
            raise UserError(f"data: noisy/ lies beside clean/ in some splits only: {own}")

    def made_noisy(
        self, examples: Batch | Split, generator: torch.Generator, name: str = ""
    ) -> Tensor:
        """Return examples with noise: their own, or drawn as in training, of one kind if named."""
        if self.paired:
            return examples.y
        kind = self.noise[name] if name else self.corrupt
        return kind(examples.x, generator)

    def vary(self, batch: Batch, augment: Augment) -> Batch:
        """Vary a training batch, and its own noise in the same way."""
        if not self.paired:
            return super().vary(batch, augment)
        state = self.generator.get_state()
        x = augment(batch.x, self.generator)
        self.generator.set_state(state)
        return batch._replace(x=x, y=augment(batch.y, self.generator))

    def corrupt(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Draw noise as in training, one kind for each example. x: [B, *S] -> [B, *S]."""
        kinds = list(self.noise.values())
        if len(kinds) == 1:
            return kinds[0](x, generator)
        pick = torch.randint(len(kinds), (len(x),), generator=generator, device=x.device)
        out = x.clone()
        for number, kind in enumerate(kinds):
            if x.device.type == "xla":  # which compiles anew for each number of rows
                mine = (pick == number).view(-1, *[1] * (x.ndim - 1))
                out = kind(x, generator).where(mine, out)
                continue
            rows = (pick == number).nonzero()[:, 0]
            if len(rows):
                out[rows] = kind(x[rows], generator)
        return out

    def observe(self, batch: Batch, name: str) -> Tensor:
        """Return the examples with the noise that evaluation always gives them: [B, *S]."""
        of, seen = self.observed
        if of is not batch.index:  # model and references are scored on one batch after the other
            of, seen = self.observed = batch.index, {}
        if name not in seen:
            seen[name] = self.draw(batch, name)
        return seen[name]

    def draw(self, batch: Batch, name: str) -> Tensor:
        """Draw the noise of each example by its row alone, or take its own: [B, *S]."""
        if self.paired:
            return batch.y
        number, rows = list(self.noise).index(name), []
        for x, index in zip(batch.x.cpu(), batch.index.tolist(), strict=True):
            rng = torch.Generator().manual_seed(NOISE_SEED + 1_000_003 * index + number)
            rows.append(self.noise[name](x[None], rng))
        return torch.cat(rows).to(batch.x.device)

    def inputs(self, batch: Batch) -> Tensor:
        """Return the examples with each kind of noise in turn: [B, *S]."""
        names = list(self.noise)
        out = self.observe(batch, names[0])
        for number, name in enumerate(names[1:], start=1):
            rows = batch.index % len(names) == number
            if rows.any():
                few = Batch(*(part[rows] for part in batch))
                out[rows] = self.observe(few, name)
        return out

    def losses(self, batch: Batch) -> Tensor:
        """Return the objective of each example, under new noise in training, else its own: [B].

        A network with a method `teach(x_noisy, x)` is shown the clean signal, too, in training.
        """
        if not self.training:
            return self.objective.losses(self.network(self.inputs(batch)), batch.x)
        x_noisy = self.made_noisy(batch, self.generator)
        teach: Any = getattr(self.network, "teach", None)
        pred = teach(x_noisy, batch.x) if teach else self.network(x_noisy)
        return self.objective.losses(pred, batch.x)

    def predict(self, x: Tensor) -> Tensor:
        """Return the restored signal. x: [B, *S] noisy -> [B, *S]."""
        return self.objective.mode(self.network(x))

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Score restored signals against the clean ones, in the field's own unit."""
        return {**fidelity(prediction, batch.x)}

    def perfect(self, batch: Batch) -> Tensor:
        """Return the clean signal: [B, *S]."""
        return batch.x

    def scores(self, predict: Predict, batch: Batch) -> dict[str, Score]:
        """Score `predict` on each kind of noise; of several, the mean comes first."""
        each = {name: self.judge(predict(self.observe(batch, name)), batch) for name in self.noise}
        if self.rated is not None and predict == self.predict:
            self.rated = worst([*self.rated, *ranked(each, batch.index)])
        return combine(each)

    def on_test_start(self) -> None:  # noqa: D102
        self.rated = []

    def validation_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        # the base asks for losses and for scores: here both come from one pass of the network
        preds = {name: self.network(self.observe(batch, name)) for name in self.noise}
        losses = [self.objective.losses(pred, batch.x) for pred in preds.values()]
        self.add("val/loss", torch.stack(losses).mean(dim=0))
        each = {n: self.judge(self.objective.mode(pred), batch) for n, pred in preds.items()}
        for name, value in combine(each).items():
            self.add(f"val/{name}", value)

    def deliver(self, prediction: Tensor, source: str | Path, output: Path) -> str:
        """Write one restored signal beside nothing that exists. prediction: [*S]."""
        stem = getattr(source, "stem", "text")  # of a file, or of what stands in one
        target = output / f"{stem}-restored{SUFFIX}"
        refuse_existing(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        save(prediction, target)
        return f"{source}: restored in {target}"

    @torch.no_grad()
    def report(self, folder: Path, data: DataModule) -> list[Exhibit]:
        """Draw noisy, restored and clean examples and the worst; leave a sample to predict on."""
        self.eval()
        test = data.splits["test"]
        few = torch.linspace(0, len(test.x) - 1, max(2, SHOWN // len(self.noise))).long()
        batch = Batch(data.trim(test.x[few]), test.y[few], few)
        rows = []
        for name in self.noise:
            x_noisy = self.observe(batch, name)
            guess = self.predict(x_noisy)
            rows += [Triptych(name, *each) for each in zip(x_noisy, guess, batch.x, strict=True)]
        exhibits: list[Exhibit] = [
            (
                "Noisy, restored, clean: of the first, also as they are",
                draw_triptychs(folder / "triptychs.png", rows),
                *rows[0].save(folder, ("sample-noisy", "restored", "clean")),
            )
        ]
        if again := [self.again(data, *found) for found in self.rated or []]:
            exhibits.append(
                (
                    "The worst restored of the test: of the first, also as they are",
                    draw_triptychs(folder / "worst.png", again),
                    *again[0].save(folder, ("worst-noisy", "worst-restored", "worst-clean")),
                )
            )
        return exhibits

    def again(self, data: DataModule, rank: float, row: int, name: str, label: str) -> Triptych:
        """Restore one example of the test split once more."""
        test, index = data.splits["test"], torch.tensor([row])
        batch = Batch(data.trim(test.x[index]), test.y[index], index)
        x_noisy = self.observe(batch, name)
        return Triptych(label, x_noisy[0], self.predict(x_noisy)[0], batch.x[0])
