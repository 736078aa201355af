"""The camera: each motion moves things the way its name says, and one frame does not tell which."""

import pytest
import torch
from torch import Tensor

from .. import camera
from ..camera import FRAMES, MOTIONS, SIZE, film, record

MIDDLE = (SIZE - 1) / 2


@pytest.fixture
def upright(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the camera straight above the middle of the photograph."""
    monkeypatch.setattr(camera, "VIEW", (40.0, 40.0))
    monkeypatch.setattr(torch, "pi", 0.0)  # no tilt


def spots(size: int = 80) -> Tensor:
    """A photograph of one bright spot: it fills the whole place where a camera may be."""
    line = torch.arange(size) - (size - 1) / 2
    spot = torch.exp(-((line - 6)[None] ** 2 + (line + 4)[:, None] ** 2) / 18)
    return (2 * spot - 1)[None].repeat(3, 1, 1)


def path(motion: str) -> Tensor:
    """Return where the spot is in each frame, from the middle: [T, 2] as x, y."""
    clip = record(spots(), torch.tensor([MOTIONS.index(motion)]), torch.Generator().manual_seed(0))
    weight = (clip[0, 0] + 1).clamp_min(0)
    line = torch.arange(SIZE) - MIDDLE
    mass = weight.sum(dim=(1, 2))
    x, y = (weight.sum(dim=1) @ line) / mass, (weight.sum(dim=2) @ line) / mass
    return torch.stack([x, y], dim=1)


@pytest.mark.parametrize(
    ("motion", "axis", "sign"),
    [("pan left", 0, 1), ("pan right", 0, -1), ("pan up", 1, 1), ("pan down", 1, -1)],
)
def test_things_move_against_a_pan(motion: str, axis: int, sign: int, upright: None) -> None:
    moved = path(motion).diff(dim=0)
    assert (sign * moved[:, axis] > 0.5).all()
    assert moved[:, 1 - axis].abs().max() < 0.1


def test_zoom_moves_things_outwards_or_inwards(upright: None) -> None:
    assert (path("zoom in").norm(dim=1).diff() > 0.05).all()
    assert (path("zoom out").norm(dim=1).diff() < -0.05).all()


def test_things_turn_against_the_camera(upright: None) -> None:
    for motion, sign in (("rotate left", 1), ("rotate right", -1)):
        x, y = path(motion).unbind(dim=1)
        assert (sign * torch.atan2(y, x).diff() > 0.03).all()  # clockwise, since y points down


def test_a_camera_that_stands_still_sees_the_same(upright: None) -> None:
    assert path("still").diff(dim=0).abs().max() == 0


def test_the_middle_of_a_clip_does_not_tell_the_motion() -> None:
    rng, photo = torch.Generator(), torch.rand(3, 200, 200, generator=torch.Generator()) * 2 - 1
    photo = torch.nn.functional.avg_pool2d(photo, 9, stride=1)
    halves = []
    for motion in range(len(MOTIONS)):
        clip = record(photo, torch.tensor([motion]), rng.manual_seed(3))[0]
        halves.append((clip[:, FRAMES // 2 - 1] + clip[:, FRAMES // 2]) / 2)
    assert max((half - halves[-1]).abs().max().item() for half in halves) < 0.05


def test_filming_depends_on_the_generator_alone() -> None:
    photo, motion = spots(200), torch.arange(9)
    photo = photo + torch.linspace(-1, 1, 200)
    one, two, other = (film(photo, motion, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert one.shape == (9, 3, FRAMES, SIZE, SIZE)
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
