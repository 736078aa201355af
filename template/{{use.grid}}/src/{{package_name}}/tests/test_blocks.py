"""Grid blocks: identities with known answers."""

import pytest
import torch

from ..blocks import Block, Space, Time, fold, halvings, pad_to, unfold, up


@pytest.mark.parametrize(("shape", "patch"), [((2, 3, 8, 6), (2, 3)), ((2, 3, 4, 8, 6), (1, 2, 2))])
def test_unfold_undoes_fold(shape: tuple[int, ...], patch: tuple[int, ...]) -> None:
    x = torch.randn(shape)
    folded = fold(x, patch)
    assert folded.numel() == x.numel()
    assert torch.equal(unfold(folded, patch), x)


@pytest.mark.parametrize("dims", [2, 3])
def test_a_block_starts_as_the_identity(dims: int) -> None:
    x = torch.randn(2, 8, *[4] * dims)
    assert torch.equal(Block(dims, 8, 8)(x), x)


def test_a_condition_scales_and_shifts() -> None:
    torch.manual_seed(0)
    block, x, c = Block(2, 8, 8, condition=3), torch.randn(2, 8, 4, 4), torch.randn(2, 3)
    torch.nn.init.normal_(block.conv2.weight)  # type: ignore[arg-type]
    plain = Block(2, 8, 8)
    plain.load_state_dict({k: v for k, v in block.state_dict().items() if "film" not in k})
    assert torch.equal(block(x, c), plain(x))  # nothing is told before training
    torch.nn.init.normal_(block.film.weight)  # type: ignore[union-attr]
    assert not torch.allclose(block(x, c), plain(x), atol=1e-3)


def test_up_repeats() -> None:
    assert up(torch.tensor([[[[1.0, 2.0]]]])).tolist() == [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]


def test_padding_reaches_the_next_multiple() -> None:
    assert pad_to(torch.zeros(1, 1, 5, 8), [4, 4]).shape == (1, 1, 8, 8)
    assert halvings(2, [2, 2], 3) == [8, 8]
    assert halvings(3, [1, 2, 2], 2) == [1, 4, 4]


def test_space_and_time_are_convolutions_of_three_dimensions() -> None:
    x = torch.randn(2, 3, 5, 6, 4)
    space, time = Space(3, 8, 3, padding=1), Time(8, 8, (3, 1), padding=(1, 0))
    whole = torch.nn.functional.conv3d(x, space.weight[:, :, None], space.bias, padding=(0, 1, 1))
    assert torch.allclose(space(x), whole, atol=1e-5)
    both = torch.nn.functional.conv3d(whole, time.weight[..., None], time.bias, padding=(1, 0, 0))
    assert torch.allclose(time(space(x)), both, atol=1e-5)
