"""The documentation: what the configurator says is what Copier takes, in every browser's eyes.

What needs the site built, or a browser on it, is slow: a build renders every project once.
"""

import functools
import http.server
import re
import shlex
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PureWindowsPath
from typing import Any

import copier
import pytest
import yaml
from browser import PHONE, chromium
from conftest import run, show
from test_end_to_end import check_score, clone, follow  # noqa: F401  # clone is a fixture
from variants import ROOT, TEMPLATE, Variant

sys.path.insert(0, str(ROOT / "website"))

import facts as facts_module
import pages
import settings as settings_module

FACTS = facts_module.Facts()
GALLERY = ROOT / "docs" / "assets" / "gallery"
DESKTOP = {"width": 1440, "height": 900}
CHOOSE = """([task, modality, device, shell]) => {
  const pick = (name, value) => {
    const radio = document.querySelector(`input[name="${name}"][value="${value}"]`);
    if (radio.disabled) throw new Error(`${name}=${value} is greyed out`);
    radio.click();
  };
  pick('task', task); pick('modality', modality); pick('device', device); pick('shell', shell);
  const paths = [...document.querySelectorAll('.tree li')].filter(li => !li.querySelector('ul'))
    .map(li => {
      const parts = [];
      for (let at = li; at && at.matches('li'); at = at.parentElement.closest('li'))
        parts.unshift(at.querySelector('code').textContent.replace(/[/]$/, ''));
      return parts.join('/');
    });
  return {
    command: document.querySelector('.command code').textContent,
    title: document.querySelector('.title').textContent,
    said: document.querySelector('.status').textContent,
    facts: document.querySelector('.facts').textContent,
    paths,
  };
}"""
CONTRAST = """() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], [x, y, z]) =>
    [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)];
  const behind = (at) => {
    const layers = [];
    for (; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (color) => color.map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  for (const at of document.querySelectorAll('#configurator *')) {
    const text = [...at.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!text || !at.checkVisibility() || at.closest('noscript, script')) continue;
    const back = behind(at), [a, b] = [back, over(parse(getComputedStyle(at).color), back)]
      .map(light).sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${at.className} ${ratio.toFixed(2)}: ${at.textContent}`);
  }
  return found;
}"""


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
    head, found = settings_module.settings("configs/data/some.yaml", text)
    assert head == "what it is"
    assert found == [
        ("a", "1", "one"),
        ("block._target_", "x.Y", ""),
        ("block.list", "[1, 2]", "two of them"),
        ("block.b", '"#3"', "three"),
    ]


def test_a_setting_of_some_projects_says_which():
    where = settings_module.Where(FACTS)
    every = [facts_module.key(v) for v in TEMPLATE.pairs]
    first = TEMPLATE.pairs[0]
    of_task = [n for n in every if n.startswith(f"{first.task}-")]
    label = TEMPLATE.part("task", first.task)["label"].lower()
    assert where.say(every, every) == ""
    assert where.say(of_task, every) == label
    assert where.say(of_task[:1], every).startswith(f"{label} of ")


def test_the_gallery_is_small_and_whole():
    names = {facts_module.key(v) for v in TEMPLATE.pairs}
    assert set(FACTS.gallery) <= names
    exhibits = [e for row in FACTS.gallery.values() for e in row["exhibits"]]
    shown = {file["name"] for exhibit in exhibits for file in exhibit["files"]}
    files = {path.name: path.stat().st_size for path in GALLERY.iterdir() if path.suffix != ".json"}
    assert set(files) == shown, "each file belongs to a run, and is there"
    assert all("width" in f or f["name"].endswith(".wav") for e in exhibits for f in e["files"])
    assert max(files.values()) <= 150_000 and sum(files.values()) <= 3_000_000
    for name, row in FACTS.gallery.items():
        assert row["metric"] == FACTS.results[name]["metric"], f"{name} is to be trained again"


def test_decisions_are_listed(tmp_path: Path):
    (tmp_path / "0007-why.md").write_text("# 7. Because\n\nSo.\n")
    assert "- 0007 [Because](0007-why.md)" in pages.decisions(tmp_path)


