"""The figures of a report: fit to be shown, its own, and the same in page, workbook, notebook."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import openpyxl

from workbench import charts
from workbench.display import CARDS_TYPE, CASES_TYPE, CHART_TYPE, TABLE_TYPE, pieces
from workbench.grid import FACTS, NUMERIC, Cell, Column, Grid
from workbench.profiles import PROFILES, Profile
from workbench.published import PEOPLE_COLUMNS
from workbench.reporting import drawing
from workbench.reporting.batch.making import NOTEBOOK, PAGE, WORKBOOK
from workbench.reporting.page import cards_alone
from workbench.reporting.workbook import DECIMALS

COUNTED = ("people", "events")
TELLING = 6  # different numbers in a figure from which two alike are no chance
FIRST_SHEETS = 4  # cover, contents, notes, definitions
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_SHAPE = re.compile(  # beside a card's reading
    r'<svg class="shape" [^<>]*>\s*<(?:circle|path|rect) [^<>]{1,60}>\s*</svg>'
)
_CARDS = re.compile(r'<ul class="cards">.*?</ul>', re.DOTALL)
_LINK = re.compile(r"</?a\b[^>]*>")
_TOLD = re.compile(r"<title>.*?</title>|aria-label=\"[^\"]*\"", re.DOTALL)  # each point's number
_TABLES = {TABLE_TYPE, CARDS_TYPE, CASES_TYPE}
_SHOWN = {CHART_TYPE, *_TABLES, "text/markdown"}


@dataclass(frozen=True)
class Figure:
    """A table of an executed notebook, or the one behind a chart. `where`: the cell it is in.

    `chart`, `drawing`: the spec of a chart and how it is drawn; empty for anything else.
    """

    where: str
    grid: Grid
    kind: str
    chart: Mapping[str, Any]
    drawing: str

    @property
    def numbers(self) -> frozenset[float]:
        """The different numbers in it."""
        cells = (cell for row in self.grid.rows for cell in row)
        return frozenset(
            float(each) for each in cells if isinstance(each, int | float) and each is not True
        )

    @property
    def mark(self) -> str:
        """A name for what it shows, the same for the same rows."""
        return hashlib.sha256(json.dumps(self.grid.rows, default=str).encode()).hexdigest()


def read(report: Path) -> nbformat.NotebookNode:
    """The executed notebook of a report."""
    return nbformat.read(report / NOTEBOOK, as_version=4)


def of(notebook: Mapping[str, Any]) -> list[Figure]:
    """Every figure that an executed notebook shows, in its order."""
    found = []
    for number, cell in enumerate(notebook["cells"], start=1):
        for piece in pieces({"cells": [{**cell, "cell_type": "code"}]}, own=True):
            if piece.grid is not None:
                place = f"{NOTEBOOK}, cell {number}"
                found.append(Figure(place, piece.grid, piece.kind, piece.chart, piece.drawing))
    return found


def left_out(notebook: Mapping[str, Any], own: bool) -> Iterator[str]:
    """The cells that show something which no report of this reader may carry."""
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", ()):
            shown = set(output.get("data", {}))
            bare = "text/html" in shown and not shown & _TABLES
            if not shown & _SHOWN or bare or (CASES_TYPE in shown and not own):
                yield f"{NOTEBOOK}, cell {number}"


def small(figures: list[Figure], profile: str, own: bool) -> Iterator[str]:
    """The figures that show more than the profile of their readers allows."""
    rule = PROFILES[profile]
    for figure in figures:
        if figure.kind == "cases":
            if not own:
                yield figure.where
        elif not _allowed(figure, rule):
            yield figure.where


def _allowed(figure: Figure, rule: Profile) -> bool:
    grid = figure.grid
    if grid.profile == FACTS:  # definitions, settings, rows of files
        counting = {column.name for column in grid.columns if column.kind in NUMERIC}
        return figure.kind == "table" and not counting & PEOPLE_COLUMNS
    shown = PROFILES.get(grid.profile)
    if shown is None or shown.threshold < rule.threshold or shown.base < rule.base:
        return False
    if figure.chart and not _draws_its_table(figure, shown):
        return False
    return all(_fit(column, cells, shown) for column, cells in _columns(grid))


def _draws_its_table(figure: Figure, rule: Profile) -> bool:
    """Whether a chart holds its table, the labels and lines about it, and no other rows."""
    columns = {column.name: column for column in figure.grid.columns}
    drawn = dict(figure.chart.get("datasets", {}))
    if any(set(row) - {*columns, "note"} for row in drawn.pop("table", ())):
        return False
    for name, rows in drawn.items():
        if not charts.further_known(name, rows):
            return False
        for each in columns.keys() & {column for row in rows for column in row}:
            if not _fit(columns[each], [row.get(each) for row in rows], rule):
                return False
    return not any(_holds_rows(part) for part in _parts(figure.chart))


def _parts(spec: Any) -> Iterator[Mapping[str, Any]]:
    """A chart's spec and everything in it that has members, but for its named rows."""
    if isinstance(spec, Mapping):
        yield spec
        for name, each in spec.items():
            if name != "datasets":
                yield from _parts(each)
    elif isinstance(spec, list):
        for each in spec:
            yield from _parts(each)


