"""What is asked, what is refused, what hostile names become."""

import keyword
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import copier
import pytest
import yaml
from conftest import make, run, show
from variants import ROOT, TEMPLATE, Variant, distribution

Render = Callable[..., Path]
RESERVED = set(" ".join(yaml.safe_load_all((ROOT / "reserved.yml").read_text())).split())
LONG = "n" * 61
BAD = ["", " ", "../x", "/abs", "a/b", "-x", "x-", "2fast", "日本", "föö", 'it"s', "it's", "a\nb"]
CODE = ["{{ 7*7 }}", "{% raw %}", "${HOME}", "$(id)", "`id`", "a;b", "a\\b", "a:b", "con?"]
TAKEN = [
    "class",
    "torch",
    "Random",
    "con",
    "scikit-learn",
    "pytorch.lightning",
    "TorchAudio",
    "src",
]


def answers(project: Path) -> dict:
    """Read the answers that a project keeps."""
    return yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))


def refused(render: Render, folder: Path, **data: str) -> str:
    """Return the last line of the refusal, and check that nothing was written."""
    with pytest.raises(ValueError) as caught:
        render(**data)
    assert not (folder / "project").exists()
    return str(caught.value)


def test_defaults(render: Render):
    first = TEMPLATE.pairs[0]
    kept = answers(render())
    assert kept.pop("_src_path")
    assert kept == {
        "project_name": "project",
        "package_name": "project",
        "task": first.task,
        "modality": first.modality,
        "device": "cpu",
        "torch": "pypi",
        "author_name": "",
        "license": "MIT",
    }


@pytest.mark.parametrize("name", TEMPLATE.names("modality"))
def test_a_modality_alone_takes_a_task_that_has_it(render: Render, name: str):
    kept = answers(render(modality=name))
    assert Variant(kept["task"], kept["modality"]) in TEMPLATE.pairs
    assert kept["modality"] == name


@pytest.mark.parametrize("name", TEMPLATE.names("task"))
def test_a_task_alone_takes_a_modality_that_it_has(render: Render, name: str):
    kept = answers(render(task=name))
    assert Variant(kept["task"], kept["modality"]) in TEMPLATE.pairs
    assert kept["task"] == name


def test_every_impossible_pair_is_refused(render: Render, tmp_path: Path):
    for pair in TEMPLATE.impossible:  # none, as long as every task has every modality
        good = [v.modality for v in TEMPLATE.pairs if v.task == pair.task]
        line = refused(render, tmp_path, task=pair.task, modality=pair.modality)
        reason = f"{pair.task} is not available for {pair.modality}, only for {', '.join(good)}"
        assert line == f"Invalid choice for 'modality': {reason}"


@pytest.mark.parametrize("part", TEMPLATE.axis("device"), ids=lambda p: p["name"])
def test_every_index_that_does_not_fit_the_device_is_refused(
    render: Render, tmp_path: Path, part: dict
):
    allowed = part.get("torch", ["pypi", "cpu", "cu130"])
    for index in {"pypi", "cpu", "cu130"} - set(allowed):
        line = refused(render, tmp_path, device=part["name"], torch=index)
        reason = f"{part['name']} is not available with torch from {index}, only from "
        assert line == f"Invalid choice for 'torch': {reason}{', '.join(allowed)}"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"task": "nope"}, f"Invalid choice for 'task': 'nope' is not in {TEMPLATE.names('task')}"),
        ({"modality": "nope"}, r"Invalid choice for 'modality': 'nope' is not in \["),
        ({"device": "xpu"}, r"Invalid choice for 'device': 'xpu' is not in \['cpu', "),
        ({"torch": "rocm"}, r"Invalid choice for 'torch': 'rocm' is not in \['pypi', "),
        ({"license": "GPL"}, "Invalid choice for 'license': 'GPL' is not in"),
        (
            {"package_name": "class"},
            "class is taken by Python or by a package that the project needs",
        ),
        ({"package_name": "My-Pkg"}, '"My-Pkg" is not a package name: use lower-case'),
        ({"package_name": "../x"}, '"../x" is not a package name'),
        ({"author_name": "a\nb"}, "an author is one line"),
        ({"author_name": "A <a@b>"}, "an author is one line"),
        ({"kind": "grid"}, "'kind': follows from the other answers, leave it out"),
        ({"use": "{}"}, "'use': follows from the other answers, leave it out"),
        ({"parts": "[]"}, "'parts': follows from the other answers, leave it out"),
    ],
    ids=str,
)
def test_refuses(render: Render, tmp_path: Path, data: dict[str, str], line: str):
    said = refused(render, tmp_path, **data)
    assert re.search(line if "\\" in line else re.escape(line), said), said
    assert "\n" not in said


@pytest.mark.parametrize("name", [*BAD, *CODE, LONG])
def test_hostile_project_names_are_refused(render: Render, tmp_path: Path, name: str):
    said = refused(render, tmp_path, project_name=name)
    assert said.startswith("Validation error for question 'project_name': ")
    assert "will not do as a name: start with a letter" in said
    assert "\n" not in said
    assert not [path for path in tmp_path.iterdir() if path.name != "template"]


