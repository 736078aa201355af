"""Synthetic speech: a plan of utterances is spoken once, by a child process, and kept in a cache.

A corpus is nothing but its plan: the cache is keyed by it, so a changed plan is spoken anew, and
projects with the same plan share what one of them has made.
"""

import collections
import contextlib
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from . import espeak
from .errors import UserError
from .espeak import Utterance
from .recording import RATE_HZ


def speak(name: str, plan: Sequence[Utterance]) -> list[Tensor]:
    """Return the wave of each utterance of a plan, in order.

    Args:
        name: of the corpus, for the file and for messages.
        plan: what to say; the whole of it decides each wave, since the engine keeps a state.

    Returns:
        waves [L] float32 of peak 1, without silence at both ends.

    Raises:
        UserError: espeak-ng is missing or does not run here, or the cache cannot be used.
    """
    path = cached(name, plan)
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # beside its target, so that replace() is atomic: two processes that make it at once
            # both leave it whole
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                make(name, plan, Path(folder) / path.name)
                (Path(folder) / path.name).replace(path)
        except OSError as error:
            raise UserError(
                f"the corpus {name} needs {path}, which cannot be written ({error.strerror}): "
                "set XDG_CACHE_HOME to a folder that can"
            ) from None
    try:
        with np.load(path, allow_pickle=False) as file:
            whole = torch.from_numpy(file["waves"].astype(np.float32) / 32767)
            return list(whole.split(file["lengths"].tolist()))
    except Exception as error:  # zipfile, zlib and numpy each have their own
        raise UserError(f"{path} is damaged ({error}): delete it and run again") from None


def cached(name: str, plan: Sequence[Utterance]) -> Path:
    """Say where a corpus is kept: named by all that it depends on."""
    try:
        version = importlib.metadata.version("espeakng-loader")
    except importlib.metadata.PackageNotFoundError:
        raise UserError(
            f"the corpus {name} needs the package espeakng-loader: install it (uv sync)"
        ) from None
    key = json.dumps([version, RATE_HZ, espeak.SEED, espeak.SILENCE, plan])
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    digest = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
    return cache / "what-next" / f"speech-{name}-{digest}.npz"


def make(name: str, plan: Sequence[Utterance], path: Path) -> None:
    """Have a child process speak the plan into `path`, and show how far it is."""
    title = f"espeak-ng speaks the corpus {name}, {len(plan):,} utterances, once"
    live = sys.stdout.isatty()
    if not live:
        print(title, flush=True)
    with (
        path.with_suffix(".errors").open("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            [sys.executable, "-m", espeak.__name__, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            # it finds this package however this process did, in a notebook for example
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        ) as child,
    ):
        assert child.stdin and child.stdout  # both are pipes
        # it reads the whole plan before it speaks; where it ends earlier, it says why in `errors`
        with contextlib.suppress(BrokenPipeError), child.stdin:
            json.dump(plan, child.stdin)
        signs = track(child.stdout, title, total=len(plan) // espeak.EVERY, disable=not live)
        collections.deque(signs, maxlen=0)
        if child.wait():
            errors.seek(0)
            said = errors.read().strip().splitlines() or [f"status {child.returncode}"]
            raise UserError(f"the corpus {name} could not be spoken: {said[-1]}")
