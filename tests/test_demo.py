"""The demo in a browser: what is put in comes out as the command predict says it."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from conftest import run_python, show
from variants import TEMPLATE, Variant

Project = Callable[[Variant], Path]
SHOWN = {  # of each modality a variant, and what its page shows besides words
    Variant("classification", "image"): None,
    Variant("denoising", "audio"): "audio[src]",
    Variant("denoising", "text"): None,
    Variant("denoising", "video"): "img[src$='.gif']",
    Variant("dimensionality-reduction", "molecules"): "img[src$='.png']",
    Variant("generation", "image"): "img[src$='.png']",
    Variant("generation", "molecules"): None,
    Variant("text-to-audio", "audio"): "audio[src]",
}

pytestmark = pytest.mark.slow


def test_each_modality_is_shown():
    assert {variant.modality for variant in SHOWN} == set(TEMPLATE.names("modality"))


def trained(project: Path, package: str, folder: Path) -> Path:
    """Train one step in a folder; return the checkpoint."""
    few = [f"+trainer.limit_{split}_batches=1" for split in ("train", "val", "test")]
    words = ("trainer.max_steps=1", *few, "baseline=none", "run_dir=run")
    done = run_python(project, "-m", f"{package}.train", *words, cwd=folder)
    assert done.returncode == 0, show(done)
    return folder / "run" / "checkpoints" / "best.ckpt"


@contextmanager
def served(project: Path, package: str, checkpoint: Path, folder: Path) -> Iterator[str]:
    """Serve the demo of a checkpoint; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", f"{package}.demo", f"ckpt_path={checkpoint}", f"port={port}"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert child.stdout is not None
        said = child.stdout.readline()
        assert said.startswith(f"open http://127.0.0.1:{port} "), said + child.stdout.read()
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.communicate()


@contextmanager
def opened(address: str) -> Iterator[Any]:
    """Open a page, and see to it that it asks for nothing elsewhere and complains of nothing."""
    asked, said = [], []
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1100, "height": 800})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(address)
        yield tab
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert not said


def put(tab: Any, sample: Path) -> None:
    """Give a file to the page as a person would, or a text."""
    if sample.suffix in (".txt", ".smi"):
        tab.locator("#given textarea").fill(sample.read_text("utf-8", errors="replace").strip())
    else:
        with tab.expect_response(lambda response: "/upload" in response.url):
            tab.locator("#given input[type=file]").first.set_input_files(sample)
        tab.wait_for_timeout(1000)  # until it is on the page


@pytest.mark.parametrize("variant", SHOWN, ids=lambda v: v.name)
def test_the_page_says_what_predict_says(project: Project, variant: Variant, tmp_path: Path):
    package = variant.package
    checkpoint = trained(project(variant), package, tmp_path)
    (tmp_path / "spoken.txt").write_text("one two three", "utf-8")  # where a run leaves no sample
    sample = min((tmp_path / "run").glob("sample*"), default=tmp_path / "spoken.txt")
    made = variant.task != "generation"
    words = [f"ckpt_path={checkpoint}", "output=out", *([f"input={sample}"] if made else [])]
    predicted = run_python(project(variant), "-m", f"{package}.predict", *words, cwd=tmp_path)
    assert predicted.returncode == 0, show(predicted)
    # a name differs, and folders do: what is said of it does not
    lines = predicted.stdout.splitlines()
    expected = [(line.partition(": ")[2] or line).split("/")[-1] for line in lines]
    assert all(expected), predicted.stdout
    with served(project(variant), package, checkpoint, tmp_path) as address, opened(address) as tab:
        ask = tab.get_by_role("button", name="Ask the model" if made else "Make samples")
        ask.wait_for()
        if made:
            put(tab, sample)
        ask.click()
        tab.wait_for_function("document.querySelector('#answer textarea').value")
        said = tab.locator("#answer textarea").input_value()
        stem = re.compile(r"\b(text|spoken|sample-noisy|sample)\b")
        for line in expected:
            assert stem.sub("", line) in stem.sub("", said), (said, predicted.stdout)
        if (shown := SHOWN[variant]) is not None:
            tab.locator(shown).last.wait_for(state="attached")
        if picture := os.environ.get("SHOTS"):
            tab.screenshot(path=Path(picture) / f"{variant.name}.png", full_page=True)


def test_what_is_wrong_is_said_on_the_page(project: Project, tmp_path: Path):
    variant = next(iter(SHOWN))
    checkpoint = trained(project(variant), variant.package, tmp_path)
    with served(project(variant), variant.package, checkpoint, tmp_path) as address:
        with opened(address) as tab:
            tab.get_by_role("button", name="Ask the model").click()
            tab.get_by_text("nothing was given").wait_for()
        words = (f"ckpt_path={checkpoint}", f"port={address.rpartition(':')[2]}")
        second = run_python(project(variant), "-m", f"{variant.package}.demo", *words, cwd=tmp_path)
        assert second.returncode == 2 and "is taken" in second.stderr, show(second)
        assert second.stderr.count("\n") == 1, show(second)
