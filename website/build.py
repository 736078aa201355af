"""Build the documentation into build/site.

    uv run python website/build.py [--serve] [--out build]

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

MARK = "*What stands here is computed: `.ci/docs --serve` shows it.*"  # in a page of docs/
ASSETS = Path(__file__).parent / "assets"


def stage(facts: Facts, folder: Path) -> None:
    """Lay all pages out in a folder."""
    rendered = renders.read(facts)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    shutil.copytree(ASSETS, folder / "assets", dirs_exist_ok=True)

    computed = {
        "index.md": configurator.page(facts, rendered),
        "gallery.md": pages.gallery(facts),
        "settings.md": settings.page(facts, rendered),
        "decisions/index.md": pages.decisions(folder / "decisions"),
    }
    for name, content in computed.items():
        text = (folder / name).read_text("utf-8")
        if text.count(MARK) != 1:
            raise SystemExit(f"docs/{name}: write once where to put it: {MARK}")
        (folder / name).write_text(text.replace(MARK, content), "utf-8")
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text("utf-8")
        (folder / name.lower()).write_text(text.replace("](docs/", "]("), "utf-8")


def build(out: Path) -> Path:
    """Run Zensical on the pages in out/pages; what it warns of is an error. Returns the site."""
    shutil.rmtree(out / "site", ignore_errors=True)
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))
    config |= {"docs_dir": "pages", "site_dir": "site"}
    config["nav"] = pages.navigation(config["nav"], out / "pages")
    (out / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    words = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(words, cwd=out, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    told = pages.llms(config["site_name"], config["site_description"], out / "pages", config["nav"])
    (out / "site" / "llms.txt").write_text(told, "utf-8")
    for page in (out / "pages").rglob("*.md"):  # the same page for programs, beside it
        text = re.sub(r'<div id="configurator".*</div>\n?', "", page.read_text("utf-8"))
        (out / "site" / page.relative_to(out / "pages")).write_text(text, "utf-8")
    return out / "site"


def main() -> None:
    """Build, and show it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", action="store_true", help="serve it on this machine")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="the folder to build in")
    asked = parser.parse_args()
    stage(Facts(), asked.out / "pages")
    site = build(asked.out)
    if asked.serve:
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
        print(f"http://localhost:{asked.port}/index.html", flush=True)
        http.server.ThreadingHTTPServer(("localhost", asked.port), handler).serve_forever()


if __name__ == "__main__":
    main()