@pytest.mark.parametrize("name", [*TAKEN, "My  Net.2", "A", "x" * 60])
def test_project_names_become_packages(render: Render, name: str):
    project = render(project_name=name)
    kept = answers(project)
    assert kept["project_name"] == name
    check_package(project, kept["package_name"])


@pytest.mark.parametrize("name", [*TAKEN, "...", "-x", "2fast", "日本", "föö", *CODE, LONG])
def test_any_folder_name_gives_a_default(template: Path, tmp_path: Path, name: str):
    project = make(template, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    check_package(project, answers(project)["package_name"])


def check_package(project: Path, name: str) -> None:
    """Check that the package is there, has a name of its own, and that the settings agree."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
    assert name not in RESERVED
    assert (project / "src" / name / "__init__.py").is_file()
    assert [path.name for path in (project / "src").iterdir()] == [name]
    text = (project / "pyproject.toml").read_text("utf-8")
    assert f'\nname = "{name.replace("_", "-")}"\n' in text
    assert f'\nmodule-name = "{name}"\n' in text


def test_reserved_names_are_complete():
    own = {name.lower() for name in sys.stdlib_module_names if not name.startswith("_")}
    words = {word for word in [*keyword.kwlist, *keyword.softkwlist] if word.islower()} - {"_"}
    assert not (own | words) - RESERVED
    pyproject = (ROOT / "template" / "pyproject.toml.jinja").read_text("utf-8")
    every = re.findall(r'^    "([a-z][\w.-]*)[^"]*=', pyproject, re.MULTILINE)
    assert {"numpy", "pytest"} < set(every)
    assert not {distribution(name).replace("-", "_") for name in every} - RESERVED


@pytest.mark.parametrize("part", TEMPLATE.axis("modality"), ids=lambda p: p["name"])
def test_what_a_part_depends_on_is_reserved(render: Render, tmp_path: Path, part: dict):
    for line in part.get("dependencies", []):
        name = distribution(line).replace("-", "_")
        assert f"{name} is taken by" in refused(render, tmp_path, package_name=name)


@pytest.mark.parametrize("license", ["MIT", "Apache-2.0", "BSD-3-Clause", "none"])
def test_license(render: Render, license: str):
    author = 'Zoë "Z" Ünal'
    project = render(license=license, author_name=author)
    kept = answers(project)
    assert (kept["license"], kept["author_name"]) == (license, author)
    text = (project / "pyproject.toml").read_text("utf-8")
    assert r'name = "Zoë \"Z\" Ünal"' in text
    if license == "none":
        assert not (project / "LICENSE").exists()
        return
    words = (project / "LICENSE").read_text("utf-8")
    assert {"MIT": "MIT License", "Apache-2.0": "Apache License"}.get(license, "BSD 3") in words
    assert (f"Copyright (c) {author}\n" in words) == (license != "Apache-2.0")
    assert len(words) > 1000


def test_copiers_settings_are_heard(render: Render):
    settings = copier.Settings(defaults={"user_name": "Ada", "license": "none"})
    project = render(settings=settings)
    kept = answers(project)
    assert (kept["author_name"], kept["license"]) == ("Ada", "none")
    assert not (project / "LICENSE").exists()


@pytest.fixture
def command(template: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs `copier copy` as a person would, without a terminal."""
    (tmp_path / "settings.yml").write_text("{}")

    def command(*words: str, target: str = "my net"):
        settings = str(tmp_path / "settings.yml")
        copy = (Path(sys.executable).with_name("copier"), "copy", "--defaults")
        return run(*copy, *words, template, target, cwd=tmp_path, COPIER_SETTINGS_PATH=settings)

    return command


def test_command_ends_with_the_next_three_commands(command, tmp_path: Path):
    done = command()
    assert done.returncode == 0, show(done)
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("    ")]
    steps = [line.partition("  ")[0] for line in lines if not line.startswith(("create", "ident"))]
    assert steps[-3:] == ["cd 'my net'", "uv run train", "uv run pytest"]
    assert (tmp_path / "my net" / "pyproject.toml").is_file()


def test_command_refuses_with_one_clear_last_line(command, tmp_path: Path):
    before = sorted(os.listdir(tmp_path))
    done = command("--data", "task=nope")
    assert done.returncode == 1
    wanted = f"ValueError: Invalid choice for 'task': 'nope' is not in {TEMPLATE.names('task')}"
    assert done.stderr.strip().splitlines()[-1] == wanted
    assert sorted(os.listdir(tmp_path)) == before


def test_command_overwrites_nothing(command, tmp_path: Path):
    mine = tmp_path / "mine" / "pyproject.toml"
    mine.parent.mkdir()
    mine.write_text("mine")
    done = command(target="mine")
    assert done.returncode == 1
    assert "Consider using `--overwrite`" in done.stderr.strip().splitlines()[-1]
    assert mine.read_text() == "mine"
