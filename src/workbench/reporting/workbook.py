"""All tables of a report in one accessible workbook, one table a sheet.

Layout: Analysis Function (2023), Releasing statistics in spreadsheets.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbench import __version__
from workbench.display import tables
from workbench.grid import DATES, MARKS, NUMERIC, Cell, Grid
from workbench.reporting.page import About, title_of

FORMATS = {"count": "#,##0", "number": "#,##0.###", "percent": "0.0%", "date": "yyyy-mm-dd"}
LONGEST_NAME = 31  # of a sheet
NARROWEST, WIDEST = 11, 60  # of a column, in characters
DECIMALS = 6  # more would only be the noise of a division
_TEXT_STAYS_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table: its name in the workbook and the page that the table is from."""

    name: str
    grid: Grid
    page: str


def write(
    path: Path,
    notebooks: Mapping[str, Mapping[str, Any]],
    about: About,
    definitions: pd.DataFrame,
) -> None:
    """Write every table of the executed notebooks, by name, with cover, contents and notes.

    definitions: what each measure means, one row a measure. Numbers stay numbers, dates are ISO,
    text is never read as a formula; the same tables give the same bytes.
    """
    meanings = Grid.of(definitions, "Definitions of the measures", kinds={"target": "amount"})
    sheets = [Sheet("Definitions", meanings, "")]
    for name, notebook in notebooks.items():
        for grid in tables(notebook, about.own):
            taken = {sheet.name for sheet in sheets}
            sheets.append(Sheet(_name(name, taken), grid, title_of(notebook)))
    with xlsxwriter.Workbook(path, _TEXT_STAYS_TEXT) as book:
        looks = _Looks(book)
        book.set_properties(
            {
                "title": f"{about.organisation}: {about.period}",
                "created": datetime(about.as_of.year, about.as_of.month, about.as_of.day),
            }
        )
        _cover(book.add_worksheet("Cover"), about, looks)
        _contents(book.add_worksheet("Contents"), sheets, looks)
        _notes(book.add_worksheet("Notes"), looks)
        for number, sheet in enumerate(sheets, start=1):
            _table(book.add_worksheet(sheet.name), sheet, number, looks)


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.title = self.of(bold=True, font_size=16)
        self.header = self.of(bold=True, text_wrap=True, valign="bottom", bottom=2)
        self.text = self.of(text_wrap=True, valign="top")
        self.link = self.of(font_color="#12436D", underline=1)
        self.mark = self.of(align="right", valign="top")

    def of(self, **looks: Any) -> Format:
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": "Arial", "font_size": 12} | looks)
        return self._made[key]

    def number(self, kind: str) -> Format:
        form = FORMATS.get("date" if kind in DATES else kind, FORMATS["number"])
        return self.of(num_format=form, valign="top")


def _cover(sheet: Worksheet, about: About, looks: _Looks) -> None:
    lines = [
        about.known,
        about.protection,
        f"Basis: {about.basis}." if about.basis else "",
        f"Made {about.made} with workbench {__version__} from snapshot {about.snapshot}.",
        "Each sheet holds one table. The sheet Contents lists them, Notes explains the marks.",
    ]
    _page(sheet, f"{about.organisation}: {about.period}", looks, [line for line in lines if line])


def _contents(sheet: Worksheet, sheets: Sequence[Sheet], looks: _Looks) -> None:
    row = _page(sheet, "Contents", looks, ["One row for each table."])
    _header(sheet, row, ["Sheet", "Table", "Page of the report"], "contents", len(sheets), looks)
    for each in sheets:
        row += 1
        sheet.write_url(row, 0, f"internal:'{each.name}'!A1", looks.link, each.name)
        sheet.write_string(row, 1, each.grid.title, looks.text)
        sheet.write_string(row, 2, each.page or "All", looks.text)
    for column, width in enumerate((32, 60, 40)):
        sheet.set_column(column, column, width)


