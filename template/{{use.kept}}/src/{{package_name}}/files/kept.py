"""Decoded examples that are kept for the next run: `data.cache=true`.

A run reads each example once in any case (folder.py). Where that takes minutes, as for long films
and recordings, the next run need not do it again. What is kept is named by all that it follows
from: where the file lies, when it was last written and how large it is, the settings, the code of
this package and the libraries that decode. So what is stale is never found. A file is written
beside its place and then moved there, so none is half written.

Legend: *S shape of one example.
"""

import hashlib
import importlib.metadata
import os
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .collection import Blob
from .folder import Folder
from .rows import Pair

PACKAGE = Path(__file__).parents[1]
# settings that change nothing in an example; where the data lie is in the name of each file
ASIDE = {"batch_size", "num_classes", "num_workers", "seed", "path", "memory_mb", "on_error"}
ASIDE |= {"folds", "fold", "cache", "found", "trouble", "number", "name", "classes", "told"}
ASIDE |= {"left_out"}


def installed() -> list[str]:
    """List the packages of this environment: any of them may have a part in decoding."""
    return sorted(f"{d.name} {d.version}\n" for d in importlib.metadata.distributions())


class Kept(Folder):
    """A folder whose decoded examples may be kept.

    Args:
        cache: whether they are.
        **data: what every folder takes.
    """

    def __init__(self, *, cache: bool, **data) -> None:
        super().__init__(**data)
        self.cache = cache
        self.found = 0  # examples that were decoded before
        self.trouble = ""  # why no more is kept, if so

    @cached_property
    def home(self) -> Path:
        """The folder of what is kept."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        return cache / "what-next" / "examples"

    @cached_property
    def recipe(self) -> bytes:
        """A number for how an example is decoded: settings, code and libraries."""
        plain = int | float | str | bool | None | list | tuple
        known = {k: v for k, v in vars(self).items() if k not in ASIDE and isinstance(v, plain)}
        found = hashlib.blake2b(repr((type(self).__name__, sorted(known.items()))).encode())
        for path in sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("files/*.py")]):
            found.update(path.read_bytes())
        found.update("".join(installed()).encode())
        return found.digest()

    def once(self, source: Any) -> tuple[Tensor, Tensor | None]:
        """Read an example, and the same with noise where that is, if not from what is kept."""
        if not self.cache:
            return super().once(source)
        key = hashlib.blake2b(self.recipe, digest_size=16)
        for part in identity(source):
            key.update(part)
        path = self.home / key.hexdigest()[:2] / f"{key.hexdigest()}.npz"
        if (known := load(path)) is not None:
            self.found += 1
            return known
        x, noisy = super().once(source)
        parts = {"x": x} if noisy is None else {"x": x, "noisy": noisy}
        if not self.trouble:
            try:
                save(path, {name: part.numpy() for name, part in parts.items()})
            except OSError as error:  # a full disk is no reason not to train
                self.trouble = f"{self.home} cannot be written ({error.strerror})"
        return x, noisy

    def tell(self, folder: Path) -> list[str]:
        """Say what was found, and how much of it was decoded before."""
        lines = super().tell(folder)
        if self.cache:
            kept = self.trouble or f"what is decoded is kept in {self.home}"
            lines.append(f"data.cache=true: {self.found:,} were decoded before; {kept}")
        return lines


def identity(source: Any) -> Iterator[bytes]:
    """Say which example this is, and in which state."""
    if isinstance(source, Blob):
        yield source.suffix.encode()
        yield hashlib.blake2b(source.content).digest()
    elif isinstance(source, Pair):
        yield b"pair"
        for path in source:
            yield from identity(path)
    else:
        path = Path(source)
        for file in (path, *(sorted(path.iterdir()) if path.is_dir() else ())):  # frames of a film
            state = file.stat()
            where = os.fsencode(file.absolute())
            yield repr((where, state.st_mtime_ns, state.st_size)).encode()


def load(path: Path) -> tuple[Tensor, Tensor | None] | None:
    """Read what was kept; None where there is nothing, or nothing whole."""
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            parts = {name: torch.from_numpy(file[name]) for name in file.files}
        return parts["x"], parts.get("noisy")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def save(path: Path, parts: dict[str, np.ndarray]) -> None:
    """Write arrays beside their place, and move them there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            np.savez(file, **parts)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
