"""Capacity as it may be published: by month and team, and over the last 12 months.

Three rules, one for each thing that is counted. Clients: as everywhere. Posts and contracted hours
are the establishment, which says nothing of how anybody is: shown from three workers on, and never
so that one or two follow by subtraction. Absence is about workers' health and lives: protected as
clients are, all kinds together.
"""

from typing import Any

import pandas as pd

from workbench import definitions, disclosure, measures
from workbench.analyses.capacity.hours import by_month, workers
from workbench.measures import counting
from workbench.profiles import Profile
from workbench.store import Workspace
from workbench.words import capacity as said

ALL = said.ALL
MONTHS = 12
WORKFORCE = Profile("workforce", 2, 1, 0, said.WORKFORCE)


def months_table(data: Workspace) -> pd.DataFrame:
    """Clients, posts and hours: one row a month and team, and one a month for all of them.

    Columns: interval (the month's first day), team ("all" for all), clients (with us on the last
    day), open_cases (on an average day), workers (who hold cases, at work in the month), posts
    (their contracted hours, in full-time posts), contracted, away, available (hours; `away` of all
    kinds of absence), clients_per_post, stretch (that, over a full caseload), note. As many months
    as charts show. Protected. Raises DataError without staff.
    """
    months, people = _months(data, data.settings.reporting.history), workers(data)
    hours = by_month(data, people[people["holds"]], months)
    levels = [None, *(["team"] if "assignments" in data and hours["team"].nunique() > 1 else [])]
    keys = ["team", "interval"]
    frame = pd.concat(
        [
            _clients(data, months, by).merge(_hours(hours, by, "interval"), "left", keys)
            for by in levels
        ],
        ignore_index=True,
    )
    counts = ["holding", "workers_away"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    frame = frame.rename(columns={"holding": "workers"}).fillna(
        {"posts": 0, "contracted": 0, "away": 0}
    )
    frame = frame.assign(whole=frame["team"] != ALL)
    frame = frame.sort_values(["interval", "whole", "team"], ignore_index=True)
    safe = _protected(
        data, frame, ["clients", "workers_away"], ("interval",),
        amounts={"open_cases": "clients", "away": "workers_away"},
    )  # fmt: skip
    staff = _workforce(frame, "posts", "contracted", keys=("interval",))
    per_post = safe["clients"] / staff["posts"].where(staff["posts"] > 0)
    columns = {
        "workers": staff["workers"],
        "posts": staff["posts"].round(1),
        "contracted": staff["contracted"].round(),
        "available": staff["contracted"].round() - safe["away"],
        "clients_per_post": per_post,
        "stretch": per_post / data.settings.caseload.clients_full_time,
    }
    kept = ["interval", "team", "clients", "open_cases", *columns, "away", "note"]
    return _joined(safe, staff, columns)[kept]


def stretch_table(table: pd.DataFrame) -> pd.DataFrame:
    """How stretched all teams together were, for a chart: one row a month. From `months_table`.

    Columns: interval, clients, open_cases, posts, contracted, value (of a full caseload).
    """
    whole = table[(table["team"] == ALL) & table["stretch"].notna()].reset_index(drop=True)
    behind = whole[["interval", "clients", "open_cases", "posts", "contracted"]]
    return disclosure.extend(behind, {"value": whole["stretch"]})


def year_table(data: Workspace) -> pd.DataFrame:
    """The last 12 months, or as many as there are: who came and left, hours lost, cases that moved.

    One row for all and one a team: team, workers (all on record, at work at some time), average (on
    an average day), came, left, turnover (left over average), contracted, away, share_away (hours
    of those who hold cases, and lost of them), cases_moved (to another worker, by the team that
    took them), note. Protected. Raises DataError without staff.
    """
    months, people = _months(data, MONTHS), workers(data)
    first, last = months["interval"].min(), months["known_to"].max()
    at_work = people[(people["last"] >= first) & (people["first"] <= last)]
    frame = pd.concat(
        [
            _staff(at_work, first, last, by)
            .merge(_hours(by_month(data, at_work[at_work["holds"]], months), by), "left", "team")
            .merge(_moved(data, at_work, first, by), "left", "team")
            for by in ([None, "team"] if at_work["team"].nunique() > 1 else [None])
        ],
        ignore_index=True,
    )
    counts = ["workers_away", "cases_moved", "clients_moved"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    safe = _protected(
        data, frame, ["workers_away", "clients_moved"],
        events={"cases_moved": "clients_moved"}, amounts={"away": "workers_away"},
    )  # fmt: skip
    staff = _workforce(frame, "average", "contracted")
    seen = staff["workers"].notna()
    columns = {
        "workers": staff["workers"],
        "average": staff["average"],
        "came": frame["came"].astype("Int64").where(seen),
        "left": frame["left"].astype("Int64").where(seen),
        "turnover": (frame["left"] / staff["average"]).where(seen & (staff["average"] > 0)),
        "contracted": staff["contracted"].round(),
        "available": staff["contracted"].round() - safe["away"],
        "share_away": safe["away"] / staff["contracted"].where(staff["contracted"] > 0),
    }
    kept = ["team", *columns, "away", "cases_moved", "note"]
    return _joined(safe, staff, columns)[kept]


def _months(data: Workspace, number: int) -> pd.DataFrame:
    """The last months of complete records, and the last day known of each: interval, known_to."""
    times = counting.calendar(data, "month")
    since = pd.Timestamp(times.last) - pd.DateOffset(months=number - 1)
    first = max(since, pd.Timestamp(data.complete_from))
    return times.intervals(first.date())[["interval", "known_to"]]


def _hours(rows: pd.DataFrame, by: str | None, *keys: str) -> pd.DataFrame:
    """Hours of single workers added up: team, workers, posts, contracted, away, workers_away."""
    rows = rows.assign(
        team=rows["team"] if by else ALL,
        posts=rows["contracted"] / rows["full_time"].where(rows["full_time"] > 0),
        gone=rows["caseworker_id"].where(rows["away"] > 0),
    )
    return rows.groupby(["team", *keys], as_index=False).agg(
        holding=("caseworker_id", "nunique"),
        posts=("posts", "sum"),
        contracted=("contracted", "sum"),
        away=("away", "sum"),
        workers_away=("gone", "nunique"),
    )


def _clients(data: Workspace, months: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Clients on the last day and cases on an average one: team, interval, clients, open_cases."""
    caseload = measures.build(data, "caseload", interval="month", by=by)
    open_time = counting.open_time(data, counting.calendar(data, "month"), by)
    keys = ["interval", *([by] if by else [])]
    open_time["interval"] = pd.to_datetime(open_time["interval"])
    rows = caseload[[*keys, "clients"]].merge(open_time[[*keys, "days"]], "left", keys)
    rows = rows.merge(months, "inner", "interval")
    length = (rows["known_to"] - rows["interval"]).dt.days + 1
    return pd.DataFrame(
        {
            "team": rows["team"].astype("str") if by else ALL,
            "interval": rows["interval"],
            "clients": rows["clients"].fillna(0).astype("int64"),
            "open_cases": (rows["days"].fillna(0) / length).astype("float64"),
        }
    )


def _staff(people: pd.DataFrame, first: Any, last: Any, by: str | None) -> pd.DataFrame:
    """Workers who were there, came and left: team, workers, average, came, left."""
    begin, end = people["first"].clip(lower=first), people["last"].clip(upper=last)
    rows = people.assign(
        team=people["team"] if by else ALL,
        days=(end - begin).dt.days + 1,
        came=people["first"] > first,
        left=people["left"] & (people["last"] <= last),
    )
    counted = rows.groupby("team", as_index=False).agg(
        workers=("caseworker_id", "nunique"),
        average=("days", "sum"),
        came=("came", "sum"),
        left=("left", "sum"),
    )
    return counted.assign(average=counted["average"] / ((last - first).days + 1))


def _moved(data: Workspace, people: pd.DataFrame, first: Any, by: str | None) -> pd.DataFrame:
    """Cases that another worker took over: team (that took them), cases_moved, clients_moved."""
    columns = ["team", "cases_moved", "clients_moved"]
    if "assignments" not in data:
        return pd.DataFrame(columns=columns)
    held = definitions.holders(data, "caseworker_id")
    held = held.inner_join(
        definitions.starts(data).select("enrolment_id", "client_id"), "enrolment_id"
    )
    rows = held.select("enrolment_id", "client_id", "caseworker_id", "start_date").to_pandas()
    rows["start_date"] = pd.to_datetime(rows["start_date"])
    rows = rows.sort_values(["enrolment_id", "start_date", "caseworker_id"])
    before = rows.groupby("enrolment_id")["caseworker_id"].shift()
    begun = rows.groupby("enrolment_id")["start_date"].transform("min")
    new = before.notna() & (before != rows["caseworker_id"]) & (rows["start_date"] > begun)
    rows = rows[new & (rows["start_date"] >= first)]
    rows = rows.merge(people[["caseworker_id", "team"]], on="caseworker_id")
    rows["team"] = rows["team"] if by else ALL
    counted = rows.groupby("team", as_index=False).agg(
        cases_moved=("enrolment_id", "size"), clients_moved=("client_id", "nunique")
    )
    return counted[columns]


def _protected(
    data: Workspace,
    frame: pd.DataFrame,
    people: list[str],
    keys: tuple[str, ...] = (),
    **roles: Any,
) -> pd.DataFrame:
    """Clients, and workers who were away, as settings say."""
    counted = [*people, *roles.get("events", {}), *roles.get("amounts", {})]
    level = (frame["team"] == ALL).map({True: "all", False: "team"})
    return disclosure.protect(
        frame[["team", *keys, *counted]].assign(level=level),
        people=people,
        plain=["team"],
        within=[("level", *keys)],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
        **roles,
    )


def _workforce(frame: pd.DataFrame, *amounts: str, keys: tuple[str, ...] = ()) -> pd.DataFrame:
    """Posts and hours of three workers and more, nothing that gives away those of one or two."""
    level = (frame["team"] == ALL).map({True: "all", False: "team"})
    return disclosure.protect(
        frame[["team", *keys, "workers", *amounts]].assign(level=level),
        people=["workers"],
        amounts=dict.fromkeys(amounts, "workers"),
        plain=["team"],
        within=[("level", *keys)],
        profile=WORKFORCE,
        basis=said.WORKFORCE,
    )


def _joined(safe: pd.DataFrame, staff: pd.DataFrame, columns: dict[str, Any]) -> pd.DataFrame:
    """Released numbers of both kinds side by side; hidden where either is."""
    note = safe["note"].where(safe["note"] != "", staff["note"])
    return disclosure.extend(safe.assign(note=note), columns)
