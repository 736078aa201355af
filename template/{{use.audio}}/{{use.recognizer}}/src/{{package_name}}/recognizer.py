"""The recognizer: from a wave to the probability of each letter in each frame of 20 ms.

The spectrogram is part of the network, so a checkpoint takes waves. In training, neighboring bands
of it are hidden (SpecAugment, Park 2019, 1904.08779). A convolution halves the frames, and the
transformer with convolutions that serves all sequences (a Conformer in this use: Gulati 2020,
2005.08100) reads them.

Legend: B batch, L samples, M mel bands, T frames, D width, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchaudio.transforms import FrequencyMasking

from .alphabet import Alphabet
from .blocks import zero
from .frames import FrameTrunk
from .mel import LogMel
from .recording import RATE_HZ
from .waves import extent

HOP = 80  # samples from one frame of the spectrogram to the next: 10 ms
STRIDE = 2  # frames of the spectrogram for each frame of the output
FRAME_S = STRIDE * HOP / RATE_HZ


class Recognizer(nn.Module):
    """Hear letters. x: [B, L] -> log-probabilities [B, T, V], frames that count [B].

    Args:
        alphabet: the letters that it can say; V with the special tokens.
        bands: M, of the spectrogram.
        hide_bands: most neighboring bands that are hidden in training, each time anew.
        width: D, features of a frame.
        depth: number of blocks.
        heads: of the attention, a divisor of the width.
        taps: frames that the convolution of a block sees, an odd number.
        dropout: share of the features hidden in training.
    """

    def __init__(
        self,
        *,
        alphabet: str,
        bands: int,
        hide_bands: int,
        width: int,
        depth: int,
        heads: int,
        taps: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.mel, self.hide = LogMel(bands=bands, hop=HOP), FrequencyMasking(hide_bands, True)
        self.stem = nn.Conv1d(bands, width, 5, stride=STRIDE, padding=2)
        self.trunk = FrameTrunk(width=width, depth=depth, heads=heads, taps=taps, dropout=dropout)
        self.alphabet = Alphabet(alphabet)
        self.head = zero(nn.Linear(width, self.alphabet.size))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x: [B, L], silence behind each wave -> [B, T, V], [B]."""
        mel = self.mel(x)
        if self.training:
            mel = self.hide(mel)
        frames = 1 + extent(x) // HOP
        real = torch.arange(mel.shape[3], device=x.device) < frames[:, None]
        # what is filled in is 0, which is what the convolution sees beyond the end
        h = F.silu(self.stem(mel[:, 0] * real[:, None])).mT
        frames = (frames + STRIDE - 1) // STRIDE
        real = torch.arange(h.shape[1], device=x.device) < frames[:, None]
        return self.head(self.trunk(h, real)).log_softmax(dim=2), frames
