"""The configuration is honoured or refused, never ignored."""

import subprocess
import sys
from pathlib import Path

import pytest

from ..config import CONFIGS, build, check, compose, quoted
from ..errors import UserError

PACKAGE = __name__.rpartition(".tests.")[0]


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("seed=-1", ["seed", "-1", "whole number"]),
        ("seed=1.5", ["seed", "1.5"]),
        ("threads=0", ["threads", "0", "1 or more"]),
        ("optimizer.lr=", ["optimizer.lr", "empty"]),
        ("optimizer.lr=-1", ["optimizer.lr", "-1", "above 0"]),
        ("optimizer.lr=fast", ["optimizer.lr", "fast"]),
        ("data.batch_size=0", ["data.batch_size", "1 or more"]),
        ("trainer.max_epochs=0", ["trainer.max_epochs", "0"]),
        ("+nonsense=1", ["nonsense", "nothing reads"]),
        ("+logger.wandb.project=x", ["logger.wandb", "_target_"]),
        ("precision=16", ["precision=16", "bf16-mixed"]),
        ("accumulate=0", ["accumulate=0", "1 or more"]),
        ("compile=1", ["compile=1", "true or false"]),
        ("resume=yes", ["resume='yes'", "auto"]),
        ("+callbacks.stop.patience=3", ["callbacks.stop", "_target_"]),
        ("~network._target_", ["network", "_target_"]),
    ],
)
def test_refused_before_anything_is_built(override: str, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        check(compose(override))
    assert all(word in str(caught.value) for word in words)


def test_defaults_pass() -> None:
    check(compose())


def test_seed_zero_is_a_seed() -> None:
    check(compose("seed=0"))
    assert compose("seed=0").seed == 0


OPTIONS = [p for p in sorted(CONFIGS.glob("*/*.yaml")) if p.parent.name != "hydra"]


@pytest.mark.parametrize("path", OPTIONS, ids=lambda p: f"{p.parent.name}={p.stem}")
def test_every_option_composes(path: Path) -> None:
    group = path.parent.name
    name = group if group in ("check", "sweep") else "train"  # commands with a group of their own
    check(compose(f"{group}={path.stem}", name=name))


def test_failing_target_shows_its_cause() -> None:
    cfg = compose()
    cfg.network._target_ = f"{PACKAGE}.nowhere.Net"
    with pytest.raises(UserError, match="nowhere"):
        build(cfg, "network")


def test_unknown_argument_is_named() -> None:
    with pytest.raises(UserError, match="wings"):
        build(compose("+network.wings=2"), "network")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "optimizr.lr=1"], ["optimizr.lr", "optimizer"]),
        (["train", "lr=1"], ["lr", "optimizer.lr"]),
        (["train", "trainer=gup"], ["trainer=gup", "gpu"]),
        (["train", "modle=cnn"], ["modle"]),
        (["train", "optimizer.lr="], ["optimizer.lr", "empty"]),
        (["evaluate", "ckpt_pth=x"], ["ckpt_pth", "ckpt_path"]),
        (["evaluate"], ["ckpt_path"]),
        (["inspection", "optimizer.lr=-1"], ["optimizer.lr", "above 0"]),
        (["compare", "nowhere"], ["nowhere", "folder"]),
        (["predict", "nonsense"], ["nonsense", "key=value"]),
    ],
)
def test_a_wrong_command_line_is_one_line_without_torch(
    command: list[str], words: list[str]
) -> None:
    code = (
        f"import sys; sys.argv = {command!r}\n"
        f"from {PACKAGE}.{command[0]} import main\n"
        "try:\n    main()\nfinally:\n    assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_plain_keys_reach_the_trainer() -> None:
    trainer = compose("precision=bf16-mixed", "accumulate=4").trainer
    assert (trainer.precision, trainer.accumulate_grad_batches) == ("bf16-mixed", 4)
    assert compose("trainer=gpu").trainer.precision == "bf16-mixed"
    assert compose("trainer=gpu", "precision=32-true").trainer.precision == "32-true"


def test_mixed_precision_goes_without_the_fused_optimizer() -> None:
    assert compose().optimizer.fused
    assert not compose("trainer=gpu").optimizer.fused, "Lightning refuses to clip before it"


@pytest.mark.parametrize(
    "path", ["~/pets", "runs/a b", "c=1(2)#3", "it's", "caf\u00e9/x.ckpt", "runs/x.ckpt"]
)
def test_any_path_can_be_typed(path: str) -> None:
    assert compose(quoted(f"ckpt_path={path}")).ckpt_path == path


@pytest.mark.parametrize("word", ["run_dir=null", "run_dir='a'", "ckpt_path=a,b", "seed=1", "-m"])
def test_other_words_are_as_typed(word: str) -> None:
    assert quoted(word) == word
