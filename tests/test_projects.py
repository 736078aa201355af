"""Each project, as it is rendered: its own tests pass, it trains, its settings mean something."""

import csv
import inspect
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import hydra
import pytest
import yaml
from browser import PHONE, open_page
from conftest import run_python, show
from variants import TEMPLATE, Variant

Project = Callable[[Variant], Path]
ids = lambda v: v.name  # noqa: E731


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=ids)
def test_its_own_tests_pass(project: Project, variant: Variant):
    done = run_python(project(variant), "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, show(done)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE), show(done)
    assert "warning" not in done.stdout, show(done)


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=ids)
def test_it_trains_a_few_steps(
    project: Project, variant: Variant, tmp_path: Path, subtests: pytest.Subtests
):
    few = [f"+trainer.limit_{split}_batches=3" for split in ("train", "val", "test")]
    words = ("trainer.max_steps=3", *few, "run_dir=run")
    done = run_python(project(variant), "-m", f"{variant.package}.train", *words, cwd=tmp_path)
    assert done.returncode == 0, show(done)
    assert not done.stderr, "no warnings and adverts of libraries on the screen"
    results = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    metric = TEMPLATE.chosen(variant)[3]["metric"]
    assert len(results["sides"]) >= 2, "the baseline stands beside the model"
    for side in results["sides"]:
        assert isinstance(results["scores"][f"{side}/{metric}"], float)
    left = ("config.yaml", "report.md", "report.html", "checkpoints/best.ckpt")
    for name in (*left, "checkpoints/last.ckpt"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    with (tmp_path / "run" / "metrics.csv").open(newline="") as file:
        assert any(row.get("val/loss") for row in csv.DictReader(file))
    with subtests.test("the report in a browser"):
        page = tmp_path / "run" / "report.html"
        assert page.stat().st_size < 5_000_000
        opened = open_page(page)
        assert not opened.said, "nothing on the console"
        assert not opened.asked, "nothing is loaded from elsewhere"
        assert all(length and 0 < length < 60 for length in opened.durations), opened.durations
        sounds = len(re.findall("<audio", page.read_text("utf-8")))
        assert len(opened.durations) == sounds
        assert opened.shown and not opened.blank, "each picture can be seen"
        assert opened.width == PHONE["width"], "only tables and figures scroll, each in its box"


DEVICES = [
    variant._replace(device=device)  # a trainer is a device's: each device once, on another pair
    for variant, device in zip(TEMPLATE.pairs[::6], TEMPLATE.names("device"), strict=False)
]


@pytest.mark.parametrize("variant", DEVICES, ids=ids)
def test_every_trainer_says_what_lightning_knows(project: Project, variant: Variant):
    from pytorch_lightning import Trainer

    configs = project(variant) / "configs"
    known = inspect.signature(Trainer).parameters
    with hydra.initialize_config_dir(str(configs), version_base="1.3"):
        default = hydra.compose("train").trainer
        for path in sorted((configs / "trainer").glob("*.yaml")):
            trainer = hydra.compose("train", overrides=[f"trainer={path.stem}"]).trainer
            assert trainer["_target_"] == "pytorch_lightning.Trainer"
            assert set(trainer) - {"_target_"} <= set(known), path.name
            own = TEMPLATE.part("device", variant.device)["trainer"]
            assert path.stem != own or trainer == default, "the device's own trainer is the default"


def test_nodes_are_counted_by_the_launcher(project: Project, monkeypatch: pytest.MonkeyPatch):
    many = project(TEMPLATE.pairs[0]._replace(device="multi-node"))
    with hydra.initialize_config_dir(str(many / "configs"), version_base="1.3"):
        trainer = hydra.compose("train").trainer
    assert trainer.num_nodes == 1
    monkeypatch.setenv("NUM_NODES", "4")
    assert trainer.num_nodes == 4


def test_launch_files_are_shell(project: Project):
    many = project(TEMPLATE.pairs[0]._replace(device="multi-node"))
    for path in (many / "launch" / name for name in ("slurm.sbatch", "torchrun.sh")):
        assert path.read_bytes().startswith(b"#!/bin/bash\n")
        subprocess.run(["bash", "-n", path], check=True)
    assert os.access(many / "launch" / "torchrun.sh", os.X_OK)


@pytest.mark.parametrize("variant", TEMPLATE.pairs, ids=ids)
def test_every_yaml_has_a_word_of_explanation(variant: Variant):
    for target, (source, *_) in TEMPLATE.overlay(variant).items():
        if target.suffix == ".yaml":
            text = (TEMPLATE.root / source).read_text("utf-8")
            content = yaml.safe_load(
                re.sub(r"\{\{[^}]*\}\}", "x", re.sub(r"\{%[^%]*%\}", "", text))
            )
            bare = not content or set(content) == {"defaults"}
            assert "#" in text or bare, f"{source}: say what it is for"
