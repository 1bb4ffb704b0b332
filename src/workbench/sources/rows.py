"""From the rows of files to clean tables: every row ends as loaded, repaired or set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import pandas as pd


@dataclass(frozen=True)
class Note:
    """A line of the loss report that is not about single rows: a column left out, a format found."""

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
class Export:
    """What an export holds: the tables, the rows set aside, and the loss report.

    `tables` are typed and hold declared columns only, in the order of the files. `set_aside` has
    one row a row set aside: table, source, row, column, problem. `issues` is the loss report.
    `exported_on` and `complete_to` are None where the export does not state them.
    """

    tables: dict[str, ibis.Table]
    set_aside: ibis.Table
    issues: pd.DataFrame
    exported_on: date | None = None
    complete_to: date | None = None


def check(
    staged: Sequence[Staged],
    declared: Mapping[str, Any],
    con: ibis.BaseBackend,
    exported_on: date | None = None,
) -> Export:
    """Being written."""
    raise NotImplementedError
