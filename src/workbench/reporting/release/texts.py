"""Every piece of text in a report's files, with the place where it stands.

A `cell` is a text that stands alone: a cell of a table, a string of a workbook.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter

from workbench.display import CARDS_TYPE, CASES_TYPE, TABLE_TYPE

_WORDS_CELL = re.compile(r"<t[dh][^>]*text-align:left[^>]*>([^<]*)<")  # of a column of words
_NUMBER = re.compile(r"<v>[^<]*</v>|<cols>.*?</cols>")  # of a sheet: numbers, widths of columns
_STRING = re.compile(r"<t[^>]*>([^<]*)</t>")
_TABLES = (TABLE_TYPE, CARDS_TYPE, CASES_TYPE)


@dataclass(frozen=True)
class Text:
    """A text and its place; `cell`: it stands alone."""

    where: str
    text: str
    cell: bool = False


def of_report(folder: Path) -> Iterator[Text]:
    """Everything that can be read in a report: names of its files, what is in them, behind them."""
    for file in sorted(folder.rglob("*")):
        yield Text("a file's name", file.name)
        if file.is_file():
            yield from of_file(file)


def of_file(file: Path) -> Iterator[Text]:
    """Everything that can be read in one file."""
    if file.suffix == ".xlsx":
        yield from _workbook(file)
    elif file.suffix == ".ipynb":
        yield from _notebook(file)
    else:
        yield from _page(file)


def _page(file: Path) -> Iterator[Text]:
    raw = file.read_text(encoding="utf-8", errors="replace")
    yield Text(file.name, unescape(raw))
    for found in _WORDS_CELL.findall(raw):
        yield Text(f"{file.name}, a table", unescape(found), cell=True)


def _workbook(file: Path) -> Iterator[Text]:
    with zipfile.ZipFile(file) as book:
        for part in book.namelist():
            if book.read(part) == _always().get(part):
                continue
            raw = book.read(part).decode("utf-8", errors="replace")
            where = f"{file.name}, {part}"
            yield Text(where, part)
            yield Text(where, unescape(_NUMBER.sub("", raw)))
            if part.endswith("sharedStrings.xml"):
                for found in _STRING.findall(raw):
                    yield Text(f"{file.name}, a cell", unescape(found), cell=True)


@cache
def _always() -> dict[str, bytes]:
    """The parts that are the same in every workbook, such as its theme."""
    written = BytesIO()
    with xlsxwriter.Workbook(written) as book:
        book.add_worksheet()
    with zipfile.ZipFile(written) as made:
        return {part: made.read(part) for part in made.namelist()}


def _notebook(file: Path) -> Iterator[Text]:
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for number, cell in enumerate(notebook["cells"], start=1):
        where = f"{file.name}, cell {number}"
        for text in _strings(cell):
            yield Text(where, text)
        for output in cell.get("outputs", ()):
            for kind in _TABLES:
                for row in output.get("data", {}).get(kind, {}).get("rows", ()):
                    for each in row:
                        if isinstance(each, str):
                            yield Text(where, each, cell=True)
    for text in _strings(notebook.get("metadata", {})):
        yield Text(f"{file.name}, metadata", text)


def _strings(part: Any) -> Iterator[str]:
    """Every string in a piece of JSON, names of its members among them."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for name, value in part.items():
            yield str(name)
            yield from _strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from _strings(value)
