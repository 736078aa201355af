"""The folder of one run: decided once, the same for all ranks, never one that is already there."""

import json
import os
import platform
import secrets
import subprocess
import sys
import time
import zlib
from importlib import metadata
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from ..config import START
from ..errors import UserError

CHOSEN = "WHAT_NEXT_RUN_DIR"  # how a process tells the ranks that it starts


def rank() -> int:
    """Return this process's rank, as its launcher says it; 0 without a launcher."""
    return int(
        os.environ.get("RANK")
        or os.environ.get("SLURM_PROCID")
        or os.environ.get("LOCAL_RANK")
        or 0
    )


def same_command(folder: Path) -> list[str]:
    """Return the words that go on with this run in its folder."""
    job = HydraConfig.get() if HydraConfig.initialized() else None
    words = list(job.overrides.task) if job is not None else []
    kept = [w for w in words if w.partition("=")[0] not in ("run_dir", "resume", "ckpt_path")]
    return ["uv", "run", "train", *kept, f"run_dir={folder}", "resume=auto"]


def began() -> float:
    """Return about when the command was typed; in a sweep, later runs begin when they are asked."""
    job = HydraConfig.get() if HydraConfig.initialized() else None
    later = job is not None and job.mode == RunMode.MULTIRUN and job.job.num
    return time.monotonic() if later else START


def launched() -> str | None:
    """Return the number of the job whose launcher started this process, if one did."""
    job = os.environ.get("SLURM_JOB_ID") or os.environ.get("TORCHELASTIC_RUN_ID")
    return None if job == "none" else job


def draw_seed() -> int:
    """Draw a seed, the same on all ranks: each takes its share of one order of the examples."""
    if rank() > 0 and "PL_GLOBAL_SEED" in os.environ:  # from the process that started this one
        return int(os.environ["PL_GLOBAL_SEED"])
    job = launched()
    return zlib.crc32(job.encode()) if job else secrets.randbits(32)


def locate(wanted: str | None) -> Path | None:
    """Find the run's folder where it follows from the settings; None where it is a new one.

    Args:
        wanted: `run_dir` of the config, or None.
    """
    if rank() > 0 and CHOSEN in os.environ:
        return Path(os.environ[CHOSEN])
    job = HydraConfig.get() if HydraConfig.initialized() else None
    if wanted is not None:
        return Path(wanted).expanduser().absolute()
    if job is not None and job.mode == RunMode.MULTIRUN:
        return Path(job.sweep.dir, job.sweep.subdir).absolute()
    if (number := launched()) is not None:
        # ranks that were started apart agree by the launcher's own number
        return Path("runs", f"job-{number}").absolute()
    return None


def choose(wanted: str | None, *, resume: str | None = None, auto: bool = False) -> Path:
    """Decide and create the run's folder.

    Args:
        wanted: `run_dir` of the config, or None for runs/<date>_<time>.
        resume: the checkpoint that is gone on from: its own run's folder may be gone on with.
        auto: whatever the folder holds is gone on with.

    Raises:
        UserError: if the folder holds another run, or cannot be written.
    """
    folder = locate(wanted)
    if folder is None:
        folder = fresh(Path("runs", time.strftime("%Y-%m-%d_%H-%M-%S")).absolute())
    if rank() == 0:
        again = int(
            os.environ.get("TORCHELASTIC_RESTART_COUNT")
            or os.environ.get("SLURM_RESTART_COUNT")
            or 0
        )
        own = resume is not None and folder in Path(resume).expanduser().absolute().parents
        if (folder / "config.yaml").exists() and not own and not again and not auto:
            raise UserError(
                f"run_dir={folder} holds a run already: choose another folder, "
                "or go on with that run by resume=auto"
            )
        make(folder)
        os.environ[CHOSEN] = str(folder)
    return folder


def make(folder: Path) -> None:
    """Create a folder, and see that it can be written.

    Raises:
        UserError: if it cannot.
    """
    trial = folder / f".{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise unwritable(folder, error) from None


def unwritable(folder: Path, error: OSError) -> UserError:
    """Say why a folder cannot be written."""
    return UserError(
        f"run_dir={folder} cannot be written ({error.strerror}): choose another folder"
    )


def fresh(folder: Path) -> Path:
    """Create the folder, or folder-2, folder-3, ...: two runs of the same second stay apart."""
    for number in range(1, 1000):
        path = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise unwritable(path, error) from None
        return path
    raise UserError(f"run_dir: {folder} and 999 more are taken: set run_dir to another folder")


def fresh_file(path: Path) -> Path:
    """Return the path, or path-2, path-3, ...: the first that is not there."""
    numbered = (path.with_stem(f"{path.stem}-{n}") for n in range(2, 1000))
    return path if not path.exists() else next(p for p in numbered if not p.exists())


def environment() -> dict[str, Any]:
    """Describe what a result depends on besides the config."""
    packages = {}
    for name in ("torch", "pytorch-lightning", "hydra-core", "numpy"):
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "git": revision(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "packages": packages,
    }


def revision() -> str | None:
    """Return the git commit, with `+` where files differ from it; None outside a repository."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + (
            "+" if git("status", "--porcelain") else ""
        )
    except (OSError, subprocess.SubprocessError):
        return None


def write_json(path: Path, content: Any) -> None:
    """Write plain values, readable by people."""
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
