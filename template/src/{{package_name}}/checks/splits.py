"""Checks of the splits: nothing of one is in another.

Sources: deepchecks (mixed splits, conflicting labels); Barz 2020, 1902.00423 (duplicates in test
sets, near ones among them); Johnson 1984 (distances survive a random projection).

Legend: N examples of a split, D numbers that an example is projected to.
"""

import hashlib
from collections.abc import Callable
from itertools import combinations

import torch
from torch import Tensor

from .bench import SPLITS, Bench, Result, ends, judged

D = 64
PAIRS = 4096  # kinds of pairs of neighboring tokens that are told apart
ASKED = 1000  # examples of a split, at most, of which the nearest in training is sought
NEAR = 0.01  # of the training examples are nearer to another than what is called near


def digests(bench: Bench, split: str) -> list[str]:
    """Return a number for each example that equal examples share, whatever they are filled with."""
    found, filling = [], bench.data.filling
    for x in bench.data.splits[split].x:
        row = x if filling is None else x[: ends(x[None], filling)[0]]
        found.append(hashlib.blake2b(row.contiguous().numpy().tobytes()).hexdigest()[:32])
    return found


def duplicates(bench: Bench) -> Result:
    """D4: no example is in two splits, and none in training has two labels."""
    found = {name: digests(bench, name) for name in SPLITS}
    shared = {
        f"{a} and {b}": len(set(found[a]) & set(found[b])) for a, b in combinations(SPLITS, 2)
    }
    labels: dict[str, set[int]] = {}
    if bench.data.classes:
        for key, y in zip(found["train"], bench.data.splits["train"].y.tolist(), strict=True):
            labels.setdefault(key, set()).add(y)
    both = sum(len(ys) > 1 for ys in labels.values())
    number = max(shared.values())
    wrong = [f"{n} examples are in {where}" for where, n in shared.items() if n]
    wrong += [f"{both} training examples have two labels"] if both > 0.01 * len(labels) else []
    look = "; ".join(wrong) or "how DataModule.load parts the splits"
    return judged(not wrong, number, "0 in two splits, 1 % with two labels", look)


def groups(bench: Bench) -> Result:
    """D6: no group (speaker, photograph, scaffold) is in two splits."""
    found = {name: set(bench.data.groups(name)) for name in SPLITS}
    shared = {f"{a} and {b}": found[a] & found[b] for a, b in combinations(SPLITS, 2)}
    number = sum(map(len, shared.values()))
    wrong = [f"{min(own)!r} is in {where}" for where, own in shared.items() if own]
    look = "; ".join(wrong) or "part the groups, then take the examples of each"
    return judged(not number, number, "0 groups in two splits", look)


def near(bench: Bench) -> Result:
    """D5: no example of validation or test is nearer to training than training is to itself."""
    train, name_of = bench.data.splits["train"], bench.data.groups
    rng = torch.Generator().manual_seed(0)
    known, names = project(bench, "train", rng), name_of("train")
    alone = names if len(set(names)) > 1 else [str(n) for n in range(len(names))]
    some = torch.randperm(len(train.x), generator=rng)[:ASKED]
    own = nearest(known[some], known, [alone[row] for row in some.tolist()], alone)
    limit, found = own.quantile(NEAR), {}
    for name in SPLITS[1:]:
        x = project(bench, name, rng)[:: max(1, len(bench.data.splits[name].x) // ASKED)]
        share = (nearest(x, known, [], alone) < limit).float().mean()
        # of so few examples, some more may be near by chance
        found[name] = float(share), 0.05 + 3 * (NEAR / len(x)) ** 0.5
    wrong = [f"{share:.1%} of {name}" for name, (share, most) in found.items() if share > most]
    number = ", ".join(f"{share:.1%} of {name}" for name, (share, _) in found.items())
    look = f"{', '.join(wrong)} is nearly in training: the same thing seen, cut or said twice?"
    return judged(not wrong, number, "1 % is meant, 5 % allowed", look)


def project(bench: Bench, split: str, rng: torch.Generator) -> Tensor:
    """Turn each example into a few numbers, near where examples are near: [N, D]."""
    x, filling, seed = bench.data.splits[split].x, bench.data.filling, torch.Generator()
    if x.is_floating_point():
        x = x.flatten(1)
        matrix = torch.randn(D, x.shape[1], generator=seed.manual_seed(0)).T
        return torch.cat([part @ matrix for part in x.split(ASKED)])
    if x.ndim < 2 or x.shape[1] < 2:
        x = x.view(len(x), -1).repeat(1, 2)
    pairs = (x[:, :-1] * 8191 + x[:, 1:]) % PAIRS
    real = torch.ones_like(pairs) if filling is None else (x[:, 1:] != filling).long()
    counts = torch.zeros(len(x), PAIRS).scatter_add_(1, pairs, real.float())
    matrix = torch.randn(PAIRS, D, generator=seed.manual_seed(0))
    return counts / counts.norm(dim=1, keepdim=True).clamp_min(1) @ matrix


def nearest(x: Tensor, known: Tensor, names: list[str], groups: list[str]) -> Tensor:
    """Return the distance to the nearest that is of no group of one's own: [n]."""
    number = {name: n for n, name in enumerate(dict.fromkeys(groups))}
    theirs = torch.tensor([number[name] for name in groups])
    mine = torch.tensor([number[name] for name in names]) if names else torch.full((len(x),), -1)
    found = []
    for part, own in zip(x.split(256), mine.split(256), strict=True):
        away = torch.cdist(part, known)
        found.append(away.masked_fill(own[:, None] == theirs, torch.inf).amin(dim=1))
    return torch.cat(found)


CHECKS: dict[str, Callable[[Bench], Result]] = {"D4": duplicates, "D5": near, "D6": groups}
