"""Language models: a sequence is made token by token, each drawn by what came before.

    losses = -log p(x_1 | y) - log p(x_2 | y, x_1) - ... - log p(end | y, x)

The likelihood is exact, so models of any sort compare by it: in bits for each token, the end being
one of them. What evaluation asks of a model or of a baseline is the probability of each next token;
sampling asks no more.

Legend: B batch, N samples, T tokens, V vocabulary.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from .datamodule import Batch, DataModule
from .errors import UserError
from .generation import TEST_SEED, Generation, Sampling
from .generator import Causal
from .quality import UNIT, draw, quality
from .task import Predict, Score
from .tokens import BOS, EOS, MASK, PAD, lengths

NEVER = [PAD, BOS, MASK]  # are no part of a sample
SHOWN = 36  # samples in the report
AT_ONCE = 128  # samples: their length decides what fits into a processor's cache


@dataclass(kw_only=True)
class TokenSampling(Sampling):
    """How a next token is drawn.

    Args:
        prompt: what every sample begins with; None for nothing.
        temperature: logits are divided by it: below 1 what is likely becomes likelier.
        longest: tokens of a sample that does not end by itself.
    """

    prompt: str | int | None
    temperature: float
    longest: int

    def __post_init__(self) -> None:
        super().__post_init__()
        warm = isinstance(self.temperature, int | float) and 0 < self.temperature < math.inf
        self.require("temperature", warm, "a number above 0, for example 0.8")
        self.require("longest", isinstance(self.longest, int) and self.longest > 0, "1 or more")


class LanguageModel(Generation):
    """Learn the probability of each next token.

    Args:
        network: tokens -> logits of the token after each; it knows how a class begins.
        sampling: how tokens are drawn, in the test and by the command predict.
        **task: what every generator takes.
    """

    causal = True

    def __init__(self, *, network: Causal, sampling: TokenSampling, **task) -> None:
        super().__init__(network=network, sampling=sampling, **task)
        self.begin, self.vocab, self.told = network.begin, network.vocab, network.classes
        self.tokens = sampling
        self.prompt = torch.zeros(0, dtype=torch.long)
        self.made = self.prompt, self.prompt  # classes [N] and samples [N, T] of the last test

    def check(self, data: DataModule) -> None:
        """Refuse a network that was made for another number of classes."""
        if self.told not in (0, len(data.classes)):
            raise UserError(
                f"network.classes={self.told}: the data have {len(data.classes)} classes: "
                "set network.classes to ${data.num_classes}, or to 0 to tell it none"
            )

    def look(self, data: DataModule) -> None:
        """Let the network see the training split as it sees it in training: with the begin."""
        train = data.held("train")
        self.fit(self.inputs(Batch(train.x, train.y, torch.arange(len(train.x)))))

    def inputs(self, batch: Batch) -> Tensor:
        """Put the token of its class before each sequence, and the end behind: [B, T + 2]."""
        x = F.pad(batch.x, (1, 1), value=PAD)
        x[:, 0] = self.begin(batch.y)
        return x.scatter(1, lengths(batch.x)[:, None] + 1, EOS)

    def predict(self, x: Tensor) -> Tensor:
        """Return log p of the token after each, in nats. x: [B, T] -> [B, T, V]."""
        return self.network(x).log_softmax(dim=2)

    def costs(self, log_p: Tensor, x: Tensor) -> Tensor:
        """Return -log p of each token but the first, 0 at PAD. x: [B, T] -> [B, T - 1] nats."""
        nats = F.nll_loss(
            log_p[:, :-1].flatten(0, 1), x[:, 1:].flatten(), ignore_index=PAD, reduction="none"
        )
        return nats.view(len(x), -1)

    def losses(self, batch: Batch) -> Tensor:
        """Return the nats of each sequence, by the mean number of tokens in the batch: [B].

        Their mean then weighs all tokens alike, as the score does, and not all sequences.
        """
        x = self.inputs(batch)
        return self.costs(self.predict(x), x).sum(dim=1) / (lengths(x) - 1).float().mean()

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Count bits and tokens, the end being a token, too."""
        x = self.inputs(batch)
        bits = self.costs(prediction, x).sum(dim=1) / math.log(2)
        return {f"bits_per_{UNIT}": (bits, lengths(x) - 1)}

    def perfect(self, batch: Batch) -> Tensor:
        """Return probability 1 for each true next token, in nats: [B, T, V]."""
        ahead = F.pad(self.inputs(batch)[:, 1:], (0, 1), value=PAD)
        return F.one_hot(ahead, self.vocab).float().log().clamp_min(-1e4)  # of the rest: none

    def scores(self, predict: Predict, batch: Batch) -> dict[str, Score]:
        """Score `predict`, the model's own or a baseline's, on a batch."""
        return self.judge(predict(self.inputs(batch)), batch)

    def draw(self, predict: Predict, y: Tensor, generator: torch.Generator) -> Tensor:
        """Draw a sequence of each class, token by token. y: [N] -> [N, T], filled with PAD."""
        begin = torch.cat([self.begin(y)[:, None], self.prompt.expand(len(y), -1)], dim=1)
        begin = begin.to(self.device)
        first, last = begin.shape[1], begin.shape[1] + self.tokens.longest
        x = F.pad(begin, (0, self.tokens.longest), value=PAD)
        alive = torch.arange(len(x), device=x.device)
        for t in range(first, last):
            parts = [predict(x[rows, :t])[:, -1] for rows in alive.split(AT_ONCE)]
            logits = torch.cat(parts).cpu() / self.tokens.temperature
            logits[:, NEVER] = -torch.inf
            token = torch.multinomial(logits.softmax(dim=1), 1, generator=generator)[:, 0]
            token = token.to(x.device)
            ends = token == EOS
            x[alive, t] = token.where(~ends, PAD)
            alive = alive[~ends]
            if not len(alive):
                break
        return x[:, 1:]

    def make(self, y: Tensor, generator: torch.Generator) -> Tensor:
        """Make one sequence of each class. y: [N] int64 -> [N, T]."""
        return self.draw(self.predict, y, generator)

    def answer(self, data: DataModule, given: str | None, output: Path) -> Iterator[str]:
        """Make samples that go on from the prompt, and write each to a file."""
        if self.tokens.prompt is not None:
            self.prompt = data.read(str(self.tokens.prompt))
        yield from super().answer(data, given, output)

    def survey(self, sides: dict[str, Predict], data: DataModule) -> dict[str, float]:
        """Draw as many samples of each side, and ask of them what the modality asks."""
        asked, made = self.in_turn(self.tested(data)), {}
        for side, predict in sides.items():
            made[side] = self.draw(predict, asked, torch.Generator().manual_seed(TEST_SEED)).cpu()
        self.made = asked, made["model"]
        return quality(made, data.held("train").x)

    @torch.inference_mode()
    def report(self, folder: Path, data: DataModule) -> list[tuple[str, Path]]:
        """Draw the model's samples of the test, and what it finds surprising in the first few."""
        y, x = self.made
        few = Batch(x[:SHOWN], y[:SHOWN].cpu(), y[:SHOWN].cpu())
        whole = self.inputs(few)
        pred = self.eval().predict(whole.to(self.device)).cpu()
        bits = self.costs(pred, whole) / math.log(2)
        names = [self.classes[k] if self.classes else "" for k in few.y.tolist()]
        return draw(folder, x, bits, names, data)
