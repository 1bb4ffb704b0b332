"""Text files (csv, tsv, txt): encoding, delimiter and header found out, every cell kept as text."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from ibis.expr.types import Table

from workbench.errors import DataError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_RAGGED = "has {} where the header has {}: is a separator or a quotation mark missing or too many?"
_HEAD = 1 << 20
_BLOCK = 64 << 20
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True)
class Head:
    """What the beginning of a text file tells: its headers, encoding and delimiter."""

    headers: tuple[str, ...]
    encoding: str
    delimiter: str
    stated: bool = False
    blank: int = 0


def normal(header: str) -> str:
    """A header without letter case, spaces, underscores and the marks that programs leave."""
    return re.sub(r"[\s_\u00a0\ufeff\u200b]+", "", header).casefold()


def head(path: Path, encoding: str = "", delimiter: str = "", name: str = "") -> Head:
    """Find out how a text file is written; `encoding` and `delimiter` where settings state them.

    Raises DataError for a file that is empty, is no text, or is not in the encoding stated.
    """
    name = name or path.name
    with path.open("rb") as file:
        start = file.read(_HEAD)
    stated = bool(encoding)
    encoding = encoding or _encoding(start, name)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except (UnicodeDecodeError, LookupError):
        raise DataError(_wrong_encoding(name, encoding)) from None
    text = text.removeprefix("\ufeff")
    begun = text.lstrip("\r\n")
    blank = len(text[: len(text) - len(begun)].splitlines())
    text = begun
    if not text.strip():
        raise DataError(f"{name}: the file is empty: there is not even a header. Export it again.")
    try:
        delimiter = delimiter or _delimiter(text)
        headers = next(_records(text, delimiter))
    except csv.Error:
        raise DataError(_open_quote(name, 1)) from None
    return Head(tuple(each.strip() for each in headers), encoding, delimiter, stated, blank)


def read(
    path: Path, found: Head, wanted: Mapping[str, str], con: ibis.BaseBackend, name: str = ""
) -> tuple[Table, Head]:
    """The rows of a text file: the columns in `wanted` (our name = header), all text, and `_row`.

    `_row` counts records (the header is 1; lines without anything are not counted), so it is the
    line number as long as no cell runs over several lines. Rows with too few or too many cells
    are there with `_aside` set and nothing else. The second thing returned is `found`, with the
    encoding corrected where only the whole file could tell. Raises DataError when the text cannot
    be decoded or a quotation mark is never closed.
    """
    name = name or path.name
    utf8, quotes = _scan(path)
    if found.encoding.startswith("utf-8") and not utf8:
        if found.stated:
            raise DataError(_wrong_encoding(name, found.encoding))
        found = replace(found, encoding="cp1252")
    ragged: list[tuple[int, int]] = []
    with path.open("rb") as file:
        table = _arrow(file, found, list(wanted.values()), ragged, path.stat().st_size, name)
    if quotes % 2:
        _refuse_open_quote(path, found, len(table) + len(ragged), name)
    rows = table.select(range(len(wanted))).rename_columns([*wanted])
    numbers = np.arange(2, len(rows) + len(ragged) + 2)
    numbers = np.delete(numbers, [number - 2 for number, _cells in ragged])
    rows = rows.append_column("_row", pa.array(numbers, pa.int64()))
    return _with_ragged(rows, ragged, len(found.headers), con), found


def _with_ragged(
    rows: pa.Table, ragged: list[tuple[int, int]], width: int, con: ibis.BaseBackend
) -> Table:
    staged = register(rows, con)
    if not ragged:
        return staged
    aside = {
        "_row": pa.array([number for number, _cells in ragged], pa.int64()),
        "_aside": pa.array(
            [_RAGGED.format(counted(cells, "cell"), width) for _number, cells in ragged],
            pa.string(),
        ),
    }
    nothing = {each: ibis.null("string") for each in rows.column_names if each != "_row"}
    left = register(pa.table(aside), con).mutate(**nothing)
    staged = staged.mutate(_aside=ibis.null("string"))
    return staged.union(left.select(*staged.columns))


def register(rows: pa.Table, con: ibis.BaseBackend) -> Table:
    """An Arrow table as a table of the connection, read where it lies."""
    name = ibis.util.gen_name("rows")
    con.con.register(name, rows)
    return con.table(name)


def counted(number: int, thing: str) -> str:
    """A number with its thing: "1 cell", "7 cells"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _encoding(start: bytes, name: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    if start.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise DataError(
            f"{name}: this is no text file, whatever its name says (it begins like a workbook, "
            "zip, parquet or PDF file). Give it its right ending, or export it as csv."
        )
    even, odd = start[:200:2], start[1:200:2]
    if 2 * odd.count(0) > len(odd):
        return "utf-16-le"
    if 2 * even.count(0) > len(even):
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """The sign that cuts the header into most cells, in which the rows then agree."""

    def cells(delimiter: str) -> int:
        sample = _records(text[:100_000], delimiter)
        widths = [len(row) for row, _number in zip(sample, range(20), strict=False) if row]
        alike = sum(each == widths[0] for each in widths)
        return widths[0] if 2 * alike >= len(widths) else 1

    return max(DELIMITERS, key=cells)


def _scan(path: Path) -> tuple[bool, int]:
    """Whether a whole file is UTF-8, and how many quotation marks it has."""
    decoder, utf8, quotes = codecs.getincrementaldecoder("utf-8")(), True, 0
    with path.open("rb") as file:
        while block := file.read(_HEAD):
            quotes += block.count(b'"')
            try:
                if utf8:
                    decoder.decode(block)
            except UnicodeDecodeError:
                utf8 = False
    return utf8 and not decoder.getstate()[0], quotes


def _arrow(
    file: io.BufferedIOBase,
    found: Head,
    headers: list[str],
    ragged: list[tuple[int, int]],
    size: int,
    name: str,
) -> pa.Table:
    columns = [f"c{place}" for place in range(len(found.headers))]
    wanted = [columns[found.headers.index(each)] for each in headers] or columns[:1]

    def skip(row: arrow_csv.InvalidRow) -> str:
        ragged.append((row.number - found.blank, row.actual_columns))
        return "skip"

    try:
        return arrow_csv.read_csv(
            file,
            arrow_csv.ReadOptions(
                column_names=columns,
                skip_rows=found.blank,
                skip_rows_after_names=1,
                use_threads=False,
                block_size=min(max(size, 1 << 16) + 1, _BLOCK),
                encoding="utf8" if found.encoding.startswith("utf-8") else found.encoding,
            ),
            arrow_csv.ParseOptions(
                delimiter=found.delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=wanted,
                strings_can_be_null=False,
            ),
        )
    except UnicodeDecodeError:
        raise DataError(_wrong_encoding(name, found.encoding)) from None
    except pa.ArrowInvalid as problem:
        if "straddling" in str(problem) and size < _BLOCK:
            raise DataError(_open_quote(name, 1)) from None
        if "straddling" in str(problem):
            raise DataError(
                f"{name}: a row is longer than {_BLOCK >> 20} MB. A quotation mark is probably "
                "not closed: look for it, or export the file again."
            ) from None
        raise DataError(f"{name}: cannot be read as text with columns: {problem}.") from None


def _refuse_open_quote(path: Path, found: Head, rows: int, name: str) -> None:
    """Refuse a file whose end lies inside a cell: a row put after it would not be seen."""
    row = found.delimiter.join("x" * len(found.headers))
    extra = f"\n{row}\n".encode(found.encoding.removesuffix("-sig"))
    data = io.BytesIO(path.read_bytes() + extra)
    ragged: list[tuple[int, int]] = []
    table = _arrow(data, found, list(found.headers[:1]), ragged, data.getbuffer().nbytes, name)
    if len(table) + len(ragged) == rows:
        raise DataError(_open_quote(name, rows + 1))


def _open_quote(name: str, row: int) -> str:
    return (
        f"{name}: a quotation mark in row {row:,} is never closed, so that the rest of the file "
        "reads as one cell. Close it, or export the file again."
    )


def _wrong_encoding(name: str, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return f"{name}: encoding: {encoding!r} is not known. Try 'utf-8', 'cp1252' or 'utf-16'."
    neither = "neither UTF-8 nor Windows' cp1252" if encoding == "cp1252" else f"not {encoding}"
    return f"{name}: the text is {neither}. Export it as UTF-8, or set encoding for it."
