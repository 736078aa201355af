"""A table of transcripts that went wrong."""

from pathlib import Path

from .reports.pictures import pyplot


def draw_worst(target: Path, rows: list[tuple[str, str, str, str]], source: str) -> Path:
    """Draw a table of (letters wrong, what was said, what was understood, where it is from)."""
    plt = pyplot()
    figure, axis = plt.subplots(figsize=(9, 0.5 + 0.26 * len(rows)))
    axis.axis("off")
    table = axis.table(
        [list(row) for row in rows],
        colLabels=["wrong", "said", "understood", source],
        colWidths=[0.07, 0.4, 0.4, 0.13],
        cellLoc="left",
        loc="center",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    table.scale(1, 1.2)
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    plt.close(figure)
    return target
