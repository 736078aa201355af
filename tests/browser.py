"""Open a page in a headless Chromium, where there is one, as a phone without a network would."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE = {"width": 390, "height": 844}
LOOK = """() => ({
  durations: [...document.querySelectorAll('audio, video')].map(player => player.duration),
  blank: [...document.images].filter(image => !image.complete || !image.naturalWidth).length,
  shown: document.images.length,
  width: document.documentElement.scrollWidth,
})"""


class Opened(NamedTuple):
    """What a browser made of a page.

    said: errors and messages of its console; asked: what it loaded besides the page; durations: of
    each player in seconds; blank: pictures that could not be shown, of `shown`; width: that the
    page takes.
    """

    said: list[str]
    asked: list[str]
    durations: list[float | None]
    blank: int
    shown: int
    width: int


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser; the test is skipped, and says why, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the path")
    with playwright.sync_playwright() as driver:
        # no sandbox: Chromium has none for root, and the pages are our own
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(path: Path) -> Opened:
    """Open a file; the test is skipped, and says why, where that is not possible."""
    said, asked = [], []
    with chromium() as browser:
        page = browser.new_context(viewport=PHONE, offline=True).new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_function(
            "() => [...document.querySelectorAll('audio, video')].every(p => p.readyState > 0)"
        )
        look = page.evaluate(LOOK)
    inside = ("data:", path.as_uri())
    return Opened(said, [url for url in asked if not url.startswith(inside)], **look)