class Site:
    """The built site, served on this machine."""

    def __init__(self, folder: Path, url: str, browser: Any) -> None:
        self.folder, self.url, self.browser = folder, url, browser
        self.said: list[str] = []
        self.asked: list[str] = []

    def open(self, address: str = "index.html", **options: Any) -> Any:
        """Open a page; what its console says and what it asks of others is kept."""
        context = self.browser.new_context(**{"viewport": DESKTOP, **options})
        page = context.new_page()
        page.on("console", lambda message: self.said.append(f"{address}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"{address}: {error}"))
        page.on("requestfailed", lambda request: self.said.append(f"{address}: {request.url}"))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(f"{self.url}/{address}")
        page.wait_for_load_state("load")
        return page

    def close(self, page: Any) -> None:
        """Close a page; nothing may have gone wrong on it, and nobody else been asked."""
        page.context.close()
        assert not self.said, "\n".join(self.said)
        others = [url for url in self.asked if not url.startswith((self.url, "data:", "blob:"))]
        assert not others, others


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves, and does not say so."""

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Build the site and serve it."""
    out = tmp_path_factory.mktemp("build")
    words = (ROOT / "website" / "build.py", "--out", out)
    done = run(sys.executable, *words, cwd=ROOT, timeout=1200)
    assert done.returncode == 0, show(done)
    folder = out / "site"
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with chromium() as browser:
            yield Site(folder, f"http://localhost:{server.server_address[1]}", browser)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def clicked(site: Site) -> dict[Variant, dict[str, Any]]:
    """Click every pair on every device. Returns what the page then shows."""
    page, found = site.open(), {}
    for variant in TEMPLATE.variants:
        shown = page.evaluate(CHOOSE, [*variant, "powershell"])
        assert answers(shown["command"]) == variant._asdict()
        found[variant] = page.evaluate(CHOOSE, [*variant, "bash"])
    site.close(page)
    return found


@pytest.mark.slow
def test_every_choice_shows_its_own(clicked: dict[Variant, dict[str, Any]]):
    for variant, shown in clicked.items():
        assert answers(shown["command"]) == variant._asdict()
        named = variant.package
        expected = {p.as_posix().replace(named, "my_project") for p in TEMPLATE.overlay(variant)}
        assert set(shown["paths"]) == expected and len(shown["paths"]) == len(expected)
        assert shown["title"] == FACTS.pair(variant)["title"]
        row = FACTS.results[facts_module.key(variant)]
        for number in (f"{row['value']:.4g}", f"{row['baseline']:.4g}", f"{row['wall_s']:.0f} s"):
            assert number in shown["facts"], (variant, number)
        assert ("not measured" in shown["facts"]) == (variant.device != "cpu")


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.variants, ids=lambda v: v.name)
def test_copier_takes_every_command(
    clicked: dict[Variant, dict[str, Any]], variant: Variant, template: Path, tmp_path: Path
):
    given = answers(clicked[variant]["command"])
    copier.run_copy(
        str(template), tmp_path / "my-project", given, defaults=True, quiet=True, pretend=True,
        settings=copier.Settings(),
    )  # fmt: skip


@pytest.mark.slow
def test_an_address_is_a_choice(site: Site):
    page = site.open("index.html#task=denoising&modality=text&device=gpu&name=my-typos&torch=cu130")
    command = page.locator(".command code")
    for word in ("task=denoising", "modality=text", "device=gpu", "torch=cu130", "../my-typos"):
        assert word in command.text_content()
    page.locator("input[name=task][value=generation]").check()
    assert "task=generation" in command.text_content() and "task=generation" in page.url
    page.go_back()
    assert "task=denoising" in command.text_content()
    assert page.locator("input[name=task][value=denoising]").is_checked()
    page.go_forward()
    assert "task=generation" in command.text_content()
    # what is not possible, or nothing at all, becomes what is
    site.close(page)
    page = site.open(
        "index.html#task=audio-to-text&modality=molecules&device=gpu&torch=cpu&name=a;b"
    )
    assert answers(page.locator(".command code").text_content()) == {
        "task": "audio-to-text", "modality": "audio", "device": "gpu",
    }  # fmt: skip
    site.close(page)


@pytest.mark.slow
def test_what_is_impossible_is_greyed_out(site: Site):
    page = site.open()
    page.locator("input[name=modality][value=text]").check()
    for pair in TEMPLATE.impossible:
        page.locator(f"input[name=task][value={pair.task}]").check()
        assert page.locator(f"input[name=modality][value={pair.modality}]").is_disabled()
        assert f"{pair.task} is not available for" in page.locator("#modality-why").text_content()
        assert page.locator("input[name=modality]:checked").is_enabled()
    site.close(page)


@pytest.mark.slow
def test_the_keyboard_is_enough(site: Site):
    page = site.open()
    first = page.locator("input[name=task]:checked")
    first.focus()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("input[name=task]:checked").get_attribute("value")
    assert chosen == TEMPLATE.names("task")[1]
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    )
    assert outline == "solid", "focus is to be seen"
    pair = Variant(chosen, TEMPLATE.pairs[0].modality)
    assert FACTS.pair(pair)["title"] in page.locator(".status").text_content(), "it is announced"
    stops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(
            "() => document.activeElement.name || document.activeElement.tagName"
        ))  # fmt: skip
    wanted = ["modality", "device", "torch", "name", "shell", "PRE", "BUTTON"]
    assert [stop for stop in stops if stop in wanted][: len(wanted)] == wanted, stops
    roles = page.locator("fieldset").evaluate_all(
        "all => all.map(one => one.querySelector('legend')?.textContent)"
    )
    assert all(roles) and len(roles) == 6
    assert page.locator("#configurator [aria-live=polite]").count() == 1
    site.close(page)


