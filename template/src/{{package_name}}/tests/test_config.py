"""The configuration is honoured or refused, never ignored."""

import itertools
import json
import subprocess
import sys

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from ..config import CONFIGS, build, check, compose, quoted
from ..errors import UserError
from .conftest import configured

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
        check(configured(override))
    assert all(word in str(caught.value) for word in words)


def test_defaults_pass() -> None:
    check(compose())


@pytest.mark.parametrize("words", [["seed=3"], ["size=small", "optimizer.lr=1", "+network.a=b"]])
def test_what_tests_are_configured_with_is_what_is_composed(words: list[str]) -> None:
    assert configured(*words) == compose(*words) != compose()


def test_seed_zero_is_a_seed() -> None:
    check(configured("seed=0"))
    assert configured("seed=0").seed == 0


ALONE = ("check", "sweep")  # commands with a group of their own
OPTIONS = [
    [f"{group.name}={path.stem}" for path in sorted(group.glob("*.yaml"))]
    for group in sorted(CONFIGS.iterdir())
    if group.is_dir() and group.name not in (*ALONE, "hydra")
]


@pytest.mark.parametrize("words", list(itertools.zip_longest(*OPTIONS)), ids=str)
def test_every_option_composes(words: tuple[str | None, ...]) -> None:
    check(compose(*filter(None, words)))  # one of each group at a time: a quarter as many


@pytest.mark.parametrize("name", ALONE)
def test_every_option_of_a_command_composes(name: str) -> None:
    for path in (CONFIGS / name).glob("*.yaml"):
        check(compose(f"{name}={path.stem}", name=name))


def test_failing_target_shows_its_cause() -> None:
    cfg = compose()
    cfg.network._target_ = f"{PACKAGE}.nowhere.Net"
    with pytest.raises(UserError, match="nowhere"):
        build(cfg, "network")


def test_unknown_argument_is_named() -> None:
    with pytest.raises(UserError, match="wings"):
        build(compose("+network.wings=2"), "network")


WRONG = [
    (["train", "optimizr.lr=1"], ["optimizr.lr", "optimizer"]),
    (["train", "lr=1"], ["lr", "optimizer.lr"]),
    (["train", "trainer=gup"], ["trainer=gup", "gpu"]),
    (["train", "modl=cnn"], ["modl"]),
    (["train", "optimizer.lr="], ["optimizer.lr", "empty"]),
    (["evaluate", "ckpt_pth=x"], ["ckpt_pth", "ckpt_path"]),
    (["evaluate"], ["ckpt_path"]),
    (["inspection", "optimizer.lr=-1"], ["optimizer.lr", "above 0"]),
    (["compare", "nowhere"], ["nowhere", "folder"]),
    (["predict", "nonsense"], ["nonsense", "key=value"]),
]
TRY = """
import contextlib, importlib, io, json, sys
from hydra.core.global_hydra import GlobalHydra

found = []
for command, *words in json.loads(sys.argv[1]):
    GlobalHydra.instance().clear()
    sys.argv[1:] = words
    status, said = 0, io.StringIO()
    with contextlib.redirect_stderr(said):
        try:
            importlib.import_module(f"PACKAGE.{command}").main()
        except SystemExit as left:
            status = left.code
    found.append((status, said.getvalue(), "torch" in sys.modules))
print(json.dumps(found))
"""


def test_a_wrong_command_line_is_one_line_without_torch() -> None:
    commands = json.dumps([command for command, _ in WRONG])  # in one process: half a second each
    words = [sys.executable, "-c", TRY.replace("PACKAGE", PACKAGE), commands]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for (command, hints), (status, said, torch) in zip(WRONG, json.loads(done.stdout), strict=True):
        assert (status, said.count("\n"), torch) == (2, 1, False), (command, said)
        assert all(hint in said for hint in hints), (command, said)


def test_plain_keys_reach_the_trainer() -> None:
    trainer = compose("precision=bf16-mixed", "accumulate=4").trainer
    assert (trainer.precision, trainer.accumulate_grad_batches) == ("bf16-mixed", 4)
    assert compose("trainer=gpu").trainer.precision == "bf16-mixed"
    assert compose("trainer=gpu", "precision=32-true").trainer.precision == "32-true"


def test_mixed_precision_goes_without_the_fused_optimizer() -> None:
    assert compose().optimizer.fused
    assert not compose("trainer=gpu").optimizer.fused, "Lightning refuses to clip before it"


@pytest.mark.parametrize(
    "path", ["~/pets", "runs/a b", "c=1(2)#3", "it's", "\u00e4pfel/x.ckpt", "runs/x.ckpt"]
)
def test_any_path_can_be_typed(path: str) -> None:
    word = quoted(f"ckpt_path={path}")
    assert OverridesParser.create().parse_override(word).value() == path


@pytest.mark.parametrize("word", ["run_dir=null", "run_dir='a'", "ckpt_path=a,b", "seed=1", "-m"])
def test_other_words_are_as_typed(word: str) -> None:
    assert quoted(word) == word
