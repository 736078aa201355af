"""Batches of rows of like length, cut by their number of tokens.

Lengths differ tenfold: batches of equally many rows would be mostly filling, and of very different
cost. So rows are sorted into buckets by length, and each bucket into batches of about so many
tokens. Which rows meet in a batch is drawn anew in each epoch; how many batches there are is not.
"""

import torch
from torch import Tensor

GROWTH = 1.15  # the longest row of a bucket by its shortest: about 7 % of a batch is filling


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
