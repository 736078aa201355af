"""The documentation: what it says of the template is what the template says, and Copier takes."""

import re
import shlex
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path, PureWindowsPath

import pytest
import yaml
from conftest import copy_template
from test_new_part import add_modality, add_task
from variants import ROOT, TEMPLATE, Template, Variant

sys.path.insert(0, str(ROOT / "website"))

import configurator
import pages
import settings
from facts import Facts, key
from renders import PACKAGE, Renders

FACTS = Facts()
GALLERY = ROOT / "docs" / "assets" / "gallery"


def answers(command: str) -> dict[str, str]:
    """Read the answers that a shown command gives, and check the rest of it."""
    # what differs to a lexer: PowerShell has no backslash that quotes, and a backtick goes on
    words = shlex.split(re.sub(r"[\\`]\n", " ", command).replace("\\", "/"))
    given = dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "-d")
    assert "--defaults" in words and "$PWD" in words
    assert words[-1] == "train" and words.count("../my-project") == 2
    return given


@pytest.mark.parametrize("shell", ["bash", "powershell"])
def test_the_command_of_every_variant(shell: str):
    text = FACTS.commands[shell].replace("{target}", "my-project")
    for variant in TEMPLATE.variants:
        said = " ".join(f"-d {k}={v}" for k, v in variant._asdict().items())
        assert answers(text.replace("{answers}", said)) == variant._asdict()


def test_powershell_has_a_line_for_each_command():
    bash, power = FACTS.commands["bash"], FACTS.commands["powershell"]
    lines = power.replace("`\n", "").splitlines()
    assert len(lines) == bash.count("&&") + 1 and "&&" not in power and "/" not in power
    for line in lines[1:]:
        program = PureWindowsPath(line.split()[0])
        assert program.parts[:2] == (".tools", "Scripts"), line


def test_what_is_greyed_out_is_what_copier_refuses():
    tasks = TEMPLATE.names("task")
    refused = {(t, o.value) for t in tasks for o in FACTS.modalities(t) if o.why}
    assert refused == {(v.task, v.modality) for v in TEMPLATE.impossible}
    for device in TEMPLATE.names("device"):
        allowed = TEMPLATE.part("device", device).get(
            "torch", [o.value for o in FACTS.indexes(device)]
        )
        assert [o.value for o in FACTS.indexes(device) if not o.why] == allowed
    assert [option.value for option in FACTS.options("task")] == tasks
    assert "hydra" in FACTS.taken and "class" in FACTS.taken


def test_settings_are_read_with_their_comments():
    text = """# @package _global_
# what it is
defaults:
  - other
a: 1 # one
block:
  _target_: x.Y
  list: [1, 2] # two of them
  "b": "#3" # three
"""
    head, found = settings.settings("configs/data/some.yaml", text)
    assert head == "what it is"
    assert found == [
        ("a", "1", "one"),
        ("block._target_", "x.Y", ""),
        ("block.list", "[1, 2]", "two of them"),
        ("block.b", '"#3"', "three"),
    ]


def test_a_setting_of_some_projects_says_which():
    where = settings.Where(FACTS)
    every = [key(v) for v in TEMPLATE.pairs]
    first = TEMPLATE.pairs[0]
    of_task = [n for n in every if n.startswith(f"{first.task}-")]
    label = TEMPLATE.part("task", first.task)["label"].lower()
    assert where.say(every, every) == ""
    assert where.say(of_task, every) == label
    assert where.say(of_task[:1], every).startswith(f"{label} of ")


def test_the_gallery_is_small_and_whole():
    names = {key(v) for v in TEMPLATE.pairs}
    assert set(FACTS.gallery) <= names
    exhibits = [e for row in FACTS.gallery.values() for e in row["exhibits"]]
    shown = {file["name"] for exhibit in exhibits for file in exhibit["files"]}
    files = {path.name: path.stat().st_size for path in GALLERY.iterdir() if path.suffix != ".json"}
    assert set(files) == shown, "each file belongs to a run, and is there"
    assert all("width" in f or f["name"].endswith(".wav") for e in exhibits for f in e["files"])
    assert max(files.values()) <= 150_000 and sum(files.values()) <= 3_000_000
    for name, row in FACTS.gallery.items():
        assert row["metric"] == FACTS.results[name]["metric"], f"{name} is to be trained again"


def test_pages_can_be_read_where_they_lie():
    for page in (ROOT / "docs").rglob("*.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"


def test_a_page_that_nobody_lists_is_reached_all_the_same(tmp_path: Path):
    for name in ("index", "known", "new"):
        (tmp_path / f"{name}.md").write_text(f"# The {name} one\n")
    nav = [{"Home": "index.md"}, {pages.REST: [{"Known": "known.md"}]}]
    assert pages.navigation(nav, tmp_path)[1:] == [
        {pages.REST: [{"Known": "known.md"}, {"The new one": "new.md"}]}
    ]
    given = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert any(pages.REST in entry for entry in given)


def test_decisions_are_listed(tmp_path: Path):
    (tmp_path / "0007-why.md").write_text("# 7. Because\n\nSo.\n")
    assert "- 0007 [Because](0007-why.md)" in pages.decisions(tmp_path)


@pytest.mark.parametrize("add", [add_modality, add_task])
def test_a_new_part_is_offered_by_itself(add: Callable[[Path], Variant], tmp_path: Path):
    root = copy_template(tmp_path)
    new = add(root)
    grown = Facts(Template(root))
    assert f'value="{new.task}"' in configurator.form(grown)
    assert f'value="{new.modality}"' in configurator.form(grown)
    files = {
        key(v): {
            str(path).replace(v.package, PACKAGE): {"note": "", "lines": 1, "text": ""}
            for path in grown.template.overlay(v)
        }
        for v in grown.template.pairs
    }
    devices = {name: {} for name in grown.template.names("device")}
    shown = configurator.catalog(grown, Renders({"projects": files, "devices": devices}))
    project = shown["projects"][key(new)]
    assert project["title"] and project["files"] and set(project["extra"]) < set(devices)
    assert "score" not in project and project["exhibits"] == [], "nothing is measured yet"
    assert f"### {grown.template.part('modality', new.modality)['label']}" in pages.gallery(grown)
