"""Dimensionality reduction: a few numbers for each example, from which it can be given back.

Three questions judge a code, all of them asked of PCA with as many numbers, too: how much of the
example it gives back, whether neighbors have the same class, and whether neighbors on the map were
neighbors in the data (trustworthiness: Venna 2001).

Legend: B batch, *S shape of one example, N length of an example's vector, Z latent.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .atlas import Panel, across, draw_map, draw_rows, draw_sheet, lattice, scattered
from .datamodule import Batch, DataModule
from .errors import UserError, refuse_existing
from .fidelity import fidelity
from .task import Exhibit, Score, Task
from .vectors import ended, expected, vectors
from .view import SUFFIX, save, show

NEIGHBORS = 5  # that vote for a class
MOST = 2000  # test examples of which all distances are looked at: they take 100 MB
NEAR = 12  # neighbors on the map of which trustworthiness asks
AT_ONCE = 200  # examples: more at a time are no faster


class Reduced(NamedTuple):
    """What becomes of examples.

    z: [B, Z]; guess: [B, *S] what the code gives back, vector: [B, N] the same as a vector; None
    where a method has none.
    """

    z: Tensor
    guess: Tensor | None
    vector: Tensor | None


class Codes(NamedTuple):
    """A split, reduced. z: [N, Z]; lost: [N] squared errors of the vectors, None without them."""

    z: Tensor
    lost: Tensor | None


Reduce = Callable[[Tensor], Reduced]  # [B, *S] -> ..: the model's own predict, or a baseline's


class Reducer(Task):
    """Learn codes.

    Args:
        latent: Z, numbers in a code.
        objective: what is minimised; see objectives.py.
        likelihood: how far a decoded example is from the true one.
        form: what is reduced in place of the examples themselves, by `encode` and `decode`; None
            for these.
        **task: what every task takes.
    """

    network: Any  # with `encode` and `decode`, see autoencoder.py
    references: dict[str, Reduce]

    def __init__(self, *, latent: int, objective: Any, likelihood: Any, form: Any, **task) -> None:
        super().__init__(**task)
        self.latent, self.objective, self.likelihood = latent, objective, likelihood
        self.form, self.coupled = form, getattr(objective, "coupled", False)

    def check(self, data: DataModule) -> None:
        """Refuse a network without a way back; let the objective see the training split, once."""
        if not hasattr(self.network, "decode"):
            raise UserError(
                f"network: {type(self.network).__name__} has no `decode`, which this objective "
                "trains: choose another network (network=...), or objective=pca for PCA"
            )
        self.objective.fit(self.whole(data, "train"))

    def encode(self, x: Tensor) -> Tensor:
        """Turn examples of the data into what is reduced. x: [B, ...] -> [B, *S]."""
        return x if self.form is None else self.form.encode(x)

    def decode(self, x: Tensor) -> Tensor:
        """Turn what was reduced into examples as in the data. x: [B, *S] -> [B, ...]."""
        return x if self.form is None else self.form.decode(x)

    def inputs(self, batch: Batch) -> Tensor:
        """Return what is reduced: [B, *S]."""
        return self.encode(batch.x)

    def losses(self, batch: Batch) -> Tensor:
        """Return the objective of each example: [B]."""
        rng, batch = self.generator if self.training else None, batch._replace(x=self.inputs(batch))
        return self.objective.losses(self.network, self.likelihood, batch, rng)

    def predict(self, x: Tensor) -> Reduced:
        """x: [B, *S] -> code, and what it gives back."""
        return self.restore(self.network.encode(x), x.shape[1:])

    def restore(self, z: Tensor, size: Sequence[int]) -> Reduced:
        """Give back examples of shape `size`. z: [B, Z]."""
        pred = self.network.decode(z, size)
        return Reduced(z, self.likelihood.mode(pred), expected(pred))

    def judge(self, prediction: Reduced, batch: Batch) -> dict[str, Score]:
        """Score what the code gives back, in the field's own unit."""
        guess = prediction.guess
        return {} if guess is None else {**fidelity(guess, self.inputs(batch))}

    def perfect(self, batch: Batch) -> Reduced:
        """Return the example itself."""
        x = self.inputs(batch)
        return Reduced(x.flatten(1), x, vectors(x))

    def survey(self, sides: dict[str, Reduce], data: DataModule) -> dict[str, float]:
        """Score the codes of the test split as a whole.

        accuracy_5nn: share of the test examples whose class most of their 5 nearest training
            examples have.
        trustworthiness_12: 1 if the 12 nearest on the map are near in the data, 0.5 by chance.
        variance_error: share of the variance of the vectors that is lost; what PCA minimises.
        """
        from sklearn.manifold import trustworthiness
        from sklearn.neighbors import KNeighborsClassifier

        train, test = data.splits["train"], data.splits["test"]
        held = thin(data.within("test"))
        flat, found = vectors(self.reduced(data.trim(test.x[held]))), {}
        near = min(NEAR, (len(flat) - 1) // 2)  # of very few examples
        variance = (flat - flat.mean(dim=0)).square().sum()
        for name, predict in sides.items():
            known, _ = self.codes(predict, data, "train")
            z, lost = self.codes(predict, data, "test")
            if data.classes:
                voters = KNeighborsClassifier(NEIGHBORS).fit(known, train.y)
                found[f"{name}/accuracy_{NEIGHBORS}nn"] = float(voters.score(z, test.y))
            found[f"{name}/trustworthiness_{NEAR}"] = trustworthiness(
                flat, z[held], n_neighbors=near
            )
            if lost is not None:
                found[f"{name}/variance_error"] = (lost[held].sum() / variance).item()
        return found

    def whole(self, data: DataModule, split: str) -> Tensor:
        """Return what is reduced of a split, as much as can be held: [n, *S]."""
        return self.reduced(data.held(split).x)

    def reduced(self, x: Tensor) -> Tensor:
        """Encode some examples at a time. x: [n, ...] -> [n, *S]."""
        return torch.cat([self.encode(part) for part in x.split(AT_ONCE)])

    def codes(self, predict: Reduce, data: DataModule, split: str) -> Codes:
        """Encode a whole split, in its own order."""
        found, rows = [], []
        for batch in data.every_batch(split):
            x = self.encode(batch.x.to(self.device))
            z, _, vector = predict(x)
            lost = z.new_full((len(z),), torch.nan)
            if vector is not None:
                lost = (vector - vectors(x)).square().sum(dim=1)
            found.append(torch.cat([z, lost[:, None]], dim=1).cpu())
            rows.append(batch.index)
        both = torch.cat(found)[torch.cat(rows).argsort()]
        return Codes(both[:, :-1], None if both[0, -1].isnan() else both[:, -1])

    @torch.inference_mode()
    def answer(self, data: DataModule, given: str | None, output: Path) -> Iterator[str]:
        """Write the codes of the user's files, and a map of where they fall.

        Raises:
            UserError: at once where `input` is missing or a file is in the way; after all others
                were done, for what could not be read.
        """
        if given is None:
            raise UserError("input is missing: give a file or a folder (input=...)")
        table, picture = output / "codes.csv", output / "map.png"
        refuse_existing(table, picture)
        found, wrong = [], []
        for source in data.sources(given):
            try:
                x = data.read(source)
                z = self.network.encode(self.encode(x[None].to(self.device)))[0].cpu()
                found.append((source, x, z))
                yield f"{source}: " + " ".join(f"{number:.4g}" for number in found[-1][2].tolist())
            except UserError as error:
                wrong.append(str(error))
        if found:
            output.mkdir(parents=True, exist_ok=True)
            with table.open("x", newline="", encoding="utf-8") as file:
                rows = csv.writer(file)
                rows.writerow(["source", *(f"z{n + 1}" for n in range(self.latent))])
                rows.writerows([source, *z.tolist()] for source, _, z in found)
            try:
                data.prepare_data()
                data.setup()
            except UserError as error:  # data of one's own may be elsewhere by now
                yield f"codes in {table}; no map, for the training data are not here: {error}"
            else:
                known, y = self.codes(self.predict, data, "train").z, data.splits["train"].y
                own = [(x, z, None) for _, x, z in found]
                panel = Panel("training examples, and yours", known, y, own)
                draw_map(picture, [panel], self.classes)
                yield f"codes in {table}, where they fall among the training data in {picture}"
        if wrong:
            raise UserError("\nerror: ".join(wrong))

    @torch.no_grad()
    def report(self, folder: Path, data: DataModule) -> list[Exhibit]:
        """Draw the map, beside PCA's, and what codes give back; leave a sample to predict on."""
        self.eval()
        test, sides = data.splits["test"], {"model": self.predict, **self.references}
        save(test.x[0], folder / f"sample{SUFFIX}")
        panels, lost = [], {}  # lost: by side, squared errors of the test examples
        for name, predict in sides.items():
            z, lost[name] = self.codes(predict, data, "test")
            rows = scattered(z, show(test.x[0]))
            some = [(data.trim(test.x[i][None])[0], z[i], int(test.y[i])) for i in rows]
            panels.append(Panel(f"{name}: test examples", z, test.y, some))
        exhibits: list[Exhibit] = [("Map", draw_map(folder / "map.png", panels, data.classes))]
        shown = min(across(show(test.x[0])), len(test.x))
        picked = [("given-back", "Given back", torch.linspace(0, len(test.x) - 1, shown).long())]
        if (errors := lost["model"]) is not None:
            picked.append(("worst", "What the model gives back worst", errors.topk(shown).indices))
        for name, caption, few in picked:
            seen = self.encode(data.trim(test.x[few]))
            lines = [("original", self.decode(seen))]
            for side, predict in sides.items():
                if (guess := predict(seen.to(self.device)).guess) is not None:
                    lines.append((side, self.decode(ended(guess.cpu(), seen))))
            exhibits.append((caption, draw_rows(folder / f"{name}.png", lines)))
        size = self.encode(data.trim(test.x[:1])).shape[1:]
        if self.latent == 2 and test.x[0].is_floating_point():  # words from nowhere are no sight
            codes = lattice(panels[0].z).to(self.device)
            if (guess := self.restore(codes, size).guess) is not None:
                sheet = draw_sheet(folder / "decoded.png", self.decode(guess.cpu()))
                exhibits.append(("Decoded", sheet))
        return exhibits


def thin(rows: Tensor) -> Tensor:
    """Choose 2,000 rows evenly, or all that there are. rows: [n] -> [n']."""
    return rows[torch.linspace(0, len(rows) - 1, min(MOST, len(rows))).round().long()]
