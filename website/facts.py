"""What the documentation says of the template, read where it is said and nowhere else.

Questions and choices are those of copier.yml, rendered as Copier renders them; labels are the
parts' own (part.yml); scores are those of docs/results.json; pictures those of docs/assets/gallery.
"""

import json
import re
import struct
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the rule of the overlays, which every test run checks

from variants import TEMPLATE, Template, Variant  # noqa: E402

NAME = "my-project"  # of the project in README's first command
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Option(NamedTuple):
    """One answer to a question.

    why: what Copier says where it refuses this answer, or nothing.
    """

    value: str
    label: str
    help: str
    why: str


class _Loader(yaml.SafeLoader):
    """copier.yml without what it includes: the parts are read from where they lie."""


_Loader.add_constructor("!include", lambda loader, node: None)


class Facts:
    """Everything that a page is made of.

    Args:
        template: its parts.
        docs: the folder with results.json and assets/gallery.
    """

    def __init__(self, template: Template = TEMPLATE, docs: Path = ROOT / "docs") -> None:
        self.template, self.docs = template, docs
        text = (template.root.parent / "copier.yml").read_text("utf-8")
        self.questions: dict[str, Any] = yaml.load(text, _Loader)
        self.environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
        self.environment.filters |= {"to_json": json.dumps, "regex_replace": _replaced}

    def _read(self, template: str, **known: Any) -> Any:
        """Render a template of copier.yml and read the YAML in it."""
        return yaml.safe_load(self.environment.from_string(template).render(**self.known, **known))

    @cached_property
    def known(self) -> dict[str, Any]:
        """Return the hidden answers that choices refer to."""
        return {
            "parts": self.template.parts,
            "pairs": [[v.task, v.modality] for v in self.template.pairs],
        }

    @cached_property
    def taken(self) -> list[str]:
        """Return the names that a package must not have."""
        reserved = (self.template.root.parent / "reserved.yml").read_text("utf-8")
        return self._read(
            self.questions["taken"]["default"], reserved=list(yaml.safe_load_all(reserved))
        )

    def options(self, question: str, **answers: Any) -> list[Option]:
        """Return the choices of a question, with these answers before it."""
        found = []
        for text, choice in self._read(self.questions[question]["choices"], **answers):
            label, _, help = text.partition(": ")
            refused: dict[str, Any] = {} if isinstance(choice, str) else choice
            value, why = refused.get("value", choice), refused.get("validator", "")
            found.append(Option(value, label, help, why))
        return found

    def modalities(self, task: str) -> list[Option]:
        """Return the modalities, and why some do not go with this task."""
        return self.options("modality", task=task)

    def indexes(self, device: str) -> list[Option]:
        """Return where PyTorch may come from on this device."""
        default = self.questions["indexes"]["default"]
        allowed = self._read(default, device_part=self.template.part("device", device))
        return self.options("torch", device=device, indexes=allowed)

    @cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """Return what was measured of each variant, by <task>-<modality>."""
        rows = json.loads((self.docs / "results.json").read_text("utf-8"))
        return {f"{row['task']}-{row['modality']}": row for row in rows}

    @cached_property
    def gallery(self) -> dict[str, dict[str, Any]]:
        """Return what there is to see of each variant, by <task>-<modality>.

        A file is {name, what}, and of a picture {width, height} in pixels.
        """
        folder = self.docs / "assets" / "gallery"
        path = folder / "gallery.json"
        found = json.loads(path.read_text("utf-8")) if path.exists() else {}
        for name, row in found.items():
            for exhibit in row["exhibits"]:
                exhibit["files"] = [
                    {"name": file, "what": Path(file.removeprefix(f"{name}-")).stem}
                    | pixels((folder / file).read_bytes())
                    for file in exhibit["files"]
                ]
        return found

    def pair(self, variant: Variant) -> dict[str, Any]:
        """Return the part.yml of a task on a modality."""
        return self.template.chosen(variant)[3]

    def card(self, variant: Variant) -> dict[str, str]:
        """Return what is said of the data that a variant comes with."""
        modality = self.template.part("modality", variant.modality)
        pair = self.pair(variant)
        if "card" in pair:
            return pair["card"]
        return modality.get("cards", {}).get(pair.get("data"), modality["card"])

    @cached_property
    def commands(self) -> dict[str, str]:
        """Return README's first command for each shell, with places for {answers} and {target}.

        PowerShell's is the same, a line for each command, as Windows' own version has no `&&`; what
        goes on in the next line ends with a backtick.
        """
        readme = (ROOT / "README.md").read_text("utf-8")
        bash = BLOCK.findall(readme)[0].strip()
        if bash.count("--defaults") != 1 or NAME not in bash:
            raise SystemExit(f"README.md: the first command makes no {NAME} by --defaults: {bash}")
        bash = bash.replace(NAME, "../{target}")
        lines = re.split(r"\s*(?:\\\n\s*)?&&\s*", bash)
        power = "\n".join(lines).replace("python3 ", "python ").replace("../", "..\\")
        power = power.replace(".tools/bin/", ".tools\\Scripts\\")
        given = "--defaults {0}\n       {{answers}} {0}\n      "  # short lines: no scrolling
        return {
            "bash": bash.replace("--defaults", given.format("\\")),
            "powershell": power.replace("--defaults", given.format("`")),
        }


def pixels(content: bytes) -> dict[str, int]:
    """Read the size of a PNG or GIF from its first bytes; nothing of what is no picture."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24])
    elif content.startswith(b"GIF8"):
        width, height = struct.unpack("<HH", content[6:10])
    else:
        return {}
    return {"width": width, "height": height}


def key(variant: Variant) -> str:
    """Return the name that results and pictures have for a variant."""
    return f"{variant.task}-{variant.modality}"


def _replaced(text: str, pattern: str, to: str) -> str:
    """Return text with each match replaced, as Copier's filter does."""
    return re.sub(pattern, to, text)
