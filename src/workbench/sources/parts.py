"""One part of a table (the rows of one file) from text to types, with all that may be wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _
from ibis.expr.types import Table

from workbench.sources import cells, dates, rules
from workbench.sources.cells import Column
from workbench.sources.problems import Problem

if TYPE_CHECKING:
    from workbench.sources.rows import Staged


@dataclass(frozen=True)
class Read:
    """The rows of a part with typed columns, and the problems that they may have.

    `aside` are the problems for which a row is set aside, the most severe first; `others` repair
    or note. `remarks` says, per column, how its dates were read; `failures` are the sentences
    about columns whose dates cannot be told.
    """

    rows: Table
    columns: tuple[str, ...]
    aside: tuple[Problem, ...]
    others: tuple[Problem, ...]
    remarks: Mapping[str, tuple[str, ...]]
    failures: tuple[str, ...]


def read(part: "Staged", schema: Any, last_day: date, *, stated: bool) -> Read:
    """Read the rows of a part that its reader did not set aside.

    Dates after `last_day` cannot be right; `stated`: the export says that it was taken then.
    """
    rows = part.rows
    if "_aside" in rows.columns:
        rows = rows.filter(_._aside.isnull())
    written = [_column(part, schema, name) for name in schema.columns if name in rows.columns]
    typed = {each.name for each in written if cells.fits(each, rows[each.name].type())}
    texts = [each for each in written if each.name not in typed]
    zoned = [name for name in typed if getattr(rows[name].type(), "timezone", None)]

    rows = rows.mutate(**{each.raw: cells.plain(rows[each.name]) for each in texts})
    rows = rows.mutate(**{each.text_name: each.text(_[each.raw]) for each in texts})
    formats, failures = _formats(rows, texts, part)
    rows = rows.mutate(**_moments(rows, written, typed, formats))
    rows = rows.mutate(**_values(rows, written, typed, part.decimal))
    names = [each.name for each in written]
    if (at := _contact_at(schema.name, names, rows, formats)) is not None:
        rows = rows.mutate(contact_at=at)
        names.append("contact_at")
    limits = {
        each.name: rules.limits(each, schema.name, last_day, stated=stated) for each in written
    }
    rows = _emptied(rows, written, limits)
    problems = [
        *(found for each in written for found in rules.unreadable(each, each.name in typed, part)),
        *(found for each in written for found in limits[each.name]),
        *rules.out_of_order(schema.name, names),
        *rules.reader_repairs(rows),
    ]
    by_kind = {
        kind: tuple(each for each in problems if each.kind == kind)
        for kind in ("set aside", "repaired", "noted")
    }
    remarks = {name: each.remarks for name, each in formats.items()}
    remarks |= dict.fromkeys(zoned, ("times hold a zone, and are kept in UTC",))
    others = (*by_kind["repaired"], *by_kind["noted"])
    return Read(rows, tuple(names), by_kind["set aside"], others, remarks, failures)


def _column(part: "Staged", schema: Any, name: str) -> Column:
    meta = schema.columns[name].metadata
    mapping = {str(key).strip(): value for key, value in part.values.get(name, {}).items()}
    section = f"[sources.{part.section or part.table}"
    return Column(name, meta["kind"], meta["required"], meta["allowed"], mapping, section)


def _formats(
    rows: Table, texts: list[Column], part: "Staged"
) -> tuple[dict[str, dates.Formats], tuple[str, ...]]:
    """How each text column of dates is written, and the sentences about those nobody can tell."""
    found, failures = {}, []
    for column in texts:
        if column.kind not in ("date", "moment"):
            continue
        values = rows[column.text_name]
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
            moments[f"_moment_{each.name}"] = formats[each.name].read(_[each.text_name])
        elif each.name in typed and rows[each.name].type().is_timestamp():
            moments[f"_moment_{each.name}"] = cells.wall(rows[each.name])
    return moments


def _values(rows: Table, columns: list[Column], typed: set[str], decimal: str) -> dict[str, Any]:
    """The typed value of every column; empty where it cannot be read."""
    values: dict[str, Any] = {}
    for each in columns:
        text = _[each.text_name]
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
    table: str, names: list[str], rows: Table, formats: Mapping[str, dates.Formats]
) -> Any | None:
    """The time of day that `contact_date` itself holds; midnight is taken as none."""
    timed = "_moment_contact_date" in rows.columns and (
        "contact_date" not in formats or formats["contact_date"].timed
    )
    if table != "contacts" or "contact_at" in names or not timed:
        return None
    moment = _["_moment_contact_date"]
    has_time = dates.sound(moment) & (moment != moment.truncate("D"))
    return ibis.ifelse(has_time, moment, ibis.null("timestamp(6)"))


def _emptied(rows: Table, written: list[Column], limits: Mapping[str, list[Problem]]) -> Table:
    """The rows without those dates that cannot be right and are not worth a row."""
    emptied = [each for each in written if limits[each.name] and not rules.sets_aside(each)]
    rows = rows.mutate(**{rules.as_read(each): _[each.name] for each in emptied})
    good = {each: ~ibis.or_(*(limit.test for limit in limits[each.name])) for each in emptied}
    return rows.mutate(
        **{each.name: ibis.ifelse(good[each], _[rules.as_read(each)], None) for each in emptied}
    )
