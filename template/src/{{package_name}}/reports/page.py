"""report.html: one file that needs no other, and no network, so that it can be sent to a phone.

Pictures, sounds and clips are in it as data URIs. Where they would make it large, pictures are
compressed further; what finds no room is linked to.
"""

import base64
import io
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

if TYPE_CHECKING:
    from .report import Report

ROOM = 3_600_000  # bytes of media; base64 makes 4.8 MB of them
LARGE = 200_000  # bytes of a picture from which on it is compressed
QUALITY = 85  # of that, in WebP: lines and letters stay clean
WORDS = 20_000  # characters of a text that are shown
WIDE = 400  # pixels from which on a picture is a figure, not an example
PAGE = 960  # pixels that a figure has at most
STRIP = 2  # times as wide as tall from which on a figure is not made narrower than READABLE
READABLE = 600  # pixels; on a phone its box then scrolls
EXAMPLE = 120  # pixels that the shorter side of a small picture is enlarged to


@dataclass(kw_only=True)
class File:
    """One file as the page shows it.

    Args:
        name: of the file.
        kind: image, audio, video, or text for what can be read.
        data: the data URI; empty where there was no room.
        text: what is to be read.
        size: of a picture, width and height in pixels.
    """

    name: str
    kind: str
    data: str = ""
    text: str = ""
    size: tuple[int, int] = (1, 1)

    @property
    def scale(self) -> int:
        """Return by how much its pixels are enlarged."""
        return max(1, min(-(-EXAMPLE // min(self.size)), PAGE // self.size[0]))

    @property
    def width(self) -> int:
        """Return its width on the page, where there is room for it."""
        return self.size[0] * self.scale

    @property
    def wide(self) -> bool:
        """Say whether it is a figure that takes the width of the page."""
        return bool(self.data) and self.kind == "image" and self.width >= WIDE

    @property
    def least(self) -> int:
        """Return the width below which it is not shrunk."""
        return min(self.width, READABLE) if self.size[0] > STRIP * self.size[1] else 0


def write(folder: Path, report: "Report") -> Path:
    """Write report.html beside report.md. Returns its path."""
    exhibits, room = [], ROOM
    for caption, *paths in report.exhibits:
        files = []
        for path in paths:
            file = embed(path, room)
            room -= len(file.data) * 3 // 4
            files.append(file)
        exhibits.append((caption, files))
    # escaped throughout: a caption, a class or a setting may hold anything
    jinja = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.tests["path"] = lambda value: isinstance(value, Path)
    page = jinja.from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
    environment, config = (read(folder / name) for name in ("environment.json", "config.yaml"))
    text = page.render(
        report=report,
        exhibits=exhibits,
        environment=json.loads(environment) if environment else {},
        config=config,
    )
    target = folder / "report.html"
    target.write_text(text, encoding="utf-8")
    return target


def read(path: Path) -> str:
    """Return what a text file holds, and nothing where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def embed(path: Path, room: int) -> File:
    """Make a file part of the page, if it takes at most `room` bytes."""
    mime = mimetypes.guess_type(path.name)[0] or "text/plain"
    kind, content = mime.partition("/")[0], path.read_bytes()
    if kind not in ("image", "audio", "video"):
        text = content.decode(errors="replace")
        return File(name=path.name, kind="text", text=text[:WORDS])
    extra: dict[str, Any] = {}
    if kind == "image" and mime != "image/svg+xml":
        mime, content, extra["size"] = compress(mime, content)
    if len(content) <= room:
        extra["data"] = f"data:{mime};base64,{base64.b64encode(content).decode()}"
    return File(name=path.name, kind=kind, **extra)


def compress(mime: str, content: bytes) -> tuple[str, bytes, tuple[int, int]]:
    """Return a picture, as WebP if it is large and that makes it smaller, and its size."""
    from PIL import Image

    picture = Image.open(io.BytesIO(content))
    if len(content) > LARGE and not getattr(picture, "is_animated", False):
        smaller = io.BytesIO()
        picture.save(smaller, "webp", quality=QUALITY)
        if smaller.tell() < len(content):
            mime, content = "image/webp", smaller.getvalue()
    return mime, content, picture.size
