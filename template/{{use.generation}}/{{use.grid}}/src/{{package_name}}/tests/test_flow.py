"""Flow matching, against values that are known beforehand."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ..baseline import Gaussians, moments
from ..datamodule import DataModule
from ..errors import UserError
from ..flow import Flow
from ..solver import midpoint
from ..view import SUFFIX
from .conftest import batch_of


def test_an_untrained_network_errs_by_the_whole_velocity(task: Flow, data: DataModule) -> None:
    task.eval()
    batch = batch_of(data, [*range(7)])
    noise, t = task.draw(batch.index)
    expected = (
        (task.encode(batch.x) - noise).square().flatten(1).mean(dim=1)
    )  # the head starts at 0
    assert torch.allclose(task.losses(batch), expected)
    assert ((t > 0) & (t < 1)).all()


def test_noise_at_evaluation_does_not_depend_on_the_batch(task: Flow) -> None:
    task.eval()
    both, second = task.draw(torch.tensor([3, 5])), task.draw(torch.tensor([5]))
    assert torch.equal(both[0][1:], second[0])
    assert torch.equal(both[1][1:], second[1])


def test_a_straight_line_is_followed_exactly() -> None:
    start, end = torch.randn(2, 3), torch.randn(2, 3)
    *_, last = midpoint(lambda x, t: end - start, start, 3)
    assert torch.allclose(last, end, atol=1e-6)


def test_the_midpoint_rule_is_of_second_order() -> None:
    def miss(steps: int) -> float:  # dx/dt = x: x(1) = e x(0)
        *_, last = midpoint(lambda x, t: x, torch.ones(1, dtype=torch.float64), steps)
        return abs(float(last) - 2.718281828459045)

    assert miss(8) / miss(16) == pytest.approx(4, rel=0.1)


def test_guidance_mixes_known_and_unknown(task: Flow) -> None:
    torch.manual_seed(0)
    for parameter in task.network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    x, t, y = torch.randn(2, *task.size), torch.full((2,), 0.5), task.in_turn(2)
    known = task.network(x, t, y)
    free = task.network(x, t, torch.full_like(y, task.unknown))

    def guided(guidance: float) -> Tensor:
        task.flow.guidance = guidance
        return task.velocity(x, 0.5, y)

    assert torch.equal(guided(1), known)
    assert torch.allclose(guided(0), free, atol=1e-5)
    assert torch.allclose(guided(2), 2 * known - free, atol=1e-4)


def test_another_size_is_refused(task: Flow, data: DataModule) -> None:
    task.size = (1, 2, 2)
    with pytest.raises(UserError, match=r"network.size=\[1, 2, 2\]"):
        task.check(data)


def test_samples_are_left_to_be_seen_or_heard(trained: tuple[Path, dict[str, Any]]) -> None:
    folder = trained[0]
    assert (folder / f"row{SUFFIX}").stat().st_size > 100
    lines = (folder / "report.md").read_text().splitlines()
    (line,) = (line for line in lines if line.endswith(f"(row{SUFFIX})"))
    assert line.startswith("!") == (SUFFIX != ".wav")


def test_the_baseline_does_not_depend_on_what_ran_before(task: Flow, data: DataModule) -> None:
    drawn = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        baseline = Gaussians(components=[3]).fit(data, task.eval())
        drawn.append(baseline.predict(task.in_turn(4)))
        assert torch.initial_seed() == seed
    assert torch.equal(*drawn)


def test_moments_are_those_of_each_class() -> None:
    rng = torch.Generator().manual_seed(0)
    root = torch.tensor([[2.0, 0.0], [1.0, 0.5]])
    z = torch.randn(20_000, 2, generator=rng) @ root.T + torch.tensor([3.0, -1.0])
    y = torch.zeros(20_000, dtype=torch.long)
    centers, roots = moments(z, y)
    assert torch.allclose(centers[0], torch.tensor([3.0, -1.0]), atol=0.05)
    assert torch.allclose(roots[0] @ roots[0].T, root @ root.T, atol=0.1)
