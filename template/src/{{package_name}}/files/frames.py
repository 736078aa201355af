"""Films that lie in a folder as numbered pictures."""

from pathlib import Path


def is_film(folder: Path, frames: tuple[str, ...]) -> bool:
    """Say whether a folder holds nothing but numbered still pictures of these suffixes."""
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
        numbered = [p for p in found if p.suffix.lower() in frames and p.stem[-1:].isdigit()]
        names = {path.stem.rstrip("0123456789") for path in numbered}
        return 1 < len(numbered) == len(found) and len(names) == 1 and not any(map(moves, numbered))
    except OSError:  # who walks it says why
        return False


def moves(picture: Path) -> bool:
    """Say whether a PNG or WebP is a film by itself: its header says so."""
    with picture.open("rb") as file:
        head = file.read(4096)
    return b"acTL" in head or b"ANIM" in head[:64]
