"""Counting rows and open time per interval and group, in the store; small pandas frames come out.

Events are Ibis tables with one row a thing of the denominator: `enrolment_id`, `day`, `part`
(whether, or how much, it adds to the numerator) and `held_on` where the case is to be looked up on
another day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd

from workbench import definitions
from workbench.errors import SettingsError
from workbench.periods import Period
from workbench.settings import nearest
from workbench.store import Workspace

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Calendar:
    """Intervals of one length, up to the one with the day `last`; nothing is known past `as_of`."""

    months: int
    year_starts: int
    last: date
    as_of: date

    def first_day(self, day: Any) -> Any:
        """The first day of the interval that a day (an Ibis date) falls in."""
        if self.months == 1:
            return day.truncate("M").cast("date")
        unit, moved = {3: "Q", 12: "Y"}[self.months], (self.year_starts - 1) % self.months
        if not moved:
            return day.truncate(unit).cast("date")
        shift = ibis.interval(months=moved)
        return ((day.truncate("M") - shift).truncate(unit) + shift).cast("date")

    def intervals(self, first: Any) -> pd.DataFrame:
        """One row an interval from the one with `first` on: interval, known_to, end (dates)."""
        rows = []
        if not pd.isna(first):
            period = Period.containing(first, self.months, self.year_starts)
            while period.start <= self.last:
                rows.append((period.start, min(period.end, self.as_of), period.end))
                after = period.end + timedelta(days=1)
                period = Period.containing(after, self.months, self.year_starts)
        frame = pd.DataFrame(rows, columns=["interval", "known_to", "end"])
        return frame.astype("datetime64[s]")


def calendar(data: Workspace, interval: str | None) -> Calendar:
    """The intervals to count by; SettingsError when `interval` is no length of an interval."""
    interval = interval or data.settings.reporting.interval
    if interval not in MONTHS:
        raise SettingsError(f"interval: there is no {interval!r}{nearest(interval, MONTHS)}")
    year_starts = data.settings.organisation.year_starts
    return Calendar(MONTHS[interval], year_starts, min(data.last_day, data.as_of), data.as_of)


def keys(by: str | None) -> list[str]:
    """What tells one row of a result from another."""
    return [*([by] if by else []), "interval"]


def tally(
    data: Workspace, events: ibis.Table, times: Calendar, by: str | None, *, count: bool = False
) -> pd.DataFrame:
    """Events counted: [by,] interval, numerator (sum of `part`), denominator (rows), clients.

    `clients` are those behind the denominator or, for a plain `count`, behind the numerator.
    """
    rows = definitions.with_group(data, events.filter(events.day <= data.as_of), by)
    rows = rows.mutate(interval=times.first_day(rows.day))
    counted = rows.group_by(keys(by)).aggregate(
        numerator=rows.part.sum().fill_null(0),
        denominator=rows.count(),
        clients=rows.client_id.nunique(where=rows.part if count else None),
    )
    return counted.to_pandas()


def tally_while_open(
    data: Workspace, events: ibis.Table, times: Calendar, by: str | None
) -> pd.DataFrame:
    """Events on days when their enrolment was open (and held, by team): [by,] interval, numerator.

    Also intervals with events of which none adds to the numerator: they were recorded by then.
    """
    spells = definitions.spells(data, by)
    rows = events.inner_join(
        spells,
        [
            events.enrolment_id == spells.enrolment_id,
            events.day >= spells.start_date,
            events.day <= spells.end_date,
        ],
    )
    rows = rows.mutate(interval=times.first_day(rows.day))
    return rows.group_by(keys(by)).aggregate(numerator=rows.part.sum()).to_pandas()


def open_time(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
    """Time open in each interval, exact to the day: [by,] interval, days, served, clients.

    `served`: the enrolments open on any day of it; `clients`: the people they are of.
    """
    both = _each_interval(definitions.spells(data, by), times)
    days = ibis.least(both.end_date, both.known_to).delta(
        ibis.greatest(both.start_date, both.interval), unit="day"
    )
    repeated = by in definitions.HELD_BY  # a team can hold a case, give it away and get it back
    counted = both.group_by(keys(by)).aggregate(
        days=days.sum() + both.count(),  # both the first and the last day count
        served=both.enrolment_id.nunique() if repeated else both.count(),
        clients=both.client_id.nunique(),
    )
    return counted.to_pandas()


def caseload(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
    """Clients with us on each interval's last day: numerator, clients; no denominator."""
    both = _last_days(definitions.spells(data, by), times)
    clients = both.client_id.nunique()
    counted = both.group_by(keys(by)).aggregate(numerator=clients, clients=clients)
    return counted.to_pandas().assign(denominator=0)


def overdue(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
    """Actions open on each interval's last day: numerator (past due), denominator, clients.

    Open: written by then, not done by then, and the enrolment still open.
    """
    rows = data.tables.actions.select(
        "enrolment_id",
        "created_date",
        "done_date",
        due=ibis._.revised_date.fill_null(ibis._.due_date),
    )
    rows = rows.filter(rows.due.notnull())
    rows = rows.inner_join(definitions.spells(data, by), "enrolment_id")
    written = rows.created_date.fill_null(rows.start_date)
    both = _last_days(rows.mutate(start_date=ibis.greatest(rows.start_date, written)), times)
    both = both.filter(both.done_date.isnull() | (both.done_date > both.known_to))
    counted = both.group_by(keys(by)).aggregate(
        numerator=(both.due < both.known_to).sum(),
        denominator=both.count(),
        clients=both.client_id.nunique(),
    )
    return counted.to_pandas()


def _each_interval(rows: ibis.Table, times: Calendar) -> ibis.Table:
    """The rows once for every interval that their time reaches into."""
    spread = _spread(rows, times)
    return rows.inner_join(
        spread, [rows.start_date <= spread.known_to, rows.end_date >= spread.interval]
    )


def _last_days(rows: ibis.Table, times: Calendar) -> ibis.Table:
    """The rows once for every interval whose last known day is within their time."""
    spread = _spread(rows, times)
    return rows.inner_join(
        spread, [rows.start_date <= spread.known_to, rows.end_date >= spread.known_to]
    )


def _spread(rows: ibis.Table, times: Calendar) -> ibis.Table:
    intervals = times.intervals(rows.start_date.min().execute())[["interval", "known_to"]]
    return ibis.memtable(intervals, schema={"interval": "date", "known_to": "date"})


def every_interval(rows: pd.DataFrame, times: Calendar, by: str | None) -> pd.DataFrame:
    """The rows with those intervals filled in that have none: 0 from a group's first row on."""
    grid = times.intervals(rows["interval"].min())[["interval", "end"]]
    if by:
        begins = rows.groupby(by)["interval"].min().rename("begins").reset_index()
        grid = begins.merge(grid, how="cross")
        grid = grid[grid["interval"] >= grid["begins"]].drop(columns="begins")
    counts = ["numerator", "denominator", "clients"]
    filled = grid.merge(rows[[*keys(by), *counts]], on=keys(by), how="left")
    return filled.fillna(dict.fromkeys(counts, 0)).sort_values(keys(by), ignore_index=True)
