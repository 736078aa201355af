"""The report: what both forms say is the same, and the page needs nothing but itself."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ..reports import page
from ..reports.report import Report, rows_of, smaller_is_better, write

NASTY = '<script>alert("x")</script> & more'


class Page(HTMLParser):
    """What a browser would see: tags, what they load, and the text between them."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.alts: list[str | None] = []
        self.said = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]
        if tag == "img":
            self.alts.append(found.get("alt"))

    def handle_data(self, data: str) -> None:
        self.said += data


def report_of(exhibits: list, **facts: Any) -> Report:
    scores = {"model/accuracy": 0.912345, "naive/accuracy": 0.5}
    sides = ["model", "naive"]
    return Report(NASTY, rows_of(scores, sides, ()), sides, exhibits, facts)


def noise(path: Path, pixels: int) -> Path:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (pixels, pixels, 3), np.uint8)).save(path)
    return path


def test_a_run_leaves_a_page_that_needs_nothing_else(trained: tuple[Path, dict]) -> None:
    folder, scores = trained
    page = Page(folder / "report.html")
    assert all(load.startswith("data:") for load in page.loads), page.loads
    assert not {"script", "iframe", "object"} & set(page.tags)
    assert not re.search(r"@import|url\(", page.said)
    text = (folder / "report.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\]\(([^)]+)\)", text)) - {"config.yaml", "environment.json"}
    inside = sum(page.tags.count(tag) for tag in ("img", "audio", "video", "pre")) - 1
    assert inside == len(shown), "all that report.md names, and the configuration"
    assert all(page.alts), "each picture is described"
    for value in scores.values():
        assert f"{value:.4g}" in page.said
        assert f"{value:.4g}" in text
    assert "max_steps" in page.said, "the configuration is in it"
    assert "torch" in page.said, "and the environment"


def test_whatever_is_shown_is_text(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text(f"</pre>{NASTY}")
    (tmp_path / "config.yaml").write_text(f"title: {NASTY}\n")
    exhibits = [(NASTY, words), (f'"{NASTY}', noise(tmp_path / "a&b.png", 8))]
    found = Page(page.write(tmp_path, report_of(exhibits, seed=NASTY, where=Path("<b>"))))
    assert "script" not in found.tags
    assert "b" not in found.tags
    # title, headline, two captions, the text, the setting, the configuration
    assert found.said.count(NASTY) == 7
    assert found.alts == [f'"{NASTY}: a&b.png']


def test_what_is_too_large_is_compressed_or_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "ROOM", 700_000)
    exhibits = [("large", noise(tmp_path / f"{n}.png", 600)) for n in range(3)]
    (tmp_path / "long.wav").write_bytes(b"RIFF" + bytes(800_000))
    exhibits.append(("long", tmp_path / "long.wav"))
    path = page.write(tmp_path, report_of(exhibits))
    found = Page(path)
    assert path.stat().st_size < 4 / 3 * 700_000 + 20_000
    inside = [load for load in found.loads if load.startswith("data:image/webp")]
    assert inside, "compressed"
    with Image.open(tmp_path / "0.png") as picture:
        assert picture.format == "PNG", "the file itself is as it was"
    assert base64.b64decode(inside[0].partition(",")[2])[8:12] == b"WEBP"
    assert "long.wav" in found.loads, "no room is left, so it is linked"


def test_both_forms_say_how_the_model_did(tmp_path: Path) -> None:
    report = report_of([], where=Path("runs/first"))
    text = write(tmp_path, report).read_text(encoding="utf-8")
    assert "| accuracy | higher | 0.9123 | 0.5 | better |" in text
    assert "- where: `runs/first`" in text
    assert "the model is better" in Page(page.write(tmp_path, report)).said


def test_a_model_that_loses_is_shown_as_losing() -> None:
    scores = {"model/x_error": 0.2, "naive/x_error": 0.1, "bound/x_error": 0.0}
    rows = rows_of(scores, ["model", "naive", "bound"], ("bound",))
    assert [row.verdict for row in rows] == ["WORSE"]
    scores["naive/x_error"] = 0.3
    rows = rows_of(scores, ["model", "naive", "bound"], ("bound",))
    assert [row.verdict for row in rows] == ["better"], "what is possible is no rival"


@pytest.mark.parametrize("name", ["error", "val/loss", "kernel_distance", "bits_per_byte"])
def test_a_name_says_which_way_a_score_points(name: str) -> None:
    assert smaller_is_better(name)
    assert not smaller_is_better(f"{name}_ratio" if "bits" not in name else "accuracy")
