"""One part of a table (the rows of one file) from text to types, with all that may be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

from workbench import tables
from workbench.sources import cells, dates
from workbench.sources.cells import Column
from workbench.sources.problems import Problem

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


@dataclass(frozen=True)
class Read:
    """The rows of a part with typed columns and, per kind, the problems that they may have.

    `formats` says how the dates of each text column were read; `failures` are the sentences of
    columns whose dates cannot be told.
    """

    rows: Table
    columns: tuple[str, ...]
    aside: tuple[Problem, ...]
    others: tuple[Problem, ...]
    formats: Mapping[str, dates.Formats]
    failures: tuple[str, ...]


def read(part: Any, schema: Any, last_day: date, stated_day: bool) -> Read:
    """Read the rows of a `Staged` part that its reader did not set aside."""
    rows = part.rows
    if "_aside" in rows.columns:
        rows = rows.filter(_._aside.isnull())
    columns = [_column(part, schema, name) for name in schema.columns if name in rows.columns]
    typed = {each.name for each in columns if cells.fits(each, rows[each.name].type())}
    texts = [each for each in columns if each.name not in typed]

    rows = rows.mutate(**{_raw(each): cells.plain(rows[each.name]) for each in texts})
    rows = rows.mutate(**{_text(each): each.text(_[_raw(each)]) for each in texts})
    formats, failures = _formats(rows, texts, part)
    rows = rows.mutate(**_moments(rows, columns, typed, formats))
    rows = rows.mutate(**_values(rows, columns, typed, part.decimal))
    if (at := _contact_at(schema.name, columns, rows, formats)) is not None:
        rows = rows.mutate(contact_at=at)
        columns.append(_column(part, schema, "contact_at"))
    written = [each for each in columns if each.name in part.rows.columns]
    limits = {each.name: _limits(each, schema.name, last_day, stated_day) for each in written}
    emptied = [each for each in written if limits[each.name] and not _sets_aside(each)]
    rows = rows.mutate(**{_as_read(each): _[each.name] for each in emptied})
    rows = rows.mutate(**{each.name: _within(each, limits[each.name]) for each in emptied})
    problems = [
        *(found for each in written for found in _unreadable(each, each.name in typed, part)),
        *(found for each in written for found in limits[each.name]),
        *_out_of_order(schema.name, [each.name for each in columns]),
        *_reader_repairs(rows),
    ]
    return Read(
        rows,
        tuple(each.name for each in columns),
        tuple(each for each in problems if each.kind == "set aside"),
        (
            *(each for each in problems if each.kind == "repaired"),
            *(each for each in problems if each.kind == "noted"),
        ),
        formats,
        failures,
    )


def _column(part: Any, schema: Any, name: str) -> Column:
    meta = schema.columns[name].metadata
    mapping = {str(key).strip(): value for key, value in part.values.get(name, {}).items()}
    section = f"[sources.{part.section or part.table}"
    return Column(name, meta["kind"], meta["required"], meta["allowed"], mapping, section)


def _raw(column: Column) -> str:
    return f"_raw_{column.name}"


def _text(column: Column) -> str:
    return f"_text_{column.name}"


def _formats(
    rows: Table, texts: list[Column], part: Any
) -> tuple[dict[str, dates.Formats], tuple[str, ...]]:
    """How each text column of dates is written, and the sentences about those nobody can tell."""
    found, failures = {}, []
    for column in texts:
        if column.kind not in ("date", "moment"):
            continue
        values = rows[_text(column)]
        try:
            found[column.name] = dates.detect(values, part.date_formats, private=column.private)
        except dates.UndecidedError as problem:
            failures.append(
                f"{part.file}: {column.name}: the dates {problem} under {column.section}]."
            )
    return found, tuple(failures)


def _moments(
    rows: Table, columns: list[Column], typed: set[str], formats: Mapping[str, dates.Formats]
) -> dict[str, Any]:
    moments = {}
    for each in columns:
        if each.name in formats:
            moments[f"_moment_{each.name}"] = formats[each.name].read(_[_text(each)])
        elif each.name in typed and rows[each.name].type().is_timestamp():
            moments[f"_moment_{each.name}"] = cells.wall(rows[each.name])
    return moments


def _values(rows: Table, columns: list[Column], typed: set[str], decimal: str) -> dict[str, Any]:
    """The typed value of every column; empty where it cannot be read."""
    values: dict[str, Any] = {}
    for each in columns:
        text = _[_text(each)]
        moment = f"_moment_{each.name}"
        if moment in rows.columns:
            day = _[moment].date() if each.kind == "date" else _[moment]
            values[each.name] = ibis.ifelse(dates.sound(_[moment]), day, None)
        elif each.kind in ("date", "moment"):
            kind = "date" if each.kind == "date" else "timestamp(6)"
            source = rows[each.name] if each.name in typed else ibis.null()
            values[each.name] = source.cast(kind)
        elif each.name in typed:
            values[each.name] = _typed(each, rows[each.name])
        elif each.kind == "number":
            values[each.name] = cells.number(text, decimal)
        elif each.kind == "boolean":
            values[each.name] = cells.boolean(text)
        else:
            good = text.length() <= cells.LONGEST
            if each.allowed:
                good = good & text.isin(each.allowed)
            values[each.name] = ibis.ifelse(good, text, ibis.null("string"))
    return values


def _typed(column: Column, values: Any) -> Any:
    if column.kind in ("key", "category"):
        return cells.plain(values)
    if column.kind == "number":
        values = values.cast("float64")
        return ibis.ifelse(values.isnan() | values.isinf(), None, values)
    return values


def _contact_at(
    table: str, columns: list[Column], rows: Table, formats: Mapping[str, dates.Formats]
) -> Any | None:
    """The time of day that `contact_date` itself holds; midnight is taken as none."""
    names = [each.name for each in columns]
    timed = "_moment_contact_date" in rows.columns and (
        "contact_date" not in formats or formats["contact_date"].timed
    )
    if table != "contacts" or "contact_at" in names or not timed:
        return None
    moment = _["_moment_contact_date"]
    has_time = dates.sound(moment) & (moment != moment.truncate("D"))
    return ibis.ifelse(has_time, moment, ibis.null("timestamp(6)"))


def _unreadable(column: Column, typed: bool, part: Any) -> Iterator[Problem]:
    """What may be wrong with one cell, the most severe first."""
    value = _[_as_read(column)]
    kind = "set aside" if column.required else "repaired"
    after = "" if column.required else ", emptied"
    if column.required:
        yield Problem(
            kind,
            column.name,
            "is empty",
            "Fill it in where it was recorded, or map another column under "
            f"{column.section}.columns].",
            value.isnull() if typed else _[_text(column)].isnull(),
        )
    if typed:
        return
    raw, text = _[_raw(column)], _[_text(column)]
    bad = text.notnull() & value.isnull()
    if column.kind == "number":
        yield Problem(
            kind,
            column.name,
            f"may have thousands marked{after}",
            f"Write it without a thousands separator, or set decimal under {column.section}].",
            bad & text.re_search(cells.PERHAPS_GROUPED),
            _raw(column),
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
            _raw(column),
            column.shows,
        )
    else:
        yield Problem(
            kind,
            column.name,
            f"{_WRONG[column.kind]}{after}",
            _advice(column),
            bad,
            _raw(column),
            column.shows,
        )
    yield from _remarks(column, raw, part)


def _advice(column: Column) -> str:
    return {
        "date": f"Correct it where it was recorded, or set date_format under {column.section}].",
        "moment": f"Correct it where it was recorded, or set date_format under {column.section}].",
        "number": "Write it in digits, without a unit.",
        "boolean": "Write yes or no, or map its values under "
        f"{column.section}.values.{column.name}].",
    }.get(column.kind, "Look for a quotation mark that is missing in the file.")


def _remarks(column: Column, raw: Any, part: Any) -> Iterator[Problem]:
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
            _raw(column),
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
            _raw(column),
            column.shows,
        )
    if column.kind == "number":
        yield Problem(
            "repaired",
            column.name,
            "read with its thousands marked",
            "Write it without a thousands separator.",
            _[_text(column)].re_search(cells.GROUPED[part.decimal]),
            _raw(column),
            column.shows,
        )
    if column.kind in ("key", "category"):
        yield Problem(
            "noted",
            column.name,
            "looks like a formula, kept as text",
            "Look at it where it was recorded; it is never run here.",
            (raw < "A") & raw.re_search(cells.FORMULA),
        )


def _as_read(column: Column) -> str:
    """Where its value stands before those that cannot be right are emptied."""
    emptied = column.kind in ("date", "moment") and not _sets_aside(column)
    return f"_was_{column.name}" if emptied else column.name


def _sets_aside(column: Column) -> bool:
    """Whether a row cannot be used when this date cannot be right."""
    return column.kind == "date" and column.name != "birth_date"


def _limits(column: Column, table: str, last_day: date, stated: bool) -> list[Problem]:
    """Dates that cannot be right: before all records, or after the export was taken."""
    if column.kind not in ("date", "moment"):
        return []
    first = FIRST_BIRTH if column.name == "birth_date" else FIRST_DAY
    kind, after = ("set aside", "") if _sets_aside(column) else ("repaired", ", emptied")
    name = _as_read(column)
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
        booked = ": booked for the future?" if _sets_aside(column) else ""
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


def _within(column: Column, limits: list[Problem]) -> Any:
    good = ~ibis.or_(*(each.test for each in limits))
    return ibis.ifelse(good, _[_as_read(column)], None)


def _out_of_order(table: str, names: list[str]) -> Iterator[Problem]:
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


def _reader_repairs(rows: Table) -> Iterator[Problem]:
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
