"""What may be wrong with the cells and dates of a row, as problems that are looked for at once."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _
from ibis.expr.types import Table

from workbench import tables
from workbench.sources import cells
from workbench.sources.cells import Column
from workbench.sources.problems import Problem

if TYPE_CHECKING:
    from workbench.sources.rows import Staged

FIRST_DAY = date(1970, 1, 1)
FIRST_BIRTH = date(1900, 1, 1)
_WRONG = {
    "key": f"is longer than {cells.LONGEST:,} characters",
    "category": f"is longer than {cells.LONGEST:,} characters",
    "date": "is not a date",
    "moment": "is not a date",
    "number": "is not a number",
    "boolean": "is neither yes nor no",
}
_AT_SOURCE = "Correct it where it was recorded."


def unreadable(column: Column, typed: bool, part: "Staged") -> Iterator[Problem]:
    """What may be wrong with one cell, the most severe first."""
    value = _[as_read(column)]
    kind = "set aside" if column.required else "repaired"
    after = "" if column.required else ", emptied"
    if column.required:
        yield Problem(
            kind,
            column.name,
            "is empty",
            "Fill it in where it was recorded, or map another column under "
            f"{column.section}.columns].",
            value.isnull() if typed else _[column.text_name].isnull(),
        )
    if typed:
        return
    raw, text = _[column.raw], _[column.text_name]
    bad = text.notnull() & value.isnull()
    if column.kind == "number":
        yield Problem(
            kind,
            column.name,
            f"may have thousands marked{after}",
            f"Write it without a thousands separator, or set decimal under {column.section}].",
            bad & text.re_search(cells.PERHAPS_GROUPED),
            column.raw,
            column.shows,
        )
        bad = bad & ~text.re_search(cells.PERHAPS_GROUPED)
    if column.allowed:
        yield Problem(
            kind,
            column.name,
            f"is not one of: {', '.join(column.allowed)}{after}",
            f"Map its values under {column.section}.values.{column.name}].",
            bad,
            column.raw,
            column.shows,
        )
    else:
        yield Problem(
            kind,
            column.name,
            f"{_WRONG[column.kind]}{after}",
            _advice(column),
            bad,
            column.raw,
            column.shows,
        )
    yield from _remarks(column, raw, part)


def _advice(column: Column) -> str:
    return {
        "date": f"Correct it where it was recorded, or set date_format under {column.section}].",
        "moment": f"Correct it where it was recorded, or set date_format under {column.section}].",
        "number": f"Write it in digits without a unit, or set decimal under {column.section}].",
        "boolean": "Write yes or no, or map its values under "
        f"{column.section}.values.{column.name}].",
    }.get(column.kind, "Look for a quotation mark that is missing in the file.")


def _remarks(column: Column, raw: Any, part: "Staged") -> Iterator[Problem]:
    """Cells that are kept, and of which something is to be said."""
    known, folded = column.known, column.folded
    if folded and column.kind != "boolean":
        other_case = raw.lower().isin(list(folded)) & ~raw.isin(list(known))
        yield Problem(
            "repaired",
            column.name,
            "read in another letter case",
            "Write it the same way everywhere.",
            other_case,
            column.raw,
            column.shows,
        )
    if column.mapping and column.kind == "category" and not column.allowed:
        covered = raw.lower().isin(list(folded)) if folded else raw.isin(list(known))
        yield Problem(
            "noted",
            column.name,
            "stands in no mapping, kept as it is",
            f"Add it under {column.section}.values.{column.name}].",
            raw.notnull() & ~covered,
            column.raw,
            column.shows,
        )
    if column.kind == "number":
        yield Problem(
            "repaired",
            column.name,
            "read with its thousands marked",
            "Write it without a thousands separator.",
            _[column.text_name].re_search(cells.GROUPED[part.decimal]),
            column.raw,
            column.shows,
        )
    if column.kind == "category":
        yield Problem(
            "noted",
            column.name,
            "holds line breaks or control characters, read as spaces",
            "Write it on one line where it was recorded.",
            raw.re_search(cells.BREAKS),
        )
    if column.kind in ("key", "category"):
        yield Problem(
            "noted",
            column.name,
            "looks like a formula, kept as text",
            "Look at it where it was recorded; it is never run here.",
            (raw < "A") & raw.re_search(cells.FORMULA),
        )


def as_read(column: Column) -> str:
    """Where its value stands before those that cannot be right are emptied."""
    emptied = column.kind in ("date", "moment") and not sets_aside(column)
    return f"_was_{column.name}" if emptied else column.name


def sets_aside(column: Column) -> bool:
    """Whether a row cannot be used when this date cannot be right."""
    return column.kind == "date" and column.name != "birth_date"


def limits(column: Column, table: str, last_day: date, *, stated: bool) -> list[Problem]:
    """Dates that cannot be right: before all records, or after the export was taken."""
    if column.kind not in ("date", "moment"):
        return []
    first = FIRST_BIRTH if column.name == "birth_date" else FIRST_DAY
    kind, after = ("set aside", "") if sets_aside(column) else ("repaired", ", emptied")
    name = as_read(column)
    literal = ibis.date if column.kind == "date" else lambda day: ibis.timestamp(f"{day} 00:00:00")
    known = "the day of the export" if stated else "today"
    problems = [
        Problem(
            kind,
            column.name,
            f"lies before {first.year}{after}",
            _AT_SOURCE,
            _[name] < literal(first),
            name,
            column.shows,
        )
    ]
    if (table, column.name) not in tables.MAY_LIE_AHEAD:
        booked = ": booked for the future?" if sets_aside(column) else ""
        problems.append(
            Problem(
                kind,
                column.name,
                f"lies after {known} ({last_day}){booked or after}",
                "Leave out what has not happened yet, or correct it where it was recorded.",
                _[name] >= literal(last_day + timedelta(days=1)),
                name,
                column.shows,
            )
        )
    return problems


def out_of_order(table: str, names: list[str]) -> Iterator[Problem]:
    """Days that come before the day that they must follow."""
    for earlier, later in tables.IN_ORDER.get(table, ()):
        if earlier in names and later in names:
            yield Problem(
                "set aside",
                later,
                f"comes before {earlier}",
                _AT_SOURCE,
                _[later] < _[earlier],
                later,
                "date",
            )


def reader_repairs(rows: Table) -> Iterator[Problem]:
    """What the reader itself repaired, as it says."""
    if "_repair" not in rows.columns:
        return
    column = _._repair_column if "_repair_column" in rows.columns else ibis.literal("")
    said = rows.filter(_._repair.notnull()).select("_repair", _column=column).distinct()
    for row in said.order_by("_repair", "_column").execute().itertuples(index=False):
        same = _._repair == row[0]
        if "_repair_column" in rows.columns and isinstance(row[1], str):
            same = same & (_._repair_column == row[1])
        yield Problem("repaired", row[1] if isinstance(row[1], str) else "", row[0], "", same)
