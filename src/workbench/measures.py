"""Measures: a numerator, a denominator and their ratio, per interval and group.

`build` gives raw figures for analyses; `measures_table` the same, protected, for whoever reads.
What counts as contact, end or success is said in `definitions`; here it is only counted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

import ibis
import pandas as pd

from workbench import definitions, disclosure
from workbench.errors import DataError, SettingsError
from workbench.periods import Period
from workbench.settings import Direction, Measure, nearest
from workbench.store import Workspace
from workbench.tables import kind as kind_of
from workbench.tables import with_attributes

Kind = Literal["count", "proportion", "rate", "mean", "stock"]
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS_PER = {"client-weeks": 7, "client-months": 365.25 / 12}
COUNTABLE = ("contacts", "enrolments", "supports", "outcomes", "assessments", "needs", "actions")


@dataclass(frozen=True)
class Definition:
    """What a measure is, for people: in words, with its direction of good and its target.

    `kind`: "count", "proportion" (a part of a whole), "rate" (per time), "mean", or "stock" (how
    things stand on an interval's last day). `people`: it counts people, not enrolments or records.
    `why_not`: why this export does not allow it; None when it does.
    """

    name: str
    meaning: str
    numerator: str
    denominator: str
    kind: Kind
    unit: str
    better: Direction | None = None
    target: float | None = None
    people: bool = False
    why_not: str | None = None


@dataclass(frozen=True)
class _Calendar:
    """The intervals of one length, and the last day that anything is known of."""

    months: int
    year_starts: int
    first: date
    last: date

    def first_day(self, day: Any) -> Any:
        """The first day of the interval that a day (an Ibis date) falls in."""
        month = day.truncate("M")
        if self.months == 1:
            return month.cast("date")
        unit, moved = {3: "Q", 12: "Y"}[self.months], (self.year_starts - 1) % self.months
        if not moved:
            return day.truncate(unit).cast("date")
        shift = ibis.interval(months=moved)
        return ((month - shift).truncate(unit) + shift).cast("date")

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """One row an interval: first_day, last_day (as far as anything is known), end."""
        period = Period.containing(self.first, self.months, self.year_starts)
        rows = []
        while period.start <= self.last:
            rows.append((period.start, min(period.end, self.last), period.end))
            after = period.end + timedelta(days=1)
            period = Period.containing(after, self.months, self.year_starts)
        return pd.DataFrame(rows, columns=["first_day", "last_day", "end"]).astype("datetime64[s]")


_Rows = Callable[[Workspace, _Calendar, str | None], pd.DataFrame]


@dataclass(frozen=True)
class _Recipe:
    """A definition, how its rows are counted, and what that takes.

    `needs`: (table, column) pairs that must hold something. `named`: lists in the settings, each
    (place in the settings, its values, table, column), of which at least one value must occur.
    `wait_days`: how long after an interval's end its figure is still moving.
    """

    definition: Definition
    rows: _Rows
    needs: tuple[tuple[str, str], ...]
    named: tuple[tuple[str, Sequence[str], str, str], ...] = ()
    wait_days: int = field(default=0)


def names(data: Workspace) -> list[str]:
    """The measures that this export allows, in the order to show them.

    Those listed under [reporting] measures, or every built-in one and the settings' own.
    Raises SettingsError for a name that is no measure.
    """
    return [name for name in _wanted(data) if definition(data, name).why_not is None]


def definition(data: Workspace, name: str) -> Definition:
    """What a measure is, by what it is judged, and why this export does not allow it if so.

    Raises SettingsError for a name that is no measure.
    """
    recipe = _recipe(data, name)
    judged = data.settings.measures.get(name, Measure())
    target = _promised(data, name) if judged.target is None else judged.target
    return replace(
        recipe.definition,
        better=judged.better or recipe.definition.better,
        target=target,
        why_not=_why_not(data, recipe),
    )


def build(
    data: Workspace,
    name: str,
    *,
    interval: str | None = None,
    by: str | None = None,
    until: date | None = None,
    history: int | None = None,
) -> pd.DataFrame:
    """A measure's raw figures: one row an interval and, where asked for, a group. Not published.

    Columns: [by,] interval (its first day), numerator, denominator (NA for counts), value (NA
    where the denominator is 0), complete (its days and its waiting time are over by `complete_to`
    and the as-of date), clients (people behind the row). For a mean the numerator is the sum.

    `interval`: "month", "quarter" or "year", by default as settings say. `by`: an attribute of
    clients or enrolments, "team" or "caseworker_id" (whoever held the case that day). `until`: the
    last interval is the one with this day. `history`: only so many intervals, by default all.
    A group begins with its first row; after that an interval without rows counts 0.
    Raises SettingsError for an unknown measure, DataError for one that this export does not allow
    or a group that is not there.
    """
    about = definition(data, name)
    if about.why_not:
        raise DataError(f"{name}: this export does not allow the measure: {about.why_not}.")
    recipe = _recipe(data, name)
    calendar = _calendar(data, interval)
    rows = _every_interval(recipe.rows(data, calendar, by), calendar, by)
    counted = about.kind == "count" or not about.denominator
    whole = rows["denominator"].where(rows["denominator"] > 0)
    rows["value"] = rows["numerator"] if counted else rows["numerator"] / whole
    if counted:
        rows["denominator"] = pd.NA
    sure = pd.Timestamp(min(data.complete_to, data.as_of)) - pd.Timedelta(days=recipe.wait_days)
    rows["complete"] = rows["end"] <= sure
    types = dict.fromkeys(("numerator", "denominator", "value"), "Float64") | {"clients": "Int64"}
    rows = rows.astype(types)
    if until is not None:
        rows = rows[rows["interval"] <= pd.Timestamp(until)]
    if history is not None:
        rows = rows[rows["interval"].isin(rows["interval"].drop_duplicates().nlargest(history))]
    order = ["interval", "numerator", "denominator", "value", "complete", "clients"]
    return rows[[*_keys(by)[:-1], *order]].reset_index(drop=True)


def measures_table(
    data: Workspace,
    names: Iterable[str] | None = None,
    *,
    interval: str | None = None,
    by: str | None = None,
    until: date | None = None,
    history: int | None = None,
) -> pd.DataFrame:
    """The measures as they may be published: one row a measure, interval and, if asked, a group.

    Columns: measure, [by,] interval, numerator, denominator, value, complete, note ("[c]" where
    something is hidden). Small numbers are hidden, the rest rounded, and values worked out from
    what is left (`disclosure.protect`); a mean shows no numerator. Arguments as for `build`.
    """
    chosen = list(names) if names is not None else _allowed(data)
    tables = []
    for name in chosen:
        rows = build(data, name, interval=interval, by=by, until=until, history=history)
        about = _recipe(data, name).definition
        rows["role"] = "share" if about.kind == "stock" and about.denominator else about.kind
        tables.append(rows.assign(measure=name))
    return _protected(pd.concat(tables, ignore_index=True), data, by)


def dictionary(data: Workspace) -> pd.DataFrame:
    """The measures in words, also those that this export does not allow, and why.

    One row a measure: measure, meaning, numerator, denominator, kind, unit, better, target,
    why_not. A target for something that is no measure has a row too.
    """
    rows = [definition(data, name) for name in _recipes(data)]
    table = pd.DataFrame([vars(each) for each in rows]).drop(columns="people")
    table = table.rename(columns={"name": "measure"})
    stray = [
        {
            "measure": name,
            "why_not": f"a target is set for it, but it is no measure{nearest(name, _recipes(data))}",
        }
        for name in _promises(data)["measure"].drop_duplicates()
        if name not in _recipes(data)
    ]
    return pd.concat([table, pd.DataFrame(stray)], ignore_index=True) if stray else table
