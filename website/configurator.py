"""The form on the front page, and what it needs to know, as HTML that needs no other file.

Its choices, texts and commands are facts.py's; assets/configurator.js only looks things up here.
"""

import html
import json
from typing import Any

from facts import NAME, Facts, Option, Variant, key
from renders import Renders

SHELLS = {"bash": "bash", "powershell": "PowerShell"}


def catalog(facts: Facts, renders: Renders) -> dict[str, Any]:
    """Gather what the page shows for each choice, each text once."""
    template = facts.template
    notes: dict[tuple[str, str], int] = {}

    def number(files: dict[str, str]) -> list[int]:
        return [notes.setdefault(item, len(notes)) for item in files.items()]

    first, *others = template.names("device")
    projects = {}
    for pair in template.pairs:
        here = number(renders.files(facts, pair._replace(device=first)))
        extra = {}
        for device in others:
            there = number(renders.files(facts, pair._replace(device=device)))
            extra[device] = sorted(set(there) - set(here))
            assert set(here) <= set(there), f"{device} takes files away from {key(pair)}"
        projects[key(pair)] = project(facts, renders, pair) | {"files": here, "extra": extra}
    return {
        "commands": facts.commands,
        "modality": {t: _why(facts.modalities(t)) for t in template.names("task")},
        "torch": {d: _why(facts.indexes(d)) for d in template.names("device")},
        "taken": facts.taken,
        "measured": first,
        "projects": projects,
        "paths": [list(note) for note in notes],
    }


def _why(options: list[Option]) -> dict[str, str]:
    """Return why an answer is refused, of those that are: Copier's own words."""
    return {option.value: option.why for option in options if option.why}


def project(facts: Facts, renders: Renders, pair: Variant) -> dict[str, Any]:
    """Return what is shown of one task on one modality."""
    part, card, files = facts.pair(pair), facts.card(pair), renders.projects[key(pair)]
    python = {path: file["lines"] for path, file in files.items() if path.endswith(".py")}
    tests = sum(lines for path, lines in python.items() if "/tests/" in path)
    readme = files["README.md"]["text"].splitlines()
    own = [line for line in readme if line.startswith("uv run train data=folder")]
    found: dict[str, Any] = {
        "title": part["title"],
        "data": {name: card[name].rstrip(".") for name in ("name", "size", "licence")},
        "code": {"lines": sum(python.values()) - tests, "tests": tests},
        "own": own[0] if own else "",
        "exhibits": facts.gallery.get(key(pair), {}).get("exhibits", []),
    }
    if row := facts.results.get(key(pair)):
        best = "higher" if row["mode"] == "max" else "lower"
        found["score"] = {
            "metric": row["metric"].replace("_", " "),
            "best": best,
            "value": f"{row['value']:.4g}",
            "spread": f"{row['spread']:.2g}" if row["spread"] is not None else "",
            "baseline": f"{row['baseline']:.4g}" if row["baseline"] is not None else "",
            "name": row["baseline_name"],
            "seeds": len(row["seeds"]),
            "wall": f"{row['wall_s']:.0f}",
            "weights": f"{row['params']:,}",
        }
    return found


def form(facts: Facts) -> str:
    """Write the form: one group of radio buttons a question, one line of text for the name."""
    template = facts.template
    task, device = template.names("task")[0], template.names("device")[0]
    groups = {
        "task": facts.options("task"),
        "modality": facts.modalities(task),
        "device": facts.options("device"),
        "torch": facts.indexes(device),
    }
    chosen = {"task": task, "modality": template.pairs[0].modality, "device": device}
    parts = ['<form class="choose" autocomplete="off">']
    for name, options in groups.items():
        legend, _, help = facts.questions[name]["help"].partition("? ")
        parts.append(_group(name, f"{legend}?", help, options, chosen.get(name, "pypi")))
    parts += [
        '<fieldset><legend>What is it called?</legend><p class="help" id="name-help">The folder, '
        "beside the template's, and the package in it. Start with a letter; letters, digits, "
        "dots, dashes and underscores.</p>"
        f'<input type="text" name="name" id="name" value="{NAME}" maxlength="60" '
        'aria-label="Name of the project" aria-describedby="name-help name-error" '
        'spellcheck="false" autocapitalize="off"><p class="error" id="name-error" role="alert">'
        "</p></fieldset>",
        "</form>",
    ]
    return "".join(parts)


def _group(name: str, legend: str, help: str, options: list[Option], checked: str) -> str:
    """Write one question."""
    cards = []
    for option in options:
        value = html.escape(option.value)
        state = " checked" if option.value == checked else " disabled" if option.why else ""
        cards.append(
            f'<label><input type="radio" name="{name}" value="{value}"{state} '
            f'aria-describedby="{name}-{value}"><span class="label">{html.escape(option.label)}'
            f'</span><span class="help" id="{name}-{value}">{html.escape(option.help)}</span>'
            "</label>"
        )
    return (
        f'<fieldset aria-describedby="{name}-help"><legend>{html.escape(legend)}</legend>'
        f'<p class="help" id="{name}-help">{html.escape(help)}</p>'
        f'<div class="cards">{"".join(cards)}</div>'
        f'<p class="why" id="{name}-why" hidden></p></fieldset>'
    )


def page(facts: Facts, renders: Renders) -> str:
    """Write the form, an empty result, and the catalog; the script fills it."""
    # nothing in a script element may look like its end
    known = json.dumps(catalog(facts, renders), ensure_ascii=False, separators=(",", ":"))
    known = known.replace("<", "\\u003c")
    shells = _group(
        "shell", "Your shell", "", [Option(k, v, "", "") for k, v in SHELLS.items()], "bash"
    )
    return (
        f'<div id="configurator" class="configurator">{form(facts)}'
        '<section class="result" aria-label="Your project"><p class="status" role="status" '
        'aria-live="polite"></p><h2 class="title" id="your-project"></h2>'
        f'<form class="shell">{shells}</form>'
        '<div class="command"><pre tabindex="0" aria-label="The command"><code></code></pre>'
        '<button type="button" class="copy">Copy</button></div>'
        '<p class="help">In a clone of the template\'s repository, with Python 3.11 and git. It '
        "makes the project, its environment, and trains.</p>"
        '<div class="facts"></div><div class="seen"></div><div class="tree"></div></section>'
        "<noscript><p>This page computes the command with a script, which is switched off. "
        'All that there is stands in <a href="gallery.html">the gallery</a> and '
        '<a href="results.html">the results</a>; <code>-d task=... -d modality=... '
        "-d device=...</code> answer the questions of <code>copier copy</code>.</p></noscript>"
        f'<script type="application/json" id="catalog">{known}</script>'
        '<script src="assets/configurator.js"></script></div>'
    )
