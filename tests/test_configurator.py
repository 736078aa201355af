"""The documentation in a browser: every choice clicked, every page opened, at two widths.

All of it is slow: the site is built first, for which every project is rendered once.
"""

import functools
import http.server
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from browser import PHONE, chromium
from conftest import copy_template, run, show
from test_end_to_end import check_score, clone, follow  # noqa: F401  # clone is a fixture
from test_site import FACTS, answers, key
from variants import ROOT, TEMPLATE, Variant

pytestmark = pytest.mark.slow
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


def test_every_choice_shows_its_own(clicked: dict[Variant, dict[str, Any]]):
    for variant, shown in clicked.items():
        assert answers(shown["command"]) == variant._asdict()
        named = variant.package
        expected = {p.as_posix().replace(named, "my_project") for p in TEMPLATE.overlay(variant)}
        assert set(shown["paths"]) == expected and len(shown["paths"]) == len(expected)
        assert shown["title"] == FACTS.pair(variant)["title"]
        row = FACTS.results[key(variant)]
        for number in (f"{row['value']:.4g}", f"{row['baseline']:.4g}", f"{row['wall_s']:.0f} s"):
            assert number in shown["facts"], (variant, number)
        assert ("not measured" in shown["facts"]) == (variant.device != "cpu")


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with all of its parts and none of their files: to ask and no more."""
    root = copy_template(tmp_path_factory.mktemp("questions"))
    for path in (root / "template").rglob("*"):
        if path.is_file() and path.name != "part.yml":
            path.unlink()
    return root


def test_copier_takes_every_command(
    clicked: dict[Variant, dict[str, Any]], questions: Path, tmp_path: Path
):
    settings = copier.Settings()
    for variant in clicked:
        given = answers(clicked[variant]["command"])
        target = tmp_path / variant.name
        copier.run_copy(
            str(questions),
            target,
            given,
            defaults=True,
            quiet=True,
            pretend=True,
            settings=settings,
        )
    wrong = Variant(*TEMPLATE.impossible[0])._asdict()
    with pytest.raises(ValueError, match="is not available for"):
        copier.run_copy(str(questions), tmp_path / "wrong", wrong, defaults=True, pretend=True)


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
    page.evaluate("() => { location.hash = 'where-to-go-from-here'; }")
    assert "task=generation" in command.text_content(), "a heading is no choice"
    # what is not possible, or nothing at all, becomes what is
    site.close(page)
    page = site.open(
        "index.html#task=audio-to-text&modality=molecules&device=gpu&torch=cpu&name=a;b"
    )
    assert answers(page.locator(".command code").text_content()) == {
        "task": "audio-to-text", "modality": "audio", "device": "gpu",
    }  # fmt: skip
    site.close(page)


def test_what_is_impossible_is_greyed_out(site: Site):
    page = site.open()
    page.locator("input[name=modality][value=text]").check()
    for pair in TEMPLATE.impossible:
        page.locator(f"input[name=task][value={pair.task}]").check()
        assert page.locator(f"input[name=modality][value={pair.modality}]").is_disabled()
        assert f"{pair.task} is not available for" in page.locator("#modality-why").text_content()
        assert page.locator("input[name=modality]:checked").is_enabled()
    site.close(page)


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(site: Site, scheme: str):
    page = site.open("index.html#task=audio-to-text&modality=audio&device=tpu", color_scheme=scheme)
    assert page.evaluate("() => document.body.dataset.mdColorScheme") == (
        "slate" if scheme == "dark" else "default"
    )
    assert not (poor := page.evaluate(CONTRAST)), "\n".join(poor)
    site.close(page)


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


def test_programs_are_told(site: Site):
    told = (site.folder / "llms.txt").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+\.md)\)", told)
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert links and links[0] == next(iter(nav[0].values()))
    for link in links:
        assert (site.folder / link).is_file(), link


def test_a_command_trains(
    clicked: dict[Variant, dict[str, Any]],
    clone: Path,  # noqa: F811
):
    variant = min(TEMPLATE.pairs, key=lambda v: FACTS.results[key(v)]["cpu_s"])
    done = follow(clicked[variant]["command"], clone)
    assert done.returncode == 0, show(done)
    check_score(clone.parent / "my-project", variant)
