"""Make projects of the template, each once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
from jinja2.sandbox import SandboxedEnvironment
from variants import IGNORED, ROOT, Variant

Done = subprocess.CompletedProcess[str]


def copy_template(target: Path) -> Path:
    """Copy what Copier reads, without .git: no clone a render, and what is not committed counts."""
    for name in ("template", "licenses"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(*IGNORED))
    for name in ("copier.yml", "reserved.yml"):
        shutil.copy(ROOT / name, target / name)
    return target


def make(template: Path, target: Path, **data: Any) -> Path:
    """Render a project with these answers, and nobody's own settings unless they are given."""
    settings = data.pop("settings", None) or copier.Settings()
    copier.run_copy(str(template), target, data, defaults=True, quiet=True, settings=settings)
    return target


def run(*words: str | Path, cwd: Path, timeout: float = 600, **env: str) -> Done:
    """Run a command to its end and return what it said; the caller judges its status."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def run_python(project: Path, *words: str, cwd: Path | None = None, **options: Any) -> Done:
    """Run this interpreter on a project that is not installed."""
    path = str(project / "src")
    return run(sys.executable, *words, cwd=cwd or project, PYTHONPATH=path, **options)


def show(done: Done) -> str:
    """Return what a command said, for a failed assertion."""
    return f"{done.args}\nstatus {done.returncode}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the template that is no git repository."""
    return copy_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def render(template: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that renders a project of the given answers into this test's folder."""
    return lambda **data: make(template, tmp_path / "project", **data)


@pytest.fixture(scope="session")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Variant], Path]:
    """Return a function that renders a variant, once in a session."""
    folder, mine = shared(tmp_path_factory) / "projects", tmp_path_factory.mktemp("projects")
    folder.mkdir(exist_ok=True)

    def project(variant: Variant) -> Path:
        if not (made := folder / variant.name).exists():
            answers = {"project_name": variant.name, **variant._asdict()}
            ours = make(template, mine / variant.name, **answers)
            try:
                ours.rename(made)  # at once: another worker sees all of it, or nothing
            except OSError:  # it was faster
                shutil.rmtree(ours)
        return made

    return project


def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a session that all its workers see."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each name and line of the template once: Copier does so for every file it makes."""
    compile, kept = SandboxedEnvironment.compile, {}

    def compiled(self: SandboxedEnvironment, source: Any, *words: Any, **options: Any) -> Any:
        key = (self.keep_trailing_newline, source, words, *options.items())
        if key not in kept:
            kept[key] = compile(self, source, *words, **options)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SandboxedEnvironment, "compile", compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a project makes once and keeps is made anew in every session, as for a new user."""
    # uv keeps its own: to download PyTorch again would prove nothing
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    os.environ.setdefault("UV_CACHE_DIR", str(cache / "uv"))
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile every module once in a session, beside the projects: hundreds of processes start."""
    os.environ["PYTHONPYCACHEPREFIX"] = str(shared(tmp_path_factory) / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
