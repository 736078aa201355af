"""Data of one's own: real files that come with no project train, evaluate and predict."""

import ast
import csv
import json
import random
import sysconfig
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import run_python, show
from variants import TEMPLATE, Variant

FEW = ("trainer.max_epochs=1", "+trainer.limit_train_batches=12")
FEW_MADE = "task.num_samples=100"  # after 12 steps few samples end by themselves


def folder_of(package: str) -> Path:
    """Find an installed package by its path."""
    found = find_spec(package)
    assert found and found.submodule_search_locations
    return Path(found.submodule_search_locations[0])


def pictures(target: Path, project: Path, variant: Variant) -> list[str]:
    """Cut tiles out of three photographs of scikit-image, in three formats."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(150):
        name = ("brick", "grass", "gravel")[number % 3]
        with Image.open(folder_of("skimage") / "data" / f"{name}.png") as photograph:
            left, top, side = *rng.integers(0, 400, 2).tolist(), int(rng.integers(40, 100))
            tile = photograph.crop((left, top, left + side, top + side))
        (target / name).mkdir(parents=True, exist_ok=True)
        tile.save(target / name / f"{number}.{('png', 'jpg', 'webp')[number // 3 % 3]}")
    return [f"data.path={target}"]


def films(target: Path, project: Path, variant: Variant) -> list[str]:
    """Move a window over three photographs, down or to the right."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(90):
        right, name = number % 2, ("brick", "grass", "gravel")[number // 2 % 3]
        with Image.open(folder_of("skimage") / "data" / f"{name}.png") as photograph:
            left, top = rng.integers(0, 350, 2).tolist()
            frames = []
            for t in range(0, 64, 8):
                x, y = left + t * right, top + t * (1 - right)
                frames.append(photograph.crop((x, y, x + 64, y + 64)))
        folder = target / ("down", "right")[right]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number}.{('gif', 'webp')[number // 6 % 2]}"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=80)
    return [f"data.path={target}"]


SPEAK = """
import sys, soundfile, torchaudio
from pathlib import Path
from {package}.espeak import Utterance
from {package}.speech import speak
words, voices = sys.argv[2].split(","), "max rob Alex Annie f2 m3 f4 m5".split()
plan = [
    Utterance(words[i % len(words)], f"en-us+{{voices[i % 8]}}", 140 + i % 50, 40 + i % 20)
    for i in range(150)
]
for i, (said, x) in enumerate(zip(plan, speak("own-data-test", plan))):
    folder = Path(sys.argv[1], said.text)
    folder.mkdir(parents=True, exist_ok=True)
    rate_hz = (8000, 16000, 44100, 22050)[i % 4]
    y = torchaudio.functional.resample(x, 8000, rate_hz).numpy() / 2
    soundfile.write(folder / f"{{i}}.{{('wav', 'flac', 'ogg', 'mp3')[i % 4]}}", y, rate_hz)
"""


def sounds(target: Path, project: Path, variant: Variant) -> list[str]:
    """Have espeak-ng say three words, in four formats at four rates."""
    return speak("stop,forward,left", target, project, variant)


def voices(target: Path, project: Path, variant: Variant) -> list[str]:
    """Have it say seven texts, with a table that tells which."""
    words = speak("Stop now,forward,left turn,one more,no,yes please,go", target, project, variant)
    with (target / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(path.relative_to(target), path.parent.name) for path in target.glob("*/*")]
        csv.writer(file).writerows([("file_name", "transcription"), *rows])
    return words


def speak(said: str, target: Path, project: Path, variant: Variant) -> list[str]:
    """Make recordings in folders that are named after what is said in them."""
    done = run_python(project, "-c", SPEAK.format(package=variant.package), str(target), said)
    assert done.returncode == 0, show(done)
    return [f"data.path={target}"]


def docstrings(package: str) -> Iterator[str]:
    """Yield what a package of the standard library says of itself, sentence by sentence."""
    for path in sorted(Path(sysconfig.get_path("stdlib"), package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                for text in (ast.get_docstring(node) or "").split("\n\n"):
                    if len(text) > 20:
                        yield " ".join(text.split())


def texts(target: Path, project: Path, variant: Variant) -> list[str]:
    """Write a table of docstrings and the package that each is from."""
    path = target.with_suffix(".csv")
    rows = [(name, text) for name in ("asyncio", "email", "unittest") for text in docstrings(name)]
    random.Random(0).shuffle(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("stars", "body"), *rows[:400]])
    return [f"data.path={path}", "data.text=body", "data.label=stars"]


def molecules(target: Path, project: Path, variant: Variant) -> list[str]:
    """Write a table of acids, amines and alcohols of the package chemicals."""
    table = folder_of("chemicals") / "Identifiers" / "chemical identifiers pubchem large.tsv"
    rows, ends = [], {"acid": "acid", "amine": "amine", "ol": "alcohol"}
    for line in table.read_text("utf-8").splitlines():
        cells = line.split("\t")
        name = cells[7] if len(cells) > 7 else ""
        rows += [(cells[4], kind) for end, kind in ends.items() if name.endswith(end)]
    random.Random(0).shuffle(rows)
    path = target.with_suffix(".csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("SMILES", "kind"), *rows[:400]])
    return [f"data.path={path}", "data.label=kind"]


def at_the_hub(words: list[str], target: Path, variant: Variant) -> list[str]:
    """Write the same data as a Parquet file, as they lie on the hub; name its columns."""
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    path = words[0].partition("=")[2]
    feature = {"image": "Image", "audio": "Audio", "video": "Video"}.get(variant.modality)
    if feature:
        files = sorted(file for file in Path(path).rglob("*/*") if file.is_file())
        label = "transcription" if maker(variant) is voices else "label"
        cells = {
            "it": [{"bytes": file.read_bytes(), "path": file.name} for file in files],
            label: [file.parent.name for file in files],
        }
        # not from_dict with the feature: to encode sounds it would ask for another package
        table = datasets.Dataset.from_dict(cells)
        table = table.cast_column("it", getattr(datasets, feature)())
        table = table.class_encode_column("label") if label == "label" else table
    else:
        table = datasets.Dataset.from_csv(path, cache_dir=str(target / "cache"))
    (target / "hub").mkdir(parents=True)
    table.to_parquet(target / "hub" / "train-00000-of-00001.parquet")
    return ["data=hub", f"data.name={target / 'hub'}", *words[1:]]


MAKERS = {"image": pictures, "audio": sounds, "text": texts, "molecules": molecules, "video": films}


def maker(variant: Variant) -> Callable[[Path, Path, Variant], list[str]]:
    """Return what makes data for a variant: for speech, recordings with a text each."""
    spoken = "own" in TEMPLATE.chosen(variant)[0]
    return voices if spoken else MAKERS[variant.modality]


OWN = [v for v in TEMPLATE.pairs if "own" in TEMPLATE.chosen(v)[3].get("needs", [])]


def test_each_of_them_can_be_made():
    assert OWN == TEMPLATE.pairs
    assert {variant.modality for variant in OWN} == set(MAKERS)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["folder", "hub"])
@pytest.mark.parametrize("variant", OWN, ids=lambda v: v.name)
def test_own_data_in_one_line(
    project: Callable[[Variant], Path], variant: Variant, source: str, tmp_path: Path
):
    folder = project(variant)
    words = maker(variant)(tmp_path / "own", folder, variant)
    words = at_the_hub(words, tmp_path, variant) if source == "hub" else ["data=folder", *words]

    def command(name: str, *given: str) -> str:
        done = run_python(folder, "-m", f"{variant.package}.{name}", *given, cwd=tmp_path)
        assert done.returncode == 0, show(done)
        assert not done.stderr, show(done)
        return done.stdout

    few = (*FEW, FEW_MADE) if variant.task == "generation" else FEW
    said = command("train", *words, *few, "run_dir=run")
    assert "test and val by a hash of the" in said
    results = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    assert len(results["sides"]) >= 2, "the baseline stands beside the model"
    ckpt = "ckpt_path=run/checkpoints/best.ckpt"
    command("evaluate", ckpt, "run_dir=again")
    again = json.loads((tmp_path / "again" / "results.json").read_text("utf-8"))
    assert again["scores"] == pytest.approx(results["scores"])
    for name in ("own", "own.csv", "hub"):  # predict does not need the data
        if (tmp_path / name).exists():
            (tmp_path / name).rename(tmp_path / f"moved-{name}")
    sample = next(iter(sorted((tmp_path / "run").glob("sample*"))), None)
    given = [f"input={sample}"] if sample and "sample" in TEMPLATE.chosen(variant)[0] else []
    if maker(variant) is voices and not given:
        given = ["input=stop now"]
    assert command("predict", ckpt, *given, "output=out")
