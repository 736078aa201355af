"""What was expected in a folder, beside what is there: for a layout that nobody understands."""

SHOWN = 8  # entries of a folder


def expected_tree(suffixes: tuple[str, ...], table: str, *, classes: bool) -> list[str]:
    """Draw a folder that would be understood. table: the list that may lie in it."""
    suffix = suffixes[0]
    tree = [f"any{suffix}, below/it{suffix}, ..."]
    if classes:
        tree = [f"cat/1{suffix}, 2{suffix}, ...", f"dog/3{suffix}, 4{suffix}, ..."]
    return [
        *tree,
        f"or {table}",
        f"or train/, val/ and test/, each of them so ({', '.join(suffixes)})",
    ]


def show_both(name: str, tree: list[str], found: list[str]) -> str:
    """Write the expected tree of a folder of this name beside the entries that it has."""
    more = [f"... {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    entries = [*found[:SHOWN], *more] or ["(nothing)"]
    lines = ["Expected:", f"  {name}/", *(f"    {entry}" for entry in tree)]
    return "\n".join([*lines, "Found:", f"  {name}/", *(f"    {entry}" for entry in entries)])