def _holds_rows(part: Mapping[str, Any]) -> bool:
    """Whether rows stand in a chart by themselves, or are fetched from elsewhere."""
    data = part.get("data")
    return isinstance(data, Mapping) and not set(data) <= {"name", "format"}


def _columns(grid: Grid) -> Iterator[tuple[Column, list[Cell]]]:
    for place, column in enumerate(grid.columns):
        yield column, [row[place] for row in grid.rows]


def _fit(column: Column, cells: list[Cell], rule: Profile) -> bool:
    """Whether a column holds what its role allows; numbers without a role are not allowed."""
    numbers = [
        each for each in cells if isinstance(each, int | float) and not isinstance(each, bool)
    ]
    if column.role in COUNTED:
        return all(
            each == 0 or (each > rule.threshold and round(each, 9) % rule.base == 0)
            for each in numbers
        )
    if column.role == "label" and column.name in PEOPLE_COLUMNS:
        return not numbers
    return not numbers or bool(column.role) or column.kind not in NUMERIC


def same(reports: Mapping[str, list[Figure]]) -> Iterator[tuple[str, str]]:
    """The reports, with the place, that show a figure which another one shows too."""
    seen: dict[str, tuple[str, str]] = {}
    for name, figures in reports.items():
        for figure in figures:
            if figure.grid.profile and len(figure.numbers) >= TELLING:
                first, _ = seen.setdefault(figure.mark, (name, figure.where))
                if first != name:
                    yield seen[figure.mark]
                    yield name, figure.where


def differing(report: Path, figures: list[Figure]) -> Iterator[str]:
    """The files of a report that do not show exactly what its notebook shows."""
    page = (report / PAGE).read_text(encoding="utf-8")
    tables = [each.grid for each in figures if each.kind != "cards"]
    if page.count("<table") != len(tables) or any(grid.table not in page for grid in tables):
        yield PAGE
    elif not _carded(page, [each.grid for each in figures if each.kind == "cards"]):
        yield f"{PAGE}, a card"
    elif not _drawn(page, [each for each in figures if each.kind == "chart"]):
        yield f"{PAGE}, a chart"
    book = openpyxl.load_workbook(report / WORKBOOK, read_only=True)
    sheets = book.worksheets[FIRST_SHEETS:]
    grids = [each.grid for each in figures]
    if len(sheets) != len(grids) or not all(map(_holds, sheets, grids)):
        yield WORKBOOK
    book.close()


def _carded(page: str, grids: list[Grid]) -> bool:
    """Whether a page holds the notebook's cards, word by word, and no other."""
    found = [_LINK.sub("", each) for each in _CARDS.findall(page)]
    return found == [cards_alone(grid) for grid in grids]


def _drawn(page: str, charts_shown: list[Figure]) -> bool:
    """Whether a page holds the notebook's drawings, each for a screen and a phone, and no other."""
    every = _DRAWING.findall(page)
    found = [each for each in every if not _SHAPE.fullmatch(each)]
    if len(found) != 2 * len(charts_shown) or len(every) != page.count("<svg"):
        return False
    pairs = zip(found[::2], found[1::2], charts_shown, strict=True)
    return all(
        wide == drawing.told(figure.drawing, str(figure.chart.get("description", "")))
        and sorted(_TOLD.findall(wide)) == sorted(_TOLD.findall(narrow))
        for wide, narrow, figure in pairs
    )


def _holds(sheet: Any, grid: Grid) -> bool:
    """Whether the last rows of a sheet are those of a table, cell by cell."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    found = [[_read(cell) for cell in row] for row in rows[len(rows) - len(grid.rows) :]]
    expected = [[_written(cell) for cell in row] for row in grid.rows]
    return all(
        row[: len(cells)] == cells and not any(row[len(cells) :])
        for row, cells in zip(found, expected, strict=True)
    )


def _written(cell: Cell) -> Any:
    """A cell as a workbook holds it."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return round(float(cell), DECIMALS) if isinstance(cell, int | float) else str(cell).strip()


def _read(cell: Any) -> Any:
    if hasattr(cell, "date"):
        return cell.date().isoformat()
    return (
        round(float(cell), DECIMALS) if isinstance(cell, int | float) else str(cell or "").strip()
    )


__all__ = ["Figure", "differing", "left_out", "of", "read", "same", "small"]
