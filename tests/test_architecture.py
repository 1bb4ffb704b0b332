"""Who may import whom: data flows one way, and each risky library has one home."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "workbench"
ROOMS = [  # a room may import itself and those before it
    "importing",
    "errors",
    "periods",
    "tables",
    "settings",
    "statistics",
    "words",
    "case_mix",
    "published",
    "profiles",
    "disclosure",
    "sources",
    "sample",
    "snapshots",
    "marks",
    "completing",
    "ledger",
    "store",
    "audiences",
    "viewing",
    "definitions",
    "groups",
    "exposures",
    "measures",
    "analyses",
    "grid",
    "display",
    "charts",
    "reporting",
    "desk",
    "explaining",
    "staff",
    "cli",
]
HOMES = {  # library -> the only rooms that may import it
    "altair": {"charts"},
    "papermill": {"reporting"},
    "nbconvert": {"reporting"},
    "typer": {"cli"},
    "openpyxl": {"sources", "reporting"},
    "xlsxwriter": {"reporting"},
    "pandera": {"tables"},
    "ipywidgets": {"desk"},
    "panel": {"staff"},
    "bokeh": {"staff"},
    "tornado": {"staff", "desk"},
}
APART = {("charts", "analyses"), ("analyses", "sources"), ("analyses", "reporting")}


def modules():
    return sorted(
        path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or path.stem != "__init__"
    )


def room(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path):
    """Full names of what a module imports: "workbench.store", "altair"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are written in full"
            if node.module in ("workbench", "workbench.analyses"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def within(name):
    """The parts of a name inside the package: ("analyses", "signals")."""
    return tuple(name.split(".")[1:]) if name.split(".")[0] == "workbench" else ()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_flow_one_way(path):
    own = room(path)
    assert own in ROOMS, f"{own} has no place in the order of rooms"
    for name in imported(path):
        library = name.split(".")[0]
        if library in HOMES:
            assert own in HOMES[library], f"{path.name} imports {library}"
        parts = within(name)
        if not parts or parts[0] not in ROOMS:
            continue
        assert ROOMS.index(parts[0]) <= ROOMS.index(own), f"{path.name} imports {name}"
        assert (own, parts[0]) not in APART, f"{path.name} imports {name}"
        if own == parts[0] == "analyses" and len(parts) > 1:
            mine = path.relative_to(SOURCE / "analyses").parts[0].removesuffix(".py")
            assert parts[1] == mine, f"{path.name} imports another analysis: {name}"


def test_modules_stay_small():
    large = {path.name: n for path in modules() if (n := len(path.read_text().splitlines())) > 400}
    assert not large, f"over 400 lines: is it doing two things? {large}"


def test_nothing_prints_and_nothing_is_swallowed():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path.name}:{node.lineno} prints"
            if isinstance(node, ast.ExceptHandler):
                only_pass = all(isinstance(each, ast.Pass) for each in node.body)
                assert not only_pass, f"{path.name}:{node.lineno} swallows an error"
