"""Blocks for sequences: one transformer trunk serves every network of the project.

- pre-norm with RMSNorm without gain (Zhang 2019, 1910.07467), no biases, and output projections
  that start at zero;
- rotary positions (Su 2021, 2104.09864) and normalised queries and keys (Henry 2020, 2010.04245);
- squared ReLU (So 2021, 2109.08668), and in each block a depthwise convolution (Gulati 2020,
  2005.08100);
- tables of n-grams beside the embedding of the token itself (vocabulary.py).

Legend: B batch, T tokens, D width, H heads, V vocabulary.
"""

from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Layer = TypeVar("Layer", bound=nn.Module)

# Adam moves a weight by about the learning rate each time that it has a gradient. Rows of a table
# seldom have one: what is looked up is multiplied by this, so that it learns as much faster.
GAIN = 5.0


def norm(x: Tensor) -> Tensor:
    """Scale each feature vector to a mean square of 1. x: [..., D]."""
    return F.rms_norm(x, (x.shape[-1],))


def zero(module: Layer) -> Layer:
    """Set all weights to 0: a residual branch starts as nothing, a head as its prior."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


class Table(nn.Embedding):
    """An embedding that learns `GAIN` times as fast as its weights move.

    Args:
        rows: how many vectors.
        width: of a vector.
        std: of the vectors before training.
        padding_idx: a row that is and stays zero, if any.
    """

    def __init__(
        self, rows: int, width: int, *, std: float, padding_idx: int | None = None
    ) -> None:
        super().__init__(rows, width, padding_idx=padding_idx)
        nn.init.normal_(self.weight, std=std / GAIN)
        self._fill_padding_idx_with_zero()

    def forward(self, x: Tensor) -> Tensor:
        """x: [...] int64 -> [..., width]."""
        # whichever is less to multiply; a graph would hold for sizes on one side of this alone
        if not torch.compiler.is_compiling() and self.num_embeddings < x.numel():
            return F.embedding(x, GAIN * self.weight, self.padding_idx)
        return GAIN * super().forward(x)


def angles(length: int, pairs: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of the angle for each position and pair: [T, pairs] each."""
    place = torch.arange(length, device=device)
    rate = 1000.0 ** (-torch.arange(pairs, device=device) / pairs)  # slowest: 6,000 tokens a turn
    angle = place[:, None] * rate
    return angle.cos(), angle.sin()


def rotate(x_BHTE: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Turn pairs of channels by the angles of their position: products depend on distances only."""
    a, b = x_BHTE.chunk(2, dim=-1)
    cos, sin = turn
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


class Block(nn.Module):
    """x + conv(norm(x)), x + attention(norm(x)), x + mlp(norm(x)). x: [B, T, D] -> [B, T, D].

    Args:
        width: D.
        heads: H, a divisor of D; D / H must be even.
        taps: positions that the convolution sees, an odd number; 0 for none.
        dropout: share of each branch's features that is hidden in training.
        causal: no position sees those after it.
    """

    def __init__(
        self, *, width: int, heads: int, taps: int, dropout: float, causal: bool = False
    ) -> None:
        super().__init__()
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.conv = None
        if taps:
            self.sides = (taps - 1, 0) if causal else (taps // 2, taps // 2)
            self.conv = zero(nn.Conv1d(width, width, taps, groups=width, bias=False))
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = zero(nn.Linear(width, width, bias=False))
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = zero(nn.Linear(4 * width, width, bias=False))
        self.scale = 1.5 * (heads / width) ** 0.5  # normalised, their products are small: sharpen

    def forward(self, x: Tensor, real: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """x: [B, T, D]; real: [B, T] bool, False at PAD, unseen by all; turn: see `angles`."""
        B, T, D = x.shape
        if self.conv is not None:
            h_BDT = F.pad((norm(x) * real[:, :, None]).transpose(1, 2), self.sides)
            x = x + self.conv(h_BDT).transpose(1, 2)
        qkv = self.qkv(norm(x)).view(B, T, 3, self.heads, -1)
        q_BHTE, k_BHTE, v_BHTE = qkv.permute(2, 0, 3, 1, 4)
        q_BHTE, k_BHTE = rotate(norm(q_BHTE), turn), rotate(norm(k_BHTE), turn)
        # PAD is at the end: who sees nothing later sees none of it
        seen = None if self.causal else real[:, None, None, :]
        h_BHTE = F.scaled_dot_product_attention(
            q_BHTE, k_BHTE, v_BHTE, attn_mask=seen, is_causal=self.causal, scale=self.scale
        )
        x = x + self.drop(self.out(h_BHTE.transpose(1, 2).reshape(B, T, D)))
        return x + self.drop(self.down(F.relu(self.up(norm(x))).square()))

    def drop(self, h: Tensor) -> Tensor:
        """Hide features in training. h: [B, T, D]."""
        return F.dropout(h, self.dropout, self.training)


class Trunk(nn.Module):
    """Embedded tokens -> features that have seen the sequence. h: [B, T, D] -> [B, T, D].

    Args:
        width: D.
        depth: number of blocks.
        heads, taps, dropout, causal: of each block.
    """

    def __init__(
        self,
        *,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        dropout: float,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.pairs, self.dropout = width // heads // 2, dropout
        self.blocks = nn.ModuleList(
            Block(width=width, heads=heads, taps=taps, dropout=dropout, causal=causal)
            for _ in range(depth)
        )

    def forward(self, h: Tensor, real: Tensor) -> Tensor:
        """h: [B, T, D]; real: [B, T] bool, False at PAD -> [B, T, D]."""
        turn = angles(h.shape[1], self.pairs, h.device)
        h = F.dropout(norm(h), self.dropout, self.training)
        for block in self.blocks:
            h = block(h, real, turn)
        return norm(h)
