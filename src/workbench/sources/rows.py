"""From the rows of files to clean tables: every row ends as loaded, repaired or set aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import pandas as pd

from workbench import tables
from workbench.errors import DataError
from workbench.sources import judge, loss, parts


@dataclass(frozen=True)
class Note:
    """A line of the loss report about a file or column: a column left out, a format found."""

    column: str
    kind: str
    problem: str
    rows: int | None = None
    first_row: int | None = None
    example: str | None = None
    advice: str = ""


@dataclass(frozen=True)
class Staged:
    """The rows of one file on their way to one table.

    `rows` holds our column names, as text still to be read or already typed, and `_row`, the
    number in the file (the header is row 1). A reader that sets a row aside itself says why in
    `_aside` (and for which column in `_aside_column`); one that repaired it, in `_repair` (and
    `_repair_column`); these are empty for all other rows. `file` is a name, never a path;
    `section` is the part of [sources] that advice points to (by default the table's own).
    """

    table: str
    file: str
    rows: ibis.Table
    date_formats: tuple[str, ...] = ()
    decimal: str = "."
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    section: str = ""


@dataclass(frozen=True)
class Coverage:
    """What an export says of itself: the day it was taken, and the days it speaks for."""

    exported_on: date | None = None
    complete_from: date | None = None
    complete_to: date | None = None


@dataclass(frozen=True)
class Export:
    """What an export holds: the tables, the rows set aside, and the loss report.

    `tables` are typed and hold declared columns only, in the order of the files. `set_aside` has
    one row a row set aside: table, source, row, column, problem. `issues` is the loss report.
    `exported_on`, `complete_from` and `complete_to` are None where the export does not state them.
    """

    tables: dict[str, ibis.Table]
    set_aside: ibis.Table
    issues: pd.DataFrame
    exported_on: date | None = None
    complete_from: date | None = None
    complete_to: date | None = None


def check(
    staged: Sequence[Staged],
    declared: Mapping[str, Any],
    con: ibis.BaseBackend,
    exported_on: date | None = None,
) -> Export:
    """Type every row of an export and say what became of it.

    Each table is made in one pass over its rows; then its problems are counted. Rows are set aside
    when a required cell is empty or unreadable, a date cannot be right or comes before the one it
    must follow, the parent row is not there, or the key was seen before; an optional cell that
    cannot be read is emptied and the row counts as repaired. Raises DataError for columns that are
    not there and for dates whose format cannot be told, all at once.
    """
    last_day = exported_on or date.today()
    by_table: dict[str, list[tuple[Staged, parts.Read]]] = {}
    failures: list[str] = []
    for part in staged:
        schema = declared[part.table]
        failures += _missing(part, schema)
        read = parts.read(part, schema, last_day, stated=exported_on is not None)
        failures += read.failures
        by_table.setdefault(part.table, []).append((part, read))
    if failures:
        raise DataError(*failures)
    judged: dict[str, judge.Judged] = {}
    for table in sorted(by_table, key=_depth):
        own, read_parts = zip(*by_table[table], strict=True)
        judged[table] = judge.judge(own, read_parts, declared[table], judged, con)
    ordered = [judged[name] for name in declared if name in judged]
    return Export(
        {each.staged[0].table: each.clean for each in ordered},
        loss.set_aside(ordered, con),
        loss.report(ordered),
        exported_on,
    )


def _missing(part: Staged, schema: Any) -> Iterator[str]:
    for name in tables.required_columns(schema):
        if name not in part.rows.columns:
            section = part.section or part.table
            yield (
                f"{part.file}: {name}: no column holds it, and {part.table} cannot do without. "
                f"Name its header under [sources.{section}.columns]."
            )


def _depth(table: str) -> int:
    """How many tables a row's owner hangs from: owners are judged first."""
    return 1 + _depth(tables.PARENTS[table][1]) if table in tables.PARENTS else 0
