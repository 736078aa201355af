"""Batches of rows of like length, cut by their number of tokens.

Lengths differ tenfold: batches of equally many rows would be mostly filling, and of very different
cost. So rows are sorted into buckets by length, and each bucket into batches of about so many
tokens. Which rows meet in a batch is drawn anew in each epoch; how many batches there are is not.
"""

import torch
from torch import Tensor

from .datamodule import DataModule
from .files.column import lengths_of

GROWTH = 1.15  # the longest row of a bucket by its shortest: about 7 % of a batch is filling


class Bucketed(DataModule):
    """Examples of different length in batches of like length."""

    batch_tokens: int | None = None  # the most in a batch; None: as many as if all were the longest

    def extents(self, split: str) -> Tensor:
        """Measure each example: [N]."""
        return lengths_of(self.splits[split].x)

    def order(self, split: str, epoch: int) -> list[Tensor]:
        """Return the rows of each batch, of like length; training shuffles by (seed, epoch)."""
        size, extents = self.batch_size, self.extents(split)
        tokens = self.batch_tokens or size * int(extents.max())
        rng = self.shuffler(split, epoch)
        if self.static:  # any rows, all as wide as the longest; as many tokens in them as elsewhere
            size = min(size, max(1, round(tokens / float(extents.double().mean()))))
            rows = torch.arange(len(extents))
            order = rows if rng is None else rows[torch.randperm(len(rows), generator=rng)]
            return list(order.split(size))
        return cut_batches(extents, rows=size, tokens=tokens, generator=rng)


def cut_batches(
    lengths: Tensor, *, rows: int, tokens: int, generator: torch.Generator | None
) -> list[Tensor]:
    """Put every row into one batch.

    Args:
        lengths: [N] tokens of each row.
        rows: the most rows in a batch.
        tokens: the most tokens in a batch, filling included; a longer row is a batch by itself.
        generator: of the order; None for the shortest first, always the same.

    Returns:
        batches: row numbers [B] each.
    """
    edges = [1]
    while edges[-1] < int(lengths.max()):
        edges.append(max(edges[-1] + 1, int(GROWTH * edges[-1])))
    bucket, found = torch.bucketize(lengths, torch.tensor(edges)), []
    for number in bucket.unique():
        members = (bucket == number).nonzero()[:, 0]
        if generator is not None:
            members = members[torch.randperm(len(members), generator=generator)]
        size = min(rows, max(1, tokens // int(lengths[members].max().clamp_min(1))))
        found += members.tensor_split(-(-len(members) // size))
    if generator is None:
        return found
    return [found[i] for i in torch.randperm(len(found), generator=generator).tolist()]
