"""The measures that an organisation defines in its settings: counts, shares and rates of rows."""

from collections.abc import Iterator, Mapping
from typing import Any

import ibis

from workbench.errors import SettingsError
from workbench.measures.catalogue import (
    DAYS_PER,
    Definition,
    Recipe,
    built_in,
    flow,
    per_time,
)
from workbench.measures.events import events
from workbench.settings import Measure, Settings, Text, nearest
from workbench.store import Workspace
from workbench.tables import TABLES, kind, with_attributes

COUNTABLE = tuple(name for name, each in TABLES.items() if "enrolment_id" in each.columns)
BY_TEXT = ("key", "category")


def recipes(settings: Settings) -> dict[str, Recipe]:
    """Every measure by its name: the built-in ones, then the settings' own.

    Raises SettingsError with every section under [measures] that cannot be counted.
    """
    known = {each.definition.name: each for each in built_in(settings)}
    problems: list[str] = []
    for name, measure in settings.measures.items():
        if measure.count:
            problems += _problems(name, measure, settings)
        elif name not in known:
            problems.append(
                f"measures.{name}: is no built-in measure, and has no `count`{nearest(name, known)}"
            )
    if problems:
        raise SettingsError(*problems)
    own = {name: _recipe(name, each) for name, each in settings.measures.items() if each.count}
    return known | own


def _recipe(name: str, measure: Measure) -> Recipe:
    source = f"{measure.count}.{measure.date}"
    named = tuple(
        (f"measures.{name}.{place}", _listed(values), f"{measure.count}.{column}")
        for place, column, values in _conditions(measure)
    )
    rows = f"rows of {measure.count} by {measure.date}"
    chosen = rows + _in_words(measure.where)
    if measure.of is not None:
        about = Definition(
            name,
            measure.description or f"Of the {rows}, a share.",
            numerator=f"those of them{_in_words(measure.where)}",
            denominator=rows + _in_words(measure.of),
            kind="proportion",
            unit="share of rows",
        )
        return Recipe(about, flow(lambda data: _rows(data, measure)), (source,), named)
    if measure.per:
        about = Definition(
            name,
            measure.description or f"How many {chosen}, for the time that clients were with us.",
            numerator=f"{chosen}, while the enrolment was open",
            denominator=f"{measure.per} that enrolments were open",
            kind="rate",
            unit=f"per {measure.per.removesuffix('s')}",
        )
        rate = per_time(lambda data: _rows(data, measure), DAYS_PER[measure.per])
        return Recipe(about, rate, (source, "enrolments.start_date"), named)
    about = Definition(
        name,
        measure.description or f"How many {chosen}.",
        numerator=chosen,
        denominator="",
        kind="count",
        unit="rows",
    )
    return Recipe(about, flow(lambda data: _rows(data, measure), count=True), (source,), named)


def _rows(data: Workspace, measure: Measure) -> ibis.Table:
    """The rows of the table (or those that it is a share `of`); part: those that `where` names."""
    rows = data.tables[measure.count]
    day = rows[measure.date].cast("date")
    rows = rows.filter(day.notnull(), day <= data.as_of, *_matches(rows, measure.of or {}))
    chosen = ibis.and_(*_matches(rows, measure.where))
    return events(rows, rows[measure.date].cast("date"), chosen.fill_null(False))


def _matches(rows: ibis.Table, conditions: Mapping[str, Text]) -> Iterator[Any]:
    for column, values in conditions.items():
        wanted = _listed(values)
        if rows[column].type().is_boolean():
            yield rows[column].isin([each.lower() == "true" for each in wanted])
        else:
            yield rows[column].isin(wanted)


def _problems(name: str, measure: Measure, settings: Settings) -> Iterator[str]:
    """What keeps a measure of the settings from being counted."""
    if measure.count not in COUNTABLE:
        yield (
            f"measures.{name}.count: the rows of {measure.count} do not belong to an enrolment. "
            f"Count one of: {', '.join(COUNTABLE)}."
        )
        return
    table = with_attributes(settings.attributes)[measure.count]
    if kind(table, measure.date) not in ("date", "moment"):
        yield f"measures.{name}.date: {measure.count}.{measure.date} holds no dates."
    for place, column, values in _conditions(measure):
        where = f"measures.{name}.{place}"
        if column not in table.columns:
            near = nearest(column, table.columns)
            yield f"{where}: {measure.count} has no column {column!r}{near}"
        elif kind(table, column) == "boolean":
            odd = [each for each in _listed(values) if each.lower() not in ("true", "false")]
            if odd:
                yield f"{where}: {column} is 'true' or 'false', not {odd[0]!r}."
        elif kind(table, column) not in BY_TEXT:
            yield f"{where}: {column} is no category; rows cannot be chosen by it."


def _conditions(measure: Measure) -> Iterator[tuple[str, str, Text]]:
    for place, conditions in (("where", measure.where), ("of", measure.of or {})):
        for column, values in conditions.items():
            yield place, column, values


def _listed(values: Text) -> list[str]:
    return [values] if isinstance(values, str) else values


def _in_words(conditions: Mapping[str, Text]) -> str:
    parts = [f"{column} is {' or '.join(_listed(each))}" for column, each in conditions.items()]
    return f" where {' and '.join(parts)}" if parts else ""
