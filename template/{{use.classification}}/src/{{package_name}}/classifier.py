"""Classification: a logit for each class, trained by cross-entropy, judged by accuracy.

A network gives logits [B, C], or [B, M, C]: M members that are trained apart and vote.
Legend: B batch, C classes, M members.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics.functional.classification import binary_auroc

from .datamodule import Batch, DataModule
from .errors import UserError
from .reports.pictures import draw_sheet, pyplot
from .task import Exhibit, Predict, Score, Task
from .view import SUFFIX, save, show


class Classifier(Task):
    """Learn the class of each example.

    Args:
        label_smoothing: share of the target that is spread over all classes, in [0, 1).
        **task: what every task takes.
    """

    labelled = nats = True

    def __init__(self, *, label_smoothing: float, **task) -> None:
        super().__init__(**task)
        self.label_smoothing = label_smoothing

    def check(self, data: DataModule) -> None:
        """Refuse a network whose number of outputs is not the number of classes."""
        with torch.no_grad():
            found = self.network(next(iter(data.val_dataloader())).x).shape[-1]
        if found != len(data.classes):
            raise UserError(
                f"network: it has {found} outputs, but the data have {len(data.classes)} classes "
                f"({', '.join(data.classes[:20])}): set network.outputs to ${{data.num_classes}}"
            )

    def losses(self, batch: Batch) -> Tensor:
        """Return the cross-entropy of each example in nats: [B]."""
        pred = self.network(batch.x)
        if pred.ndim == 2:
            return self.cross_entropy(pred, batch.y)
        each = self.cross_entropy(pred.flatten(0, 1), batch.y.repeat_interleave(pred.shape[1]))
        return each.view(pred.shape[:2]).mean(dim=1)  # each member learns by itself

    def cross_entropy(self, pred: Tensor, y: Tensor) -> Tensor:
        """Return the loss of each row. pred: [B, C], y: [B] -> [B]."""
        return F.cross_entropy(pred, y, reduction="none", label_smoothing=self.label_smoothing)

    def predict(self, x: Tensor) -> Tensor:
        """Return the probability of each class. x: [B, *S] -> [B, C]."""
        p = self.network(x).softmax(dim=-1)
        return p if p.ndim == 2 else p.mean(dim=1)

    def judge(self, prediction: Tensor, batch: Batch) -> dict[str, Score]:
        """Score 1 where the likeliest class is the true one. prediction: [B, C]."""
        return {"accuracy": (prediction.argmax(dim=1) == batch.y).float()}

    def perfect(self, batch: Batch) -> Tensor:
        """Return probability 1 for the true class: [B, C]."""
        return F.one_hot(batch.y, len(self.classes)).float()

    def survey(self, sides: dict[str, Predict], data: DataModule) -> dict[str, float]:
        """Measure the area under the ROC curve, where there are two classes.

        It is the chance that of two examples, one of each class, the second class is found
        likelier for the right one.
        """
        if len(self.classes) != 2:
            return {}
        found = {}
        for side, predict in sides.items():
            parts = [(predict(batch.x)[:, 1], batch.y) for batch in data.every_batch("test")]
            probability, truth = (torch.cat(part) for part in zip(*parts, strict=True))
            found[f"{side}/auc"] = float(binary_auroc(probability, truth))
        return found

    def deliver(self, prediction: Tensor, source: str | Path, output: Path) -> str:
        """Name the three likeliest classes with their probabilities. prediction: [C]."""
        top = prediction.topk(min(3, len(prediction)))
        found = zip(top.indices.tolist(), top.values.tolist(), strict=True)
        names = [f"{self.classes[i]} {p:.3f}" for i, p in found]
        return f"{source}: {names[0]}" + (f"   (then {', '.join(names[1:])})" if names[1:] else "")

    @torch.no_grad()
    def report(self, folder: Path, data: DataModule) -> list[Exhibit]:
        """Draw the confusion matrix and the surest mistakes, and leave a sample to predict on."""
        self.eval()
        test = data.splits["test"]
        found = [
            (self.predict(batch.x), batch.y, batch.index) for batch in data.every_batch("test")
        ]
        probability, truth, rows = (torch.cat(parts) for parts in zip(*found, strict=True))
        guess = probability.argmax(dim=1)
        save(test.x[0], folder / f"sample{SUFFIX}")
        confusion = draw_confusion(folder / "confusion.png", truth, guess, data.classes)
        exhibits: list[Exhibit] = [("Confusion matrix", confusion)]
        wrong = (guess != truth).nonzero()[:, 0]
        sure = wrong[probability[wrong].max(dim=1).values.argsort(descending=True)][:12]
        if len(sure):
            titles = [
                f"{data.classes[g]} ({p:.2f})\nis {data.classes[t]}"
                for g, p, t in zip(
                    guess[sure].tolist(),
                    probability[sure].amax(dim=1).tolist(),
                    truth[sure].tolist(),
                    strict=True,
                )
            ]
            examples = [test.x[int(rows[i])] for i in sure]
            sheet = draw_sheet(folder / "mistakes.png", [show(x) for x in examples], titles)
            surest = folder / f"mistake{SUFFIX}"
            save(examples[0], surest)
            exhibits.append(("The surest mistakes, and the first of them as it is", sheet, surest))
        return exhibits


def draw_confusion(target: Path, truth: Tensor, guess: Tensor, classes: tuple[str, ...]) -> Path:
    """Draw how often each class (row) was taken for each (column); the diagonal is right."""
    num = len(classes)
    counts = torch.bincount(truth * num + guess, minlength=num * num).view(num, num)
    plt = pyplot()
    figure, axis = plt.subplots(figsize=(1.6 + 0.42 * num, 1.2 + 0.42 * num))
    share = counts / counts.sum(dim=1, keepdim=True).clamp_min(1)
    axis.imshow(share.numpy(), cmap="Blues", vmin=0, vmax=1)
    for row, column in counts.nonzero().tolist():
        dark = counts[row, column] > 0.5 * counts[row].sum()
        color = "white" if dark else "black"
        axis.text(
            column, row, int(counts[row, column]), ha="center", va="center", color=color, fontsize=8
        )
    axis.set_xticks(range(num), classes, rotation=90)
    axis.set_yticks(range(num), classes)
    axis.set(xlabel="predicted", ylabel="true", title="confusion matrix (test)")
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
