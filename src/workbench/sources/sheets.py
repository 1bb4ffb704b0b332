"""Workbooks (xlsx): values, never formulas; every cell as text, dates as year-month-day."""

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import ibis
import openpyxl
import pyarrow as pa
from ibis.expr.types import Table
from openpyxl.utils.exceptions import InvalidFileException

from workbench.errors import DataError
from workbench.settings import nearest
from workbench.sources import text
from workbench.sources.archive import refuse_bomb
from workbench.sources.rows import Note

_BROKEN = (
    "{}: this is no workbook that can be read: it is broken, locked with a password, or of "
    "another kind. Save it again as xlsx without a password, or export it as csv."
)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its headers and, for each row that holds anything, its cells."""

    headers: tuple[str, ...]
    cells: tuple[tuple[int, tuple[Any, ...]], ...]
    formulas: Mapping[int, tuple[int, int, int]]


def head(path: Path, sheet: str = "", name: str = "") -> Sheet:
    """Read a sheet (by default the first); the first row that holds anything is the header.

    Raises DataError for a workbook that is broken, locked or empty, or has no sheet of this name.
    """
    name = name or path.name
    _refuse_broken(path, name)
    cells = tuple(_cells(path, sheet, name, values=True))
    if not cells:
        raise DataError(f"{name}: the sheet is empty: there is not even a header. Export it again.")
    headers = tuple("" if each is None else str(each).strip() for each in cells[0][1])
    while headers and not headers[-1]:
        headers = headers[:-1]
    formulas = _formulas(path, sheet, name, dict(cells)) if _has_formulas(path) else {}
    return Sheet(headers, cells[1:], formulas)


def read(
    found: Sheet, wanted: Mapping[str, str], con: ibis.BaseBackend, decimal: str = "."
) -> Table:
    """The columns in `wanted` (our name = header) as text, with `_row`, the row in the sheet.

    `decimal` is the sign with which the texts among the numbers are written.
    """
    columns: dict[str, pa.Array] = {}
    for name, header in wanted.items():
        place = found.headers.index(header)
        columns[name] = pa.array(
            [_text(cells, place, decimal) for _row, cells in found.cells], pa.string()
        )
    columns["_row"] = pa.array([row for row, _cells in found.cells], pa.int64())
    return text.register(pa.table(columns), con)


def notes(found: Sheet, columns: Mapping[str, str]) -> Iterator[Note]:
    """What to know of columns that hold formulas: their last result is read, or nothing is."""
    for column, header in columns.items():
        count, empty, first = found.formulas.get(found.headers.index(header), (0, 0, 0))
        if count:
            yield Note(
                column,
                "noted",
                "holds formulas; their last result is read",
                count,
                first,
                advice="Copy the column and paste it as values.",
            )
        if empty:
            yield Note(
                column,
                "noted",
                "holds formulas that were never worked out; read as empty",
                empty,
                first,
                advice="Open the workbook once in the program that made it and save it.",
            )


def _cells(
    path: Path, sheet: str, name: str, *, values: bool
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that hold anything, with their number in the sheet."""
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=values)) as book:
            if sheet and sheet not in book.sheetnames:
                raise DataError(
                    f"{name}: sheet: there is no sheet {sheet!r}{nearest(sheet, book.sheetnames)}"
                )
            page = book[sheet] if sheet else book.worksheets[0]
            page.reset_dimensions()
            for number, row in enumerate(page.iter_rows(values_only=True), start=1):
                if any(each is not None and each != "" for each in row):
                    yield number, row
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError):
        raise DataError(_BROKEN.format(name)) from None


def _refuse_broken(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as content:
            refuse_bomb(content.infolist(), name)
    except zipfile.BadZipFile:
        raise DataError(_BROKEN.format(name)) from None


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as content:
        for name in content.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with content.open(name) as part:
                    tail = b""
                    while block := part.read(1 << 20):
                        if b"<f>" in tail + block or b"<f " in tail + block:
                            return True
                        tail = block[-3:]
    return False


def _formulas(
    path: Path, sheet: str, name: str, values: Mapping[int, tuple[Any, ...]]
) -> dict[int, tuple[int, int, int]]:
    """Column -> number of formulas, of those without a result, and the first row with one."""
    found: dict[int, tuple[int, int, int]] = {}
    for number, row in _cells(path, sheet, name, values=False):
        for place, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith("="):
                count, empty, first = found.get(place, (0, 0, number))
                results = values.get(number, ())
                lost = place >= len(results) or results[place] is None
                found[place] = (count + 1, empty + lost, first)
    return found


def _text(cells: tuple[Any, ...], place: int, decimal: str) -> str | None:
    """A cell as text: whole numbers without a point, dates as year-month-day."""
    value = cells[place] if place < len(cells) else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else str(value).replace(".", decimal)
    return str(value)