def _notes(sheet: Worksheet, looks: _Looks) -> None:
    row = _page(sheet, "Notes", looks, ["What the marks in cells without a number mean."])
    _header(sheet, row, ["Mark", "Meaning"], "notes", len(MARKS), looks)
    for number, (mark, meaning) in enumerate(MARKS.items(), start=row + 1):
        sheet.write_string(number, 0, mark, looks.text)
        sheet.write_string(number, 1, meaning, looks.text)
    sheet.set_column(0, 0, NARROWEST)
    sheet.set_column(1, 1, WIDEST)


def _table(sheet: Worksheet, each: Sheet, number: int, looks: _Looks) -> None:
    """One table: title, what it is from, its notes, one header row, one row of cells each."""
    grid = each.grid
    said = [f"Page of the report: {each.page}"] if each.page else []
    said += ["This sheet holds one table.", *grid.below]
    said += [] if grid.rows else ["The table has no rows."]
    first = _page(sheet, grid.title, looks, said)
    labels = _unique([column.label for column in grid.columns])
    _header(sheet, first, labels, f"table_{number}", len(grid.rows), looks)
    for row, cells in enumerate(grid.rows, start=first + 1):
        for place, (column, cell) in enumerate(zip(grid.columns, cells, strict=True)):
            _cell(sheet, row, place, cell, grid.kind_of(column, cells), looks)
    texts = zip(labels, *grid.written, strict=True)
    for place, column_texts in enumerate(texts):
        longest = max(len(text) for text in column_texts)
        sheet.set_column(place, place, min(max(longest + 2, NARROWEST), WIDEST))


def _page(sheet: Worksheet, title: str, looks: _Looks, lines: Sequence[str]) -> int:
    """Title and sentences from the first cell down; returns the next free row."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, NARROWEST)
    sheet.write_string(0, 0, title, looks.title)
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, looks.of())
    return len(lines) + 1


def _header(
    sheet: Worksheet, row: int, labels: Sequence[str], name: str, rows: int, looks: _Looks
) -> None:
    """A header row, and the table under it marked as one, so that screen readers announce it."""
    if rows:
        headers = [{"header": label, "header_format": looks.header} for label in labels]
        options = {"name": name, "columns": headers, "autofilter": False, "style": None}
        sheet.add_table(row, 0, row + rows, len(labels) - 1, options)
    for place, label in enumerate(labels):
        sheet.write_string(row, place, label, looks.header)


def _cell(sheet: Worksheet, row: int, place: int, cell: Cell, kind: str, looks: _Looks) -> None:
    if isinstance(cell, bool):
        sheet.write_string(row, place, "yes" if cell else "no", looks.text)
    elif isinstance(cell, int | float):
        sheet.write_number(row, place, round(cell, DECIMALS), looks.number(kind))
    elif kind in DATES and cell not in MARKS:
        day = datetime.fromisoformat(str(cell))
        sheet.write_datetime(row, place, day, looks.number(kind))
    else:
        mark = kind in NUMERIC or cell in MARKS
        sheet.write_string(row, place, str(cell), looks.mark if mark else looks.text)


def _unique(labels: Sequence[str]) -> list[str]:
    """Labels that all differ, whatever their case: a second "Rate" becomes "Rate (2)"."""
    seen: dict[str, int] = {}
    unique = []
    for label in labels:
        count = seen[label.lower()] = seen.get(label.lower(), 0) + 1
        unique.append(label if count == 1 else f"{label} ({count})")
    return unique


def _name(notebook: str, taken: Collection[str]) -> str:
    """A sheet's name: the notebook's, shortened where it must be, and the first free number."""
    clean = "".join(" " if letter in r"[]:*?/\'_" else letter for letter in notebook).strip()
    names = (f"{clean[: LONGEST_NAME - 4]} {number}" for number in count(1))
    return next(name for name in names if name not in taken)
