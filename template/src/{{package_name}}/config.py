"""The configuration: composed by Hydra, checked before anything is built, built in one place.

Nothing here imports torch, so a misspelt key is refused in a fraction of a second.
"""

import errno
import math
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, InstantiationException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from .errors import UserError, fail, suggest

START = time.monotonic()  # about when the command was typed: a person's waiting counts from here
CONFIGS = Path(__file__).parents[2] / "configs"
PATHS = ("data.path", "data.name", "run_dir", "ckpt_path")  # settings that may be a path
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed", "bf16-true", "16-true", "64-true")
STORAGE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)  # a disk's no, and nobody's bug
BLOCKS = ("data", "network", "task", "optimizer", "trainer")  # each must say what it builds

OmegaConf.register_new_resolver("either", lambda a, b: b if a is None else a, replace=True)
OmegaConf.register_new_resolver(
    "fusable", lambda device, p: device != "tpu" and "mixed" not in str(p), replace=True
)
OmegaConf.register_new_resolver("times", lambda *factors: math.prod(factors), replace=True)


def launch(job: Callable[[DictConfig], Any], name: str = "train") -> None:
    """Compose configs/<name>.yaml with the command line and run `job` on it, or a sweep (-m)."""
    # Hydra then raises instead of printing its own half of the story and leaving with status 1
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        refuse_wheel()
    except UserError as error:
        fail(error)
    sys.argv[1:] = map(quoted, sys.argv[1:])

    def checked(cfg: DictConfig) -> None:
        try:
            check(cfg)
            job(cfg)
        except UserError as error:
            fail(error)
        except OSError as error:
            if error.errno not in STORAGE:
                raise
            where = error.filename or f"run_dir={cfg.get('run_dir')}"
            fail(f"{where}: {error.strerror}; once that is mended, go on by resume=auto")
        except Exception as error:  # not imported for its name: that would take seconds
            if type(error).__name__ != "MisconfigurationException":
                raise
            fail(f"trainer: {' '.join(str(error).split())}")

    try:
        hydra.main(config_path=str(CONFIGS), config_name=name, version_base="1.3")(checked)()
    except (HydraException, OmegaConfBaseException) as error:
        fail(explain(error))


def refuse_wheel() -> None:
    """Refuse what needs configs/, which a wheel does not carry: it evaluates and predicts."""
    if not (CONFIGS / "train.yaml").is_file():
        raise UserError(f"there is no {CONFIGS}: run in a checkout, or `pip install -e .` there")


def quoted(word: str) -> str:
    """Quote a path as Hydra asks for, so that people need not: it takes no ~, =, ( or # as it is.

    A word with a comma is left alone: it may be a sweep.
    """
    key, _, value = word.partition("=")
    if key not in PATHS or value in ("", "null") or value[0] in "'\"" or "," in value:
        return word
    escaped = value.replace("'", "\\'")
    return f"{key}='{escaped}'"


def compose(*overrides: str, name: str = "train") -> DictConfig:
    """Compose the config as `train` would, or another command, for tests and notebooks."""
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return hydra.compose(name, overrides=list(overrides))


