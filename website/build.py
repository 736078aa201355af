"""Build the documentation into build/site.

    uv run python website/build.py [--serve]

Pages of docs/ are taken as they are, and what can be computed is added: the configurator on the
front page, the gallery, the settings of all projects, the list of decisions, llms.txt. Then
Zensical makes the site, and a broken link ends the build.
"""

import argparse
import functools
import http.server
import re
import shutil
import subprocess
import sys
from pathlib import Path

import configurator
import pages
import renders
import settings
import yaml
from facts import ROOT, Facts

PAGES, SITE = ROOT / "build" / "pages", ROOT / "build" / "site"
MARK = "<!-- configurator -->"  # in docs/index.md
ASSETS = Path(__file__).parent / "assets"


def stage(facts: Facts) -> None:
    """Lay all pages out in build/pages."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES)
    shutil.copytree(ASSETS, PAGES / "assets", dirs_exist_ok=True)
    rendered = renders.read(facts)
    index = PAGES / "index.md"
    before, mark, after = index.read_text("utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"docs/index.md: there is no {MARK}")
    write("index.md", before + configurator.page(facts, rendered) + after)
    write("gallery.md", pages.gallery(facts))
    write("settings.md", settings.page(facts, rendered))
    write("decisions/index.md", pages.decisions(PAGES / "decisions"))
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    write("contributing.md", re.sub(r"\]\((?:docs/)", "](", text))
    write("changelog.md", (ROOT / "CHANGELOG.md").read_text("utf-8"))


def write(name: str, text: str) -> None:
    """Write a page."""
    (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
    (PAGES / name).write_text(text, "utf-8")


def build() -> None:
    """Run Zensical; what it warns of is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    words = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(words, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    told = pages.llms(config["site_name"], config["site_description"], PAGES, config["nav"])
    (SITE / "llms.txt").write_text(told, "utf-8")
    for page in PAGES.rglob("*.md"):  # the same page for programs, beside it
        text = re.sub(r'<div id="configurator".*</div>\n?', "", page.read_text("utf-8"))
        (SITE / page.relative_to(PAGES)).write_text(text, "utf-8")


def main() -> None:
    """Build, and show it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help="serve it on this machine")
    parser.add_argument("--port", type=int, default=8000)
    asked = parser.parse_args()
    stage(Facts())
    build()
    if asked.serve:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
        print(f"http://localhost:{asked.port}/index.html", flush=True)
        http.server.ThreadingHTTPServer(("localhost", asked.port), handler).serve_forever()


if __name__ == "__main__":
    main()
