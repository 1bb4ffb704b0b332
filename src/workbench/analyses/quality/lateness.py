"""How late records are entered: per kind of record, and per team."""

from dataclasses import dataclass
from datetime import timedelta

import ibis
import pandas as pd

from workbench import definitions, disclosure
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.snapshots import LAG_QUANTILE, OLD_ENOUGH_DAYS
from workbench.store import Workspace

DAYS = (0, 1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56)


@dataclass(frozen=True)
class _Kind:
    """A kind of record: its table, the day that it is about, and when it was typed in."""

    name: str
    table: str
    day: str
    typed: str


KINDS = (
    _Kind("contacts", "contacts", "contact_date", "recorded_at"),
    _Kind("starts", "enrolments", "start_date", "recorded_at"),
    _Kind("ends", "enrolments", "end_date", "end_recorded_at"),
    _Kind("outcomes", "outcomes", "outcome_date", "recorded_at"),
    _Kind("assessments", "assessments", "assessment_date", "recorded_at"),
)


def lag_table(data: Workspace, by: str = "table") -> pd.DataFrame:
    """How many days pass from an event to its record: half of them, and 95 in 100.

    One row a kind of record (by="table"), or a team (or another grouping, such as "programme") and
    kind: [`by`,] records_of, people, records, median_days, p95_days, in_time (entered within
    `entry_within_days` of settings), share_in_time, too_early (typed in before they happened: no
    measure of lateness, left out of the rest), note. Only events at least 180 days before the last
    day: of younger ones the late entries are still to come. Protected.
    """
    within = data.settings.reporting.entry_within_days
    keys = ["records_of"] if by == "table" else [by, "records_of"]
    found = []
    for kind in KINDS:
        rows = _lags(data, kind, None if by == "table" else by)
        if rows is None:
            continue
        usable = rows.days >= 0
        counts = rows.group_by(keys).aggregate(
            people=rows.client_id.nunique(where=usable),
            records=usable.sum(),
            in_time=(usable & (rows.days <= within)).sum(),
            too_early=(~usable).sum(),
            median_days=rows.days.median(where=usable).round(),
            p95_days=rows.days.quantile(LAG_QUANTILE, where=usable).round(),
        )
        found.append(counts.order_by(keys).to_pandas())
    if not found:
        columns = ["people", "records", "in_time", "too_early", "median_days", "p95_days"]
        found = [pd.DataFrame(columns=[*keys, *columns]).astype(dict.fromkeys(columns, float))]
    return disclosure.protect(
        pd.concat(found, ignore_index=True),
        people=["people"],
        events={"records": "people", "in_time": "people", "too_early": "people"},
        means={"median_days": "people", "p95_days": "people"},
        ratios={"share_in_time": ("in_time", "records")},
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def lag_curve_table(
    data: Workspace, by: str | None = None, records_of: str = "contacts", most: int | None = None
) -> pd.DataFrame:
    """What share of records is in so many days after the event.

    One row a group and number of days: [`by`,] days (0 to 56), people, records, entered (by then),
    share, note. Same events as `lag_table`; empty where nothing says when they were typed in.
    `most`: only the groups with the most records, as many as a chart can hold. Protected.
    Raises DataError where `records_of` is no kind of record.
    """
    kinds = {kind.name: kind for kind in KINDS}
    if records_of not in kinds:
        raise DataError(f"records_of: there are no {records_of!r}{nearest(records_of, kinds)}")
    wide = _by_then(_lags(data, kinds[records_of], by), by)
    wide = wide.nlargest(len(wide) if most is None else most, "records").sort_values("group")
    long = wide.melt(["group", "people", "records"], list(wide.columns[3:]), "days", "entered")
    long["days"] = long["days"].astype("str").str[1:].astype(int)
    long = long.sort_values(["group", "days"], ignore_index=True)
    table = long.rename(columns={"group": by}) if by else long.drop(columns="group")
    return disclosure.protect(
        table,
        people=["people"],
        events={"records": "people", "entered": "people"},
        plain=["days"],
        ratios={"share": ("entered", "records")},
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def _by_then(rows: ibis.Table | None, by: str | None) -> pd.DataFrame:
    """One row a group: group, people, records, and d0, d1 ...: how many were in by that day."""
    if rows is None:
        columns = ["people", "records", *(f"d{day}" for day in DAYS)]
        return pd.DataFrame(columns=["group", *columns]).astype(dict.fromkeys(columns, int))
    rows = rows.filter(rows.days >= 0)
    rows = rows.mutate(group=rows[by] if by else ibis.literal("everyone"))
    counts = rows.group_by("group").aggregate(
        people=rows.client_id.nunique(),
        records=rows.count(),
        **{f"d{day}": (rows.days <= day).sum() for day in DAYS},
    )
    return counts.to_pandas()


def _lags(data: Workspace, kind: _Kind, by: str | None) -> ibis.Table | None:
    """Old enough records: records_of, client_id, days, `by`; None where nothing tells."""
    if kind.table not in data:
        return None
    table = data.tables[kind.table]
    oldest = data.last_day - timedelta(days=OLD_ENOUGH_DAYS)
    old = table.filter(table[kind.day] <= oldest, table[kind.typed].notnull())
    if not int(old.count().execute()):
        return None
    events = old.select(
        "enrolment_id",
        day=old[kind.day],
        days=old[kind.typed].date().delta(old[kind.day], unit="day"),
        records_of=ibis.literal(kind.name),
    )
    rows = definitions.with_group(data, events, by)
    return rows.filter(rows[by] != definitions.NOT_ASSIGNED) if by else rows
