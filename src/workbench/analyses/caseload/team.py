"""A team on one day: who holds how many cases, what is late, what to look at first. Protected.

Workers stand in the order of their ids, never by a figure; no client is named.
"""

from datetime import timedelta
from typing import Any

import pandas as pd

from workbench import definitions, disclosure
from workbench.analyses.caseload.holding import last_holders, workers_of
from workbench.analyses.caseload.listing import open_cases
from workbench.analyses.caseload.moving import protected
from workbench.measures import events
from workbench.store import Workspace
from workbench.words import caseload as said

AHEAD_DAYS = 14  # how far ahead an absence is named
RECENT_DAYS = 91  # what counts as lately, for starts and entries


def workers_table(data: Workspace) -> pd.DataFrame:
    """How many clients each worker of the team holds, against a full caseload, and who is away.

    One row a worker in post, or gone and still holding a case: worker, clients, of_full (clients of
    a full caseload), away, hours_per_week, full (`clients_full_time` for the contracted hours; NA
    where they are not known). A client held by two counts with both. Protected.
    """
    held, limits = _held(data), data.settings.caseload
    staff = _in_post(data, held)
    clients = held.groupby("caseworker_id")["client_id"].nunique()
    hours = staff["hours_per_week"].astype("Float64")
    away = _absences(data)
    gone = staff["end_date"].where(staff["end_date"] < pd.Timestamp(data.as_of))
    frame = pd.DataFrame(
        {
            "worker": staff["caseworker_id"].astype("str"),
            "clients": staff["caseworker_id"].map(clients).fillna(0).astype(int),
            "hours_per_week": hours,
            "full": (limits.clients_full_time * hours / limits.full_time_hours).round(1),
            "away": [
                said.away(left if pd.isna(left) else left.date(), away.get(worker))
                for worker, left in zip(staff["caseworker_id"], gone, strict=True)
            ],
        }
    )
    safe = protected(data, frame, people=["clients"], plain=["hours_per_week", "full"], within=[()])
    share = (safe["clients"].astype("Float64") / safe["full"].where(safe["full"] > 0)).round(2)
    table = disclosure.extend(safe, {"of_full": share})
    known = ["away"] if "absences" in data or gone.notna().any() else []
    return table[["worker", "clients", "of_full", *known, "hours_per_week", "full", "note"]]


def timeliness_table(data: Workspace) -> pd.DataFrame:
    """What came in time and what is late, by worker: counts, for the last 91 days or the day.

    One row a worker in post, or gone and still holding a case: worker, started (clients who
    started), waited (of them, longer than `start_within_days`), contacts (held the case that day,
    and entered in `entry_within_days` or longer ago), entered_late (of them), actions_overdue,
    reviews_overdue (clients). Columns that the export does not allow are left out. Protected.
    """
    held = _held(data)
    late = held[held["overdue"] > 0]
    review = held[held["review_due"] < pd.Timestamp(data.as_of)]
    waits, entries = _waits(data), _entries(data)
    by = "caseworker_id"
    counts: dict[str, Any] = {
        "started": waits.groupby(by)["client_id"].nunique(),
        "waited": waits[waits["late"]].groupby(by)["client_id"].nunique(),
        "contacts": entries.groupby(by).size(),
        "entered_late": entries[entries["late"]].groupby(by).size(),
        "entered_of": entries.groupby(by)["client_id"].nunique(),
        "actions_overdue": late.groupby(by)["overdue"].sum(),
        "actions_of": late.groupby(by)["client_id"].nunique(),
        "reviews_overdue": review.groupby(by)["client_id"].nunique(),
    }
    workers = _in_post(data, held)["caseworker_id"]
    frame = pd.DataFrame(
        {"worker": workers.astype("str")}
        | {name: workers.map(each).fillna(0).astype(int) for name, each in counts.items()}
    )
    safe = protected(
        data,
        frame,
        people=["started", "waited", "entered_of", "actions_of", "reviews_overdue"],
        events={
            "contacts": "entered_of", "entered_late": "entered_of", "actions_overdue": "actions_of",
        },
        ratios={
            "share_waited": ("waited", "started"), "share_late": ("entered_late", "contacts"),
        },
        within=[()],
    )  # fmt: skip
    shown = ["worker"]
    shown += ["started", "waited"] if data.filled("enrolments.referral_date") else []
    shown += ["contacts", "entered_late"] if data.filled("contacts.recorded_at") else []
    shown += ["actions_overdue"] if "actions" in data else []
    shown += ["reviews_overdue"] if "assessments" in data else []
    return safe[[*shown, "note"]]


