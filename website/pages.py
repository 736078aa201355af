"""Pages that are written from what there is: the gallery, the list of decisions, llms.txt."""

import html
import re
from pathlib import Path
from typing import Any

from facts import Facts, key

HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
TINY = 128  # pixels: what is narrower is one example, and is shown larger
REST = "Reference"  # the section of mkdocs.yml that takes what no section names
NUMBER = re.compile(r"^\d+\. ")


def gallery(facts: Facts) -> str:
    """Show every variant: its title, its score beside the baseline's, what its report shows."""
    lines = []
    task = ""
    for pair in facts.template.pairs:
        if pair.task != task:
            task = pair.task
            part = facts.template.part("task", task)
            lines += [f"## {part['label']}", "", f"{part['help'].capitalize()}.", ""]
        label = facts.template.part("modality", pair.modality)["label"]
        link = f"index.html#task={pair.task}&modality={pair.modality}"
        lines += [f"### {label}: {facts.pair(pair)['title'].lower()} {{ #{key(pair)} }}", ""]
        shown = facts.gallery.get(key(pair))
        if shown is None:
            lines += [f"No picture yet. [Choose this project]({link})", ""]
            continue
        better = "higher" if shown["mode"] == "max" else "lower"
        rival = f", {shown['baseline_name']} {shown['baseline']:.4g}" if shown["baseline"] else ""
        metric = shown["metric"].replace("_", " ")
        lines += [
            f"{metric} ({better} is better): **{shown['value']:.4g}**{rival}. "
            f"[Choose this project]({link})",
            "",
        ]
        for exhibit in shown["exhibits"]:
            lines += [figure(exhibit["caption"], exhibit["files"]), ""]
    return "\n".join(lines)


def figure(caption: str, files: list[dict[str, Any]]) -> str:
    """Write an exhibit: pictures are shown, sounds get a player."""
    said = html.escape(caption)
    parts = []
    for file in files:
        where, what = f"assets/gallery/{file['name']}", html.escape(file["what"])
        if "width" in file:
            size = f'width="{file["width"]}" height="{file["height"]}"'
            tiny = ' class="tiny"' if file["width"] < TINY else ""
            parts.append(f'<img src="{where}" alt="{said}" {size}{tiny} loading="lazy">')
        else:
            player = f'<audio controls preload="none" src="{where}" aria-label="{what}"></audio>'
            parts.append(f'<span class="sound"><span>{what}</span>{player}</span>')
    return f'<figure class="exhibit">{"".join(parts)}<figcaption>{said}</figcaption></figure>'


def title(page: Path) -> str:
    """Return what a page is called."""
    found = HEADING.search(page.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"{page}: a page begins with a heading")
    return NUMBER.sub("", found[1])


def decisions(folder: Path) -> str:
    """List the pages of docs/decisions."""
    pages = sorted(path for path in folder.glob("*.md") if path.name != "index.md")
    return "\n".join(f"- {path.name[:4]} [{title(path)}]({path.name})" for path in pages)


def navigation(nav: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Return the navigation with the pages that it does not name yet at the end of REST."""
    every = {page.name for page in folder.glob("*.md")}
    for entry in nav:
        for target in entry.values():
            found = [target] if isinstance(target, str) else [p for d in target for p in d.values()]
            every -= set(found)
    more = [{title(folder / name): name} for name in sorted(every)]
    return [{k: v + more if k == REST else v for k, v in entry.items()} for entry in nav]


def llms(name: str, about: str, folder: Path, nav: list[dict[str, Any]]) -> str:
    """Write llms.txt: what the site is about and every page of the navigation, as Markdown."""
    entries = [item for entry in nav for item in entry.items()]
    sections: dict[str, dict[str, str]] = {"Pages": {}}
    for label, target in entries:
        if isinstance(target, str):
            sections["Pages"][label] = target
        else:
            sections[label] = {label: target for page in target for label, target in page.items()}
    lines = [f"# {name}", "", f"> {about}", ""]
    for heading, found in sections.items():
        lines += [f"## {heading}", ""]
        lines += [f"- [{label}]({page}): {first(folder / page)}" for label, page in found.items()]
        lines.append("")
    return "\n".join(lines)


def first(page: Path) -> str:
    """Return the first sentence of a page, without links."""
    text = page.read_text("utf-8").partition("\n# ")[2] or page.read_text("utf-8")
    blocks = text.split("\n\n")[1:]
    prose = next((b for b in blocks if not b.startswith(("<", "```", "|", "#", "-"))), "")
    plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", " ".join(prose.split()))
    return re.split(r"(?<=\.) ", plain)[0].removesuffix(":")
