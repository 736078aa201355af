"""Optical flow, on motions that are known beforehand."""

import torch

from ..camera import MOTIONS
from ..datamodule import DataModule
from ..optical_flow import motion


def test_flow_names_the_pan_the_zoom_and_the_rotation(data: DataModule) -> None:
    split = data.splits["test"]
    mean = torch.stack([motion(split.x[split.y == c]).median(dim=0).values for c in range(9)])
    signs = {"pan left": (0, 1), "pan right": (0, -1), "pan up": (1, 1), "pan down": (1, -1)}
    signs |= {"zoom in": (2, 1), "zoom out": (2, -1)}
    signs |= {"rotate left": (3, 1), "rotate right": (3, -1)}
    for name, (column, sign) in signs.items():
        row = mean[MOTIONS.index(name), :4]
        assert row.abs().argmax() == column, name
        assert sign * row[column] > 0.2, name
    assert mean[MOTIONS.index("still")].abs().max() < 1e-6
