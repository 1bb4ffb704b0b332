"""Hours of single workers, month by month: contracted, and lost to absence. Never published."""

from typing import Any

import numpy as np
import pandas as pd

from workbench import definitions, measures
from workbench.store import Workspace
from workbench.words import capacity as said

WORKING_DAYS = 5  # a week, Monday to Friday: bank holidays are not in an export


def why_not(data: Workspace) -> str | None:
    """Why capacity cannot be told, in one sentence; None when it can."""
    if "staff" not in data:
        return said.NO_STAFF
    if not data.filled("staff.hours_per_week"):
        return said.NO_HOURS
    return measures.definition(data, "caseload").why_not


def workers(data: Workspace) -> pd.DataFrame:
    """One row a worker known by the as-of date, and what is on record of them.

    caseworker_id, team, hours (a week; NaN: not recorded), first and last day at work (the as-of
    date where it goes on; from the first day of records where no start is recorded), left (has left
    by the as-of date), holds (held a case at some time; where nobody recorded who holds what,
    everyone does).
    """
    data.needs("staff")
    frame = data.tables.staff.to_pandas()
    as_of = pd.Timestamp(data.as_of)
    end = pd.to_datetime(frame["end_date"])
    first = pd.to_datetime(frame["start_date"]).fillna(pd.Timestamp(data.complete_from))
    found = pd.DataFrame(
        {
            "caseworker_id": frame["caseworker_id"].astype("str"),
            "team": frame["team"].astype("object").fillna(definitions.NOT_RECORDED).astype("str"),
            "hours": frame["hours_per_week"].astype("float64"),
            "first": first,
            "last": end.where(end <= as_of, as_of),
            "left": (end <= as_of).fillna(value=False),
        }
    )
    if "assignments" in data:
        held = data.tables.assignments
        held = held.filter(held.start_date <= data.as_of).select("caseworker_id").distinct()
        found["holds"] = found["caseworker_id"].isin(held.to_pandas()["caseworker_id"].astype(str))
    else:
        found["holds"] = True
    return found[found["first"] <= as_of].reset_index(drop=True)


def by_month(data: Workspace, people: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Hours of each worker in each month: one row a worker and month at work in it.

    `people`: from `workers`; `months`: interval, known_to. Columns: caseworker_id, team, interval,
    contracted (hours; a week's over Monday to Friday), full_time (hours of one full-time post on
    the same days), away (hours of those lost to absence, whatever its kind; a day counts once).
    """
    starts, ends = _days(months["interval"]), _days(months["known_to"])
    first = np.maximum(_days(people["first"])[:, None], starts[None, :])
    last = np.minimum(_days(people["last"])[:, None], ends[None, :])
    days = np.where(first <= last, np.busday_count(first, last + np.timedelta64(1, "D")), 0)
    who, when = np.nonzero(first <= last)
    per_day = people["hours"].to_numpy(dtype=float) / WORKING_DAYS
    full = data.settings.caseload.full_time_hours / WORKING_DAYS
    whole = np.busday_count(starts, ends + np.timedelta64(1, "D"))
    rows = pd.DataFrame(
        {
            "caseworker_id": people["caseworker_id"].iloc[who].to_numpy(),
            "team": people["team"].iloc[who].to_numpy(),
            "interval": months["interval"].to_numpy()[when],
            "contracted": days[who, when] * per_day[who],
            "full_time": whole[when] * full,
        }
    )
    away = _days_away(data, people, pd.Timestamp(months["interval"].min()))
    away["interval"] = away["day"].dt.to_period("M").dt.to_timestamp()
    lost = away.groupby(["caseworker_id", "interval"]).size().rename("away").reset_index()
    rows = rows.astype({"caseworker_id": "str", "team": "str"}).merge(
        lost, "left", ["caseworker_id", "interval"]
    )
    rate = rows["caseworker_id"].map(dict(zip(people["caseworker_id"], per_day, strict=True)))
    return rows.assign(away=rows["away"].fillna(0) * rate.astype("float64"))


def _days_away(data: Workspace, people: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """The working days that workers were away while employed: caseworker_id, day; each once."""
    empty = pd.DataFrame({"caseworker_id": pd.Series(dtype="str"), "day": pd.to_datetime([])})
    if "absences" not in data:
        return empty
    rows = data.tables.absences.select("caseworker_id", "start_date", "end_date").to_pandas()
    rows = rows.merge(people[["caseworker_id", "first", "last"]], on="caseworker_id")
    begin = pd.to_datetime(rows["start_date"]).clip(lower=since).combine(rows["first"], max)
    end = pd.to_datetime(rows["end_date"]).combine(rows["last"], min)
    known = (begin <= end).to_numpy()
    if not known.any():
        return empty
    lengths = ((end - begin).dt.days + 1)[known].to_numpy()
    place = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
    days = pd.DataFrame(
        {
            "caseworker_id": np.repeat(rows["caseworker_id"][known].to_numpy(), lengths),
            "day": np.repeat(begin[known].to_numpy(), lengths) + place.astype("timedelta64[D]"),
        }
    )
    return days[days["day"].dt.day_of_week < WORKING_DAYS].drop_duplicates(ignore_index=True)


def _days(when: "pd.Series[Any]") -> Any:
    return pd.to_datetime(when).to_numpy().astype("datetime64[D]")
