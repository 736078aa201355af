"""Sequence blocks: identities with known answers."""

import torch

from ..blocks import Block, NGrams, Trunk, angles, hash_tokens, rotate


def test_a_hash_depends_on_its_own_tokens_only() -> None:
    x = torch.randint(4, 200, (1, 20), generator=torch.Generator().manual_seed(0))
    before = hash_tokens(x, (-2, -1), 1 << 20)
    for place in range(20):
        other = x.clone()
        other[0, place] += 1
        changed = (hash_tokens(other, (-2, -1), 1 << 20) != before)[0].nonzero()[:, 0]
        assert changed.tolist() == [t for t in (place + 1, place + 2) if t < 20]


def test_unseen_ngrams_add_nothing() -> None:
    ngrams = NGrams(offsets=[[-1, 0]], buckets=50, inner=4, width=8)
    assert not ngrams(torch.randint(4, 200, (2, 9))).any()


def test_forgotten_ngrams_add_nothing_in_training_and_all_of_it_later() -> None:
    torch.manual_seed(0)
    ngrams = NGrams(offsets=[[-1, 0], [-2, -1, 0]], buckets=50, inner=4, width=8, forget=0.25)
    torch.nn.init.ones_(ngrams.table.weight)
    x = torch.randint(4, 200, (20, 100))
    whole = ngrams.eval()(x)
    share = (ngrams.train()(x) != whole).any(dim=2).float().mean().item()
    assert abs(share - (1 - 0.75**2)) < 0.05  # one of two is hidden, or both
    ngrams.forget = 1.0
    assert not ngrams(x).any()
    assert torch.equal(ngrams.eval()(x), whole)


def test_a_block_starts_as_the_identity() -> None:
    x, real = torch.randn(2, 5, 8), torch.ones(2, 5, dtype=torch.bool)
    block = Block(width=8, heads=2, taps=3, dropout=0.0)
    assert torch.equal(block(x, real, angles(5, 2, x.device)), x)


def test_products_depend_on_distances_only() -> None:
    q, k = torch.randn(2, 1, 1, 1, 8).expand(2, 1, 1, 6, 8)
    turn = angles(6, 4, q.device)
    products = (rotate(q, turn) @ rotate(k, turn).mT)[0, 0]
    for distance in range(-5, 6):
        line = products.diagonal(distance)
        assert torch.allclose(line, line[:1].expand_as(line), atol=1e-4)


def test_a_causal_trunk_sees_nothing_later_and_what_was_before() -> None:
    torch.manual_seed(0)
    trunk = Trunk(width=8, depth=2, heads=2, taps=3, dropout=0.0, causal=True)
    for parameter in trunk.parameters():  # also what starts at zero
        torch.nn.init.normal_(parameter, std=0.5)
    h, real = torch.randn(1, 6, 8), torch.ones(1, 6, dtype=torch.bool)
    other = h.clone()
    other[0, 3] += 1.0
    changed = (trunk(h, real) - trunk(other, real)).abs().amax(dim=2)[0]
    assert changed[:3].max() < 1e-6
    assert changed[3:].min() > 1e-3


def test_filling_changes_nothing() -> None:
    torch.manual_seed(0)
    trunk = Trunk(width=8, depth=2, heads=2, taps=3, dropout=0.0)
    for parameter in trunk.parameters():  # also what starts at zero
        torch.nn.init.normal_(parameter, std=0.5)
    h, real = torch.randn(1, 5, 8), torch.ones(1, 5, dtype=torch.bool)
    longer = torch.cat([h, torch.randn(1, 3, 8)], dim=1)
    filled = torch.nn.functional.pad(real, (0, 3))
    assert torch.allclose(trunk(longer, filled)[:, :5], trunk(h, real), atol=1e-5)
