"""A network that hears: the encoder on the log-mel spectrogram of a wave, part of it hidden.

The spectrogram is a part of the network, so a checkpoint takes waves and nothing else has to know
how to make one; on a CPU it costs 2 ms of a step on 32 clips.

Legend: B batch, L samples, M mel bands, T frames.
"""

from torch import Tensor
from torchaudio.transforms import FrequencyMasking, TimeMasking

from .encoder import Encoder
from .mel import LogMel


class Listener(Encoder):
    """Map a wave to a vector. x: [B, L] -> [B, outputs].

    Args:
        bands: number M of mel bands.
        hide_bands: most neighboring bands that are hidden in training, each time anew (SpecAugment,
            Park 2019, 1904.08779).
        hide_frames: the same of neighboring frames.
        **encoder: what the encoder takes.
    """

    def __init__(self, *, bands: int, hide_bands: int, hide_frames: int, **encoder) -> None:
        super().__init__(dims=2, inputs=1, **encoder)
        self.mel = LogMel(bands=bands)
        self.hide_bands = FrequencyMasking(hide_bands, iid_masks=True)
        self.hide_frames = TimeMasking(hide_frames, iid_masks=True)

    def features(self, x: Tensor) -> Tensor:
        """x: [B, L] -> [B, D]."""
        mel = self.mel(x)
        if self.training:  # what is hidden is 0, the mean of speech
            mel = self.hide_frames(self.hide_bands(mel))
        return super().features(mel)
