"""Sequence blocks: identities with known answers."""

import pytest
import torch

from ..blocks import Block, Table, Trunk, angles, rotate


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


def test_a_graph_of_a_table_holds_for_every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    table, x = Table(3, 2, std=1.0), torch.tensor([[0, 1, 2], [2, 1, 1]])
    few, many = table(x[:1]), table(x)
    assert torch.equal(few, many[:1])
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    monkeypatch.setattr(torch.Tensor, "numel", lambda x: pytest.fail("what is traced asks a size"))
    assert torch.equal(table(x), many)
