"""Distances of sets, against values that are known beforehand."""

import pytest
import torch

from ..distances import Space, coverage_and_density, embed, kernel_distance, nearest


def draw(num: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(num, 8, generator=torch.Generator().manual_seed(seed)) + shift


def test_the_kernel_distance_is_unbiased() -> None:
    same = [kernel_distance(draw(50, 2 * s), draw(50, 2 * s + 1)) for s in range(200)]
    mean = torch.tensor(same).mean().item()
    error = torch.tensor(same).std().item() / 200**0.5
    assert abs(mean) < 4 * error
    assert min(same) < 0 < max(same)


def test_the_kernel_distance_of_moved_sets_is_known() -> None:
    # with D = 1 and the kernel (a b + 1)^3, for constants a and b: k(a,a) + k(b,b) - 2 k(a,b)
    a, b = torch.full((5, 1), 1.0), torch.full((4, 1), 2.0)
    assert kernel_distance(a, b) == pytest.approx(2**3 + 5**3 - 2 * 3**3)


def test_a_set_covers_itself() -> None:
    real = draw(100, 0)
    coverage, density = coverage_and_density(real, real)
    assert coverage == 1.0
    assert density == pytest.approx(1.0, abs=0.01)  # 5 within reach beside itself, at the border
    assert coverage_and_density(real, real + 100) == (0.0, 0.0)
    assert coverage_and_density(real, real[:1].expand(50, -1))[0] < 0.3  # one mode only


@pytest.mark.parametrize("size", [(1, 9, 12), (2, 4, 8, 8)])
def test_features_are_always_the_same(size: tuple[int, ...]) -> None:
    x = torch.randn(6, *size)
    assert torch.equal(embed(x), embed(x))
    features = Space(x)(x)
    assert features.mean().item() == pytest.approx(0, abs=1e-5)
    assert features.square().mean().item() == pytest.approx(1, rel=1e-4)


def test_a_copy_is_at_distance_zero() -> None:
    train = draw(20, 0)
    distance, rows = nearest(train[[7, 3]], train)
    assert rows.tolist() == [7, 3]
    assert distance.max().item() < 1e-3


def test_few_examples_reach_as_far_as_they_can() -> None:
    line = torch.tensor([[0.0], [1.0], [3.0]])  # reach 3, 2 and 3
    coverage, density = coverage_and_density(line, torch.tensor([[2.5], [5.5]]))
    assert coverage == 1.0
    assert density == 4 / 2 / 2
    assert coverage_and_density(line[:1], line) == (0.0, 0.0)
