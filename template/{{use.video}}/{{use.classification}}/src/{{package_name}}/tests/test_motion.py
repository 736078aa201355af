"""Motion: what the networks see of a clip, and a baseline that measures motions it is shown."""

import pytest
import torch

from ..camera import MOTIONS
from ..config import build, compose
from ..data import Camera
from ..datamodule import DataModule, Split
from ..features import features
from ..motion import FrameEncoder, contrast, see
from ..one_frame import OneFrame
from ..task import Task
from .conftest import batch_of


def frame_encoder() -> FrameEncoder:
    return FrameEncoder(outputs=9, width=8, multiples=[1, 2], depth=1, patch=[4, 4], dropout=0.0)


def test_contrast_has_no_mean_and_unit_variance() -> None:
    x = contrast(torch.rand(5, 1, 8, 32, 32) * torch.tensor([0.2, 1, 2, 3, 4]).view(5, 1, 1, 1, 1))
    assert x.flatten(1).mean(dim=1).abs().max() < 1e-5
    assert x.flatten(1).std(dim=1).tolist() == pytest.approx([1.0] * 5, rel=1e-5)


def test_brightness_and_contrast_of_a_clip_do_not_matter(data: DataModule) -> None:
    x = batch_of(data, [*range(8)]).x
    assert torch.allclose(see(0.5 * x + 0.3), see(x), atol=1e-4)


def test_nothing_changes_before_a_still_camera(data: DataModule) -> None:
    rows = (data.splits["val"].y == MOTIONS.index("still")).nonzero()[:4, 0].tolist()
    grey, change = see(batch_of(data, rows).x).unbind(dim=1)
    assert grey.std() > 0.9
    assert change.abs().max() < 1e-3
    moving = see(batch_of(data, [0]).x)[0, 1]
    assert moving.std() == pytest.approx(1.0, abs=0.01)
    assert moving[-1].abs().max() == 0


def test_a_network_of_one_frame_sees_no_other(data: DataModule) -> None:
    x, network = batch_of(data, [*range(8)]).x, frame_encoder().eval()
    torch.nn.init.normal_(network.get_parameter("head.weight"))
    other = x.clone()
    other[:, :, :4], other[:, :, 5:] = 0.5, -0.5
    assert torch.equal(network(other), network(x))
    assert not torch.allclose(network(x.roll(2, dims=2)), network(x))


def test_the_network_sees_time(task: Task, data: DataModule) -> None:
    x = batch_of(data, [*range(8)]).x
    torch.nn.init.normal_(task.network.get_parameter("head.weight"))
    task.eval()
    assert not torch.allclose(task.network(x.flip(2)), task.network(x), atol=1e-3)


def test_flow_names_the_pan_the_zoom_and_the_rotation(data: DataModule) -> None:
    split = data.splits["test"]
    mean = torch.stack(
        [torch.from_numpy(features([split.x[split.y == c]])).median(dim=0).values for c in range(9)]
    )
    signs = {"pan left": (0, 1), "pan right": (0, -1), "pan up": (1, 1), "pan down": (1, -1)}
    signs |= {"zoom in": (2, 1), "zoom out": (2, -1)}
    signs |= {"rotate left": (3, 1), "rotate right": (3, -1)}
    for name, (column, sign) in signs.items():
        row = mean[MOTIONS.index(name), :4]
        assert row.abs().argmax() == column, name
        assert sign * row[column] > 0.2, name
    assert mean[MOTIONS.index("still")].abs().max() < 1e-6


def test_the_baseline_is_the_same_in_every_process(task: Task, data: DataModule) -> None:
    x = batch_of(data, [*range(8)]).x
    few, split = Camera(turn=False, batch_size=16), data.splits["train"]
    few.splits = {"train": Split(split.x[:64], split.y[:64], split.groups[:64])}
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        fitted = OneFrame(name="one", network=frame_encoder, epochs=1, lr=0.01).fit(few, task)
        with torch.no_grad():
            found.append(fitted.predict(x))
        assert torch.initial_seed() == seed
    assert torch.equal(*found)
    assert found[0].sum(dim=1).tolist() == pytest.approx([1.0] * 8)


@pytest.mark.parametrize("name", ["frame", "motion"])
def test_each_network_fits_the_data(name: str, data: DataModule) -> None:
    network = build(compose(f"network={name}"), "network")
    assert network(batch_of(data, [0, 1]).x).shape == (2, 9)


@pytest.mark.parametrize("name", ["one_frame", "flow"])
def test_each_baseline_can_be_built(name: str) -> None:
    assert build(compose(f"baseline={name}"), "baseline").name
