"""What every task shares: one loss per example in, exact means out.

A task says what to minimise (`losses`), what to hand to a person (`predict`) and how good that is
(`judge`). All three are per example: the mean is taken here and nowhere else, as sum over count, so
a score is the same at any batch size and on any number of devices. Each training step draws its
random numbers from a stream of its own, seeded by (seed, epoch, batch, rank): a resumed run is the
same run.

Legend: B batch, *S shape of one example.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import LightningModule
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from .datamodule import Batch, DataModule
from .errors import UserError
from .training.draws import drawing, streams
from .training.schedule import parameter_groups, warmup_cosine

Score = Tensor | tuple[Tensor, Tensor]  # [B], or numerator [B] and denominator [B]
Augment = Callable[[Tensor, torch.Generator], Tensor]  # a data module's: [B, *S] -> [B, *S]
Predict = Callable[[Tensor], Tensor]  # [B, *S] -> [B, ...]: the model's own, or a baseline's
Exhibit = tuple[str, *tuple[Path, ...]]  # caption, and files in the run's folder


class Task(LightningModule):
    """The base of every task: implement `losses`, `predict`, `judge`.

    Args:
        network: what is trained.
        optimizer: parameter groups -> optimizer.
        warmup: share of the steps over which the learning rate rises from 0; it then falls to 0 as
            a cosine.
        seed: of everything that training draws.
    """

    bounds: tuple[str, ...] = ()  # columns of the table that are no rivals, but what is possible
    lr_factor = 1.0  # of the whole schedule: `lr_scale`
    words = ""  # what follows `predict ckpt_path=...` where that is no input

    # what only the task knows, and `check` asks; each may be left as it is
    causal = False  # predict(x)[:, t] depends on x[:, : t + 1] alone
    coupled = False  # the loss of an example depends on the others of its batch
    floor: float | None = 0.0  # that no loss goes below; None where there is no such number
    labelled = False  # y is what is learnt, from x
    nats = False  # a loss is -log p(y | x), or more
    meant: tuple[str, ...] = ()  # parameters that are frozen, or shared, on purpose

    def __init__(
        self,
        *,
        network: nn.Module,
        optimizer: Callable[[Iterable[Any]], torch.optim.Optimizer],
        warmup: float,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.network, self.make_optimizer = network, optimizer
        self.warmup, self.seed = warmup, seed
        self.generator = torch.Generator().manual_seed(seed)
        self.classes: tuple[str, ...] = ()
        self.references: dict[str, Predict] = {}  # measured beside the model in the test
        self.totals: dict[str, tuple[Tensor, Tensor | int]] = {}  # name -> sum, count

    def check(self, data: DataModule) -> None:
        """Refuse data that do not fit the network, before training: raise UserError."""

    def look(self, data: DataModule) -> None:
        """Let the modules that have a method `fit(x)` see the training split, before training."""
        if any(hasattr(module, "fit") for module in self.network.modules()):
            self.fit(data.held("train").x)

    def fit(self, x: Tensor) -> None:
        """Show examples to the modules that take their measure from them. x: [N, *S]."""
        for module in self.network.modules():
            if callable(fit := getattr(module, "fit", None)):
                fit(x)

    def vary(self, batch: Batch, augment: Augment) -> Batch:
        """Vary a training batch."""
        return batch._replace(x=augment(batch.x, self.generator))

    def losses(self, batch: Batch) -> Tensor:
        """Return the training objective of each example: [B]."""
        raise NotImplementedError

    def inputs(self, batch: Batch) -> Tensor:
        """Return what the network sees at evaluation, a pure function of the examples: [B, *S]."""
        return batch.x

    def predict(self, x: Tensor) -> Tensor:
        """Return the prediction for each input, without randomness. x: [B, *S] -> [B, ...]."""
        raise NotImplementedError

    def exported(self, batch: Batch) -> tuple[Callable[..., Any], dict[str, Tensor]]:
        """Return what `export` writes, a pure function of tensors, and by name what it is given."""
        return self.predict, {"x": self.inputs(batch)}

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Score each prediction, the headline first.

        Smaller is better where a name ends in `error`, `loss` or `distance` or begins with
        `bits_per_`.
        """
        raise NotImplementedError

    def perfect(self, batch: Batch) -> Any:
        """Return the prediction that nothing is better than, or None where there is none."""
        return None

    def scores(self, predict: Predict, batch: Batch) -> dict[str, Score]:
        """Score `predict`, the model's own or a baseline's, on a batch."""
        return self.judge(predict(self.inputs(batch)), batch)

    def survey(self, sides: dict[str, Predict], data: DataModule) -> dict[str, float]:
        """Score the model and its references on the test split as a whole.

        For what is no mean over examples, as the area under a curve, or a distance of two sets.

        Args:
            sides: "model" and each reference by name, with what it predicts by.
            data: with its splits loaded.

        Returns:
            {"side/metric": value}, the headline first; these rows come first in the table.
        """
        return {}

    def deliver(self, prediction: Tensor, source: str | Path, output: Path) -> str:
        """Give one prediction to a person: write it if it is a file; return the line to print."""
        raise NotImplementedError

    @torch.inference_mode()
    def answer(self, data: DataModule, given: str | None, output: Path) -> Iterator[str]:
        """Do what the command `predict` is asked for; yield each line to print.

        Args:
            data: that reads what is given.
            given: `input` of the command line.
            output: folder for files.

        Raises:
            UserError: at once where `input` is missing; after all others were done, for the
                sources that could not be read.
        """
        if given is None:
            raise UserError("input is missing: give a file or a folder (input=...)")
        wrong = []
        for source in data.sources(given):
            try:
                x = data.read(source).to(self.device)
                yield self.deliver(self.predict(x[None])[0], source, output)
            except UserError as error:
                wrong.append(str(error))
        if wrong:
            raise UserError("\nerror: ".join(wrong))

    def report(self, folder: Path, data: DataModule) -> Sequence[Exhibit]:
        """Draw what the test examples came to, and leave some to be heard or seen moving."""
        return []

    # ---- what Lightning calls

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        place = (self.seed, self.trainer.current_epoch, batch_idx, self.global_rank)
        number = hash(place) % 2**63  # of a tuple of ints: the same in every process
        self.generator = streams(number, self.device)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:  # noqa: D102
        with drawing(self.device):
            losses = self.losses(self.vary(batch, self.trainer.datamodule.augment))  # type: ignore[attr-defined]
        self.add("train/loss", losses.detach())
        # logging costs more than a small network's step: only when something is written
        if (
            self.trainer.fit_loop.epoch_loop._batches_that_stepped + 1
        ) % self.trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            self.log_means("train/", on_step=True)
            self.log("lr", self.optimizers().param_groups[0]["lr"], on_step=True, on_epoch=False)  # type: ignore[union-attr]
        return losses.mean()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        self.add("val/loss", self.losses(batch))
        for name, value in self.scores(self.predict, batch).items():
            self.add(f"val/{name}", value)

    def on_validation_epoch_end(self) -> None:  # noqa: D102
        self.log_means("val/")

    def test_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: D102
        for side, predict in {"model": self.predict, **self.references}.items():
            for name, value in self.scores(predict, batch).items():
                self.add(f"{side}/{name}", value)

    def on_test_epoch_end(self) -> None:  # noqa: D102
        for side in ("model", *self.references):
            self.log_means(f"{side}/")

    def configure_optimizers(self) -> dict[str, Any]:  # noqa: D102
        steps = int(self.trainer.estimated_stepping_batches)
        optimizer = self.make_optimizer(parameter_groups(self.network))
        shape = warmup_cosine(round(self.warmup * steps), steps)
        schedule = LambdaLR(optimizer, lambda step: self.lr_factor * shape(step))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    # ---- sums and counts

    def add(self, name: str, score: Score) -> None:
        """Add per-example scores to a running mean."""
        top, bottom = score if isinstance(score, tuple) else (score, None)
        # float64 where there is any; this runs in each step, so a plain score counts without a sum
        wide = torch.float64 if top.device.type in ("cpu", "cuda") else torch.float32
        total = top.sum(dtype=wide), len(top) if bottom is None else bottom.sum(dtype=wide)
        if (so_far := self.totals.get(name)) is not None:
            total = so_far[0] + total[0], so_far[1] + total[1]
        self.totals[name] = total

    def log_means(self, prefix: str, *, on_step: bool = False) -> None:
        """Log sum over count of everything named so, over all ranks, and start anew."""
        for name in [n for n in self.totals if n.startswith(prefix)]:
            total, count = self.totals.pop(name)
            pair = torch.stack([total, torch.as_tensor(count).to(total)])
            top, bottom = self.trainer.strategy.reduce(pair, reduce_op="sum")
            self.log(name, (top / bottom).float(), on_step=on_step, on_epoch=not on_step)


def fraction(score: Score) -> tuple[Tensor, Tensor]:
    """Write a score as numerator and denominator, each [B]; a plain score counts once."""
    return score if isinstance(score, tuple) else (score, torch.ones_like(score))
