"""How far an export's records go, and how far they can be taken as complete."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import pandas as pd

from workbench import sources
from workbench.errors import DataError

OLD_ENOUGH_DAYS = 180  # entry lag is measured on events at least this old: younger are cut off
FEWEST_LAGS = 30
LAG_QUANTILE = 0.95
DATED = {  # a record, the table and the day it is about, where the day of typing is known too
    "contacts": ("contacts", "contact_date", "recorded_at"),
    "starts": ("enrolments", "start_date", "recorded_at"),
    "ends": ("enrolments", "end_date", "end_recorded_at"),
    "outcomes": ("outcomes", "outcome_date", "recorded_at"),
    "assessments": ("assessments", "assessment_date", "recorded_at"),
}


def days_of(
    tables: Mapping[str, ibis.Table], export: sources.Export, stated: date | None
) -> dict[str, str | None]:
    """From when to when there are records, and how far they can be taken as complete.

    Complete to: the last day with records, or the last that the export speaks for, less the
    measured entry lag (95th percentile) of the slowest kind of record; ends, which are often typed
    in last of all, have a day of their own.
    """
    events = tables["contacts"].select(day="contact_date")
    starts = tables["enrolments"].select(day="start_date")
    found = [
        each.aggregate(first=each.day.min(), last=each.day.max()).to_pandas().iloc[0]
        for each in (events, starts)
    ]
    found = [each for each in found if pd.notna(each["first"])]
    if not found:
        raise DataError("enrolments: no row has a start_date and no contact a contact_date.")
    bounds = [each for each in (export.complete_to, export.exported_on) if each is not None]
    last = min([max(_date(each["last"]) for each in found), *bounds])
    lags = entry_lags(tables, last)
    ends = lags.pop("ends", 0)
    lag = max([0, *lags.values()])
    complete_from = stated or export.complete_from or _date(found[0]["first"])
    return {
        "complete_from": complete_from.isoformat(),
        "complete_to": (last - timedelta(days=lag)).isoformat(),
        "ends_complete_to": (last - timedelta(days=max(lag, ends))).isoformat(),
        "last_day": last.isoformat(),
        "exported_on": export.exported_on.isoformat() if export.exported_on else None,
    }


def entry_lags(tables: Mapping[str, ibis.Table], last: date) -> dict[str, int]:
    """Days from an event until it is typed in, 95th percentile, per kind of record that tells.

    Only from events at least 180 days before `last`: of younger ones the late entries are still to
    come, and would make the lag look short. Records typed in before they happened are no measure.
    """
    lags = {}
    for name, (source, day, recorded) in DATED.items():
        if source not in tables:
            continue
        table = tables[source]
        lag = table[recorded].date().delta(table[day], unit="day")
        old = table.filter(table[day] <= last - timedelta(days=OLD_ENOUGH_DAYS), lag >= 0)
        found = old.aggregate(n=old.count(), days=lag.quantile(LAG_QUANTILE)).to_pandas().iloc[0]
        if found.n >= FEWEST_LAGS:
            lags[name] = round(found.days)
    return lags


def _date(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value
