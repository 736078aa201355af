"""The objective for sequences, against values that are known beforehand."""

import math

import pytest
import torch

from ..likelihood import CrossEntropy
from ..tokens import PAD


def test_uniform_logits_cost_the_logarithm_of_the_vocabulary() -> None:
    x = torch.tensor([[5, 6, PAD], [7, PAD, PAD]])
    losses = CrossEntropy().losses(torch.zeros(2, 3, 20), x)
    assert losses.tolist() == pytest.approx([math.log(20)] * 2)
