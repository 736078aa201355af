"""Recordings of your own: `data=folder data.path=...`."""

from pathlib import Path
from typing import Any

from torch import Tensor

from .clips import Clips
from .errors import UserError
from .files.kept import Kept
from .files.rows import Pair
from .recording import RATE_HZ, fit, read
from .voices import PEAK

LAG_S = 0.05  # that a recording with noise may be shorter or longer


class Own(Kept, Clips):
    """Recordings in class folders, or in any folder, or with a metadata.csv beside them."""

    def example(self, source: str | Path) -> Tensor:
        """Read a recording as x: [L]: its loudest stretch, all of one length.

        Raises:
            UserError: naming the file, if it is no recording, or a silent one.
        """
        x = fit(self.read(source), self.length)
        if not x.any():
            raise UserError(f"input={source} is silent: every sample is 0")
        return x

    def both(self, source: Any) -> tuple[Tensor, Tensor | None]:
        """Read a recording, and the same stretch of it with noise, made as loud: [L] each."""
        if not isinstance(source, Pair):
            return super().both(source)
        x, noisy = read(source.clean), read(source.noisy)
        if abs(len(x) - len(noisy)) > LAG_S * RATE_HZ:
            lengths = f"{len(x) / RATE_HZ:.2f} s, and {len(noisy) / RATE_HZ:.2f} s with noise"
            raise UserError(f"it takes {lengths}: both must be the same recording")
        x, noisy = x[: len(noisy)], noisy[: len(x)]
        if not (peak := x.abs().max()):
            raise UserError("it is silent: every sample is 0")
        gain = 1 if self.running else sum(PEAK) / 2 / peak
        return fit(x, self.length) * gain, fit(noisy, self.length, by=x) * gain