def explain(error: Exception) -> str:
    """Say in one line which override is wrong, and what was probably meant."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.options is not None:
        group, _, option = str(error.missing_cfg_file).rpartition("/")
        hint = suggest(option, error.options)
        return (
            f"{group}={option}: there is no such option{hint}; allowed: {', '.join(error.options)}"
        )
    if found := re.search(r"Could not override '([^']+)'", text):
        hint = suggest(found[1], known_keys())
        add = f"; +{found[1]}=... adds an argument that the block's target takes"
        return f"{found[1]}: there is no such setting{hint}{add if '.' in found[1] else ''}"
    return " ".join(text.split())


def known_keys() -> list[str]:
    """Name every setting of the default config, and every group."""
    GlobalHydra.instance().clear()  # the failed command line may have left one behind
    keys = [key for key, _ in leaves(OmegaConf.to_container(compose()))]
    inner = {key.rpartition(".")[0] for key in keys} - {""}
    return keys + sorted(inner | {path.parent.name for path in CONFIGS.glob("*/*.yaml")})


def leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a config's leaves as (dotted key, value)."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, node


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# key -> (what holds, what is allowed, an example). Applied where the key exists.
RULES: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "seed": (
        lambda v: v is None or (_whole(v) and 0 <= v < 2**32),
        "a whole number from 0 to 2**32 - 1, or null for a new one each time",
        "0",
    ),
    "precision": (
        lambda v: v is None or v in PRECISIONS,
        f"{', '.join(PRECISIONS)}, or null for the trainer's own",
        "32-true",
    ),
    "accumulate": (lambda v: _whole(v) and v > 0, "a whole number of 1 or more", "1"),
    "lr_scale": (
        lambda v: v in (None, "linear", "sqrt"),
        "linear, sqrt, or null for optimizer.lr as it is",
        "sqrt",
    ),
    "compile": (lambda v: isinstance(v, bool), "true or false", "true"),
    "resume": (lambda v: v in (None, "auto"), "auto, or null for a new run", "auto"),
    "callbacks.last.every_s": (lambda v: _number(v) and v >= 0, "seconds, 0 or more", "60"),
    "threads": (lambda v: v is None or (_whole(v) and v > 0), "1 or more, or null for all", "1"),
    "optimizer.lr": (lambda v: _number(v) and v > 0, "a number above 0", "0.003"),
    "optimizer.weight_decay": (lambda v: _number(v) and v >= 0, "a number of 0 or more", "0.01"),
    "data.batch_size": (lambda v: _whole(v) and v > 0, "a whole number of 1 or more", "64"),
    "data.num_workers": (lambda v: _whole(v) and v >= 0, "a whole number of 0 or more", "0"),
    "data.num_classes": (
        lambda v: v is None or (_whole(v) and v >= 0),
        "a whole number of 0 or more, or null where the data tell",
        "10",
    ),
    "data.folds": (
        lambda v: v is None or (_whole(v) and v > 1),
        "a whole number of 2 or more, or null for the data's own split",
        "5",
    ),
    "data.fold": (lambda v: _whole(v) and v >= 0, "a whole number of 0 or more", "0"),
    "task.latent": (lambda v: _whole(v) and v > 0, "a whole number of 1 or more", "2"),
    "task.warmup": (lambda v: _number(v) and 0 <= v < 1, "a share from 0 to below 1", "0.05"),
    "trainer.max_epochs": (
        lambda v: v is None or (_whole(v) and (v == -1 or v > 0)),
        "a whole number of 1 or more, or -1 for no limit",
        "5",
    ),
    "trainer.max_steps": (
        lambda v: _whole(v) and (v == -1 or v > 0),
        "a whole number of 1 or more, or -1 for no limit",
        "500",
    ),
}


def check(cfg: DictConfig) -> None:
    """Refuse what cannot be meant, before anything is imported or built.

    Raises:
        UserError: naming the key, its value and what is allowed.
    """
    plain: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    if (CONFIGS / "train.yaml").is_file():  # else it is a checkpoint's, whose keys are known
        top = set(OmegaConf.to_container(OmegaConf.load(CONFIGS / "train.yaml")))  # type: ignore[arg-type]
        top |= {path.name for path in CONFIGS.iterdir() if path.is_dir()}
        for key in plain.keys() - top:
            raise UserError(f"{key}: nothing reads this setting{suggest(key, known_keys())}")
    for key, value in leaves(plain):
        if value == "":
            raise UserError(f"{key} is empty: give it a value ({key}=...) or null")
    for key, (holds, allowed, example) in RULES.items():
        value = OmegaConf.select(cfg, key, default=...)
        if value is not ... and not holds(value):
            raise UserError(
                f"{key}={value!r} is not allowed: {allowed}, for example {key}={example}"
            )
    blocks = {name: plain.get(name) for name in BLOCKS}
    blocks |= entries(plain, "callbacks") | entries(plain, "logger")
    if plain.get("baseline") is not None:
        blocks["baseline"] = plain["baseline"]
    for name, block in blocks.items():
        if not isinstance(block, dict) or not block.get("_target_"):
            given = sorted(block) if isinstance(block, dict) else block
            raise UserError(
                f"{name} has no _target_, so nothing would be built from {given}: "
                f"choose an option of the group ({name.split('.')[0]}=...) or write {name}._target_"
            )


def entries(cfg: Any, group: str) -> dict[str, Any]:
    """List what is switched on in a group of several: {"callbacks.progress": block, ...}."""
    found = {f"{group}.{name}": block for name, block in (cfg.get(group) or {}).items()}
    return {name: block for name, block in found.items() if block is not None}


def build(cfg: DictConfig, name: str, **given: Any) -> Any:
    """Build the object that block `name` describes; what fails shows its own cause.

    Raises:
        UserError: naming the block, its target and the real cause, with file and line.
    """
    node = OmegaConf.select(cfg, name)
    try:
        return hydra.utils.instantiate(node, _convert_="all", **given)
    except InstantiationException as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        if isinstance(cause, UserError):
            raise cause from None
        target = OmegaConf.select(node, "_target_")
        frames = [f for f in traceback.extract_tb(cause.__traceback__) if "hydra" not in f.filename]
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
        kind = "" if cause is error else f"{type(cause).__name__}: "
        message = " ".join(str(cause).split())
        raise UserError(f"{name}: could not build {target}: {kind}{message}{where}") from cause