def exceptions_table(data: Workspace) -> pd.DataFrame:
    """Cases of the team that want looking at first: one row a kind, the most pressing first.

    what, clients, of (clients with an open case of the team), share, look_first. Kinds: nobody
    holds the case; only somebody who has left does; not seen for longer than `quiet_days`; no line
    on an action plan; no assessment ever, though one was due. A client can be in several. What the
    export does not tell is left out. Protected.
    """
    caseload = data.settings.caseload
    rows, holders = _of_team(data)
    day = pd.Timestamp(data.as_of)
    staff = data.tables.staff.to_pandas()
    gone = staff.loc[pd.to_datetime(staff["end_date"]) < day, "caseworker_id"]
    now = holders[holders["now"]]
    there = now.loc[~now["caseworker_id"].isin(gone), "enrolment_id"]
    nobody = ~rows["enrolment_id"].isin(now["enrolment_id"])
    unseen = (day - rows["last_kept"].fillna(rows["start_date"])).dt.days
    kinds: dict[str, Any] = {
        "nobody": nobody,
        "left": ~nobody & ~rows["enrolment_id"].isin(there),
        "quiet": unseen > caseload.quiet_days,
    }
    if "actions" in data:
        kinds["plan"] = rows["planned"] == 0
    if "assessments" in data:
        kinds["review"] = (rows["reviewed"] == 0) & (rows["review_due"] < day)
    kind_of = said.exceptions(caseload.quiet_days)
    frame = pd.DataFrame(
        {
            "what": [kind_of[kind][0] for kind in kinds],
            "clients": [int(rows.loc[each, "client_id"].nunique()) for each in kinds.values()],
            "of": int(rows["client_id"].nunique()),
            "look_first": [kind_of[kind][1] for kind in kinds],
        }
    )
    return protected(
        data, frame, people=["clients", "of"], ratios={"share": ("clients", "of")}
    )  # fmt: skip


def team_summary(first: pd.DataFrame) -> str:
    """A team in one sentence, from its `exceptions_table`: what was hidden there stays hidden."""
    disclosure.require_protected(first)
    clients = {
        str(what): None if pd.isna(n) else float(n)
        for what, n in zip(first["what"], first["clients"], strict=True)
    }
    of = first["of"].iloc[0]
    return said.team_summary(None if pd.isna(of) else float(of), clients)


# --- who is in the team, and what it holds ------------------------------------------------------


def _of_team(data: Workspace) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The open cases that the team holds now, or held last where nobody does; their holders."""
    holders, rows = last_holders(data), open_cases(data)
    ours = holders[holders["caseworker_id"].isin(workers_of(data))]
    return rows[rows["enrolment_id"].isin(ours["enrolment_id"])], ours


def _held(data: Workspace) -> pd.DataFrame:
    """The open cases that workers of the team hold now, once for each who does."""
    rows, holders = _of_team(data)
    return rows.merge(holders[holders["now"]], "inner", "enrolment_id")


def _in_post(data: Workspace, held: pd.DataFrame) -> pd.DataFrame:
    """The workers to list, by their id: in post or holding a case, managers only where they do."""
    staff = data.tables.staff.to_pandas()
    for name in ("start_date", "end_date"):
        staff[name] = pd.to_datetime(staff[name])
    day = pd.Timestamp(data.as_of)
    begun = staff["start_date"].isna() | (staff["start_date"] <= day)
    there = begun & (staff["end_date"].isna() | (staff["end_date"] >= day))
    there &= ~staff["caseworker_id"].isin(staff["manager_id"].dropna())
    kept = there | staff["caseworker_id"].isin(held["caseworker_id"])
    return staff[kept].sort_values("caseworker_id", ignore_index=True)


def _absences(data: Workspace) -> dict[str, tuple[Any, Any, bool]]:
    """Each worker's present or next absence within two weeks: first day, last day, whether now."""
    if "absences" not in data:
        return {}
    day = pd.Timestamp(data.as_of)
    rows = data.tables.absences
    rows = rows.filter(
        rows.end_date >= data.as_of, rows.start_date <= data.as_of + timedelta(days=AHEAD_DAYS)
    )
    frame = rows.select("caseworker_id", "start_date", "end_date").to_pandas()
    frame = frame.sort_values("start_date").drop_duplicates("caseworker_id")
    return {
        row.caseworker_id: (
            pd.Timestamp(row.start_date).date(),
            pd.Timestamp(row.end_date).date(),
            pd.Timestamp(row.start_date) <= day,
        )
        for row in frame.itertuples()
    }


def _waits(data: Workspace) -> pd.DataFrame:
    """Starts of the last weeks whose referral is dated: client, worker on that day, late."""
    return _lately(
        data, events.waits(data), lambda part: part > data.settings.reporting.start_within_days
    )


def _entries(data: Workspace) -> pd.DataFrame:
    """Contacts of the last weeks, but those that could still be entered in time: client, worker."""
    rows = events.entries(data)
    until = data.as_of - timedelta(days=data.settings.reporting.entry_within_days)
    return _lately(data, rows.filter(rows.day <= until), lambda part: ~part.astype(bool))


def _lately(data: Workspace, rows: Any, late: Any) -> pd.DataFrame:
    recent = rows.filter(rows.day > data.as_of - timedelta(days=RECENT_DAYS))
    held = definitions.with_group(data, recent, "caseworker_id")
    frame = held.filter(held.caseworker_id.isin(workers_of(data) or [""])).to_pandas()
    return frame.assign(late=late(frame["part"]))