@pytest.mark.slow
def test_a_name_is_safe_and_the_command_is_copied(site: Site):
    page = site.open(permissions=["clipboard-read", "clipboard-write"])
    name, command = page.locator("#name"), page.locator(".command code")
    name.fill("My.Best-model")
    assert (
        "../My.Best-model" in command.text_content()
        and "my_best_model/" in page.locator(".tree").text_content()
    )
    for bad in ("a b", "a;b", "$(x)", "-x", "", "a'", "é"):
        name.fill(bad)
        assert "../My.Best-model" in command.text_content()
        assert page.locator("#name-error").text_content()
        assert name.get_attribute("aria-invalid") == "true"
    name.fill("torch")
    assert "torch_project/" in page.locator(".tree").text_content()
    page.locator(".copy").click()
    page.wait_for_function("() => document.querySelector('.copy').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == command.text_content()
    site.close(page)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(site: Site, scheme: str):
    page = site.open("index.html#task=audio-to-text&modality=audio&device=tpu", color_scheme=scheme)
    assert page.evaluate("() => document.body.dataset.mdColorScheme") == (
        "slate" if scheme == "dark" else "default"
    )
    assert not (poor := page.evaluate(CONTRAST)), "\n".join(poor)
    site.close(page)


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_opens(site: Site, viewport: dict[str, int]):
    names = sorted(p.relative_to(site.folder).as_posix() for p in site.folder.rglob("*.html"))
    assert {"index.html", "gallery.html", "settings.html", "checks.html"} <= set(names)
    for name in names:
        page = site.open(name, viewport=viewport)
        page.evaluate("() => document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
        page.wait_for_function("() => [...document.images].every(image => image.complete)")
        blank = page.evaluate(
            "() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
        )
        assert not blank, blank
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{name} is {wide} pixels wide"
        site.close(page)


@pytest.mark.slow
def test_programs_are_told(site: Site):
    told = (site.folder / "llms.txt").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+\.md)\)", told)
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert links and links[0] == next(iter(nav[0].values()))
    for link in links:
        assert (site.folder / link).is_file(), link


@pytest.mark.slow
@pytest.mark.parametrize("variant", TEMPLATE.pairs[-1:], ids=lambda v: v.name)
def test_a_command_trains(
    clicked: dict[Variant, dict[str, Any]],
    variant: Variant,
    clone: Path,  # noqa: F811
):
    done = follow(clicked[variant]["command"], clone)
    assert done.returncode == 0, show(done)
    check_score(clone.parent / "my-project", variant)
