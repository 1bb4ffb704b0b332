"""The cases that a caseworker holds: whom to see, what is overdue, what to mend. About people.

For that worker's own report alone; frames, not tables, and never protected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import ibis
import pandas as pd

from workbench import definitions
from workbench.analyses.caseload.holding import last_holders, workers_of
from workbench.errors import AccessError
from workbench.store import Workspace
from workbench.words import caseload as said

COLUMNS = [
    "client_id", "programmes", "since", "days_since_contact", "days_since_offered", "next_contact",
    "next_due", "review_due", "shared", "flag",
]  # fmt: skip


def cases(data: Workspace, flags: pd.DataFrame | None = None) -> pd.DataFrame:
    """The clients that a caseworker holds at the close of the as-of date; for that worker's eyes.

    One row a client, in the order of their ids; where a client has several enrolments with the
    worker, the earliest day of each kind: client_id, programmes (a tuple), since (start),
    days_since_contact (the last kept one; NA: none), days_since_offered (kept or missed),
    next_contact (booked by then), next_due (first action not done), review_due (last assessment, or
    start, and `review_every_days`), shared (somebody else holds the case too), flag.
    `flags`: client_id and band, as disengagement's caseload gives them.
    Raises AccessError for a workspace that is not one caseworker's.
    """
    me = _me(data)
    rows = open_cases(data)
    holders = last_holders(data)
    now = holders[holders["now"]]
    mine = now.loc[now["caseworker_id"] == me, "enrolment_id"]
    others = now.loc[now["caseworker_id"] != me, "enrolment_id"]
    rows = rows[rows["enrolment_id"].isin(mine)]
    rows = rows.assign(shared=rows["enrolment_id"].isin(others))
    grouped = rows.sort_values("start_date").groupby("client_id", as_index=False)
    found = grouped.agg(
        programmes=("programme", _different),
        since=("start_date", "min"),
        last_kept=("last_kept", "max"),
        last_offered=("last_offered", "max"),
        next_contact=("next_contact", "min"),
        next_due=("next_due", "min"),
        review_due=("review_due", "min"),
        shared=("shared", "any"),
    )
    day = pd.Timestamp(data.as_of)
    bands = {} if flags is None else dict(zip(flags["client_id"], flags["band"], strict=True))
    return found.assign(
        days_since_contact=(day - found["last_kept"]).dt.days.astype("Int64"),
        days_since_offered=(day - found["last_offered"]).dt.days.astype("Int64"),
        flag=[str(bands.get(client, "")) for client in found["client_id"]],
    )[COLUMNS]


def open_cases(data: Workspace) -> pd.DataFrame:
    """The enrolments open at the close of the as-of date, and what is next in each. About people.

    One row an enrolment: enrolment_id, client_id, programme, start_date, last_kept, last_offered,
    next_contact, planned (actions on its plan), overdue (of them), next_due, reviewed (how many
    assessments), review_due (NaT where the export has no assessments).
    """
    rows = definitions.starts(data)
    rows = rows.filter(rows.end_date.isnull())
    frame = rows.select("enrolment_id", "client_id", "programme", "start_date").to_pandas()
    for part in (_contacts(data), _booked(data), _planned(data), _reviewed(data)):
        frame = frame.merge(part, "left", "enrolment_id")
    days = ["start_date", "last_kept", "last_offered", "next_contact", "next_due", "last_review"]
    frame[days] = frame[days].apply(pd.to_datetime)
    counts = ["planned", "overdue", "reviewed"]
    frame[counts] = frame[counts].fillna(0).astype(int)
    due = frame["last_review"].fillna(frame["start_date"])
    due += pd.Timedelta(days=data.settings.caseload.review_every_days)
    return frame.assign(review_due=due if "assessments" in data else pd.NaT)


def glance(data: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    """`cases` for a phone: client_id, days (NA: not seen yet), to_do, programme, since (as text).

    As many rows, in the same order; what is needed most stands first.
    """
    records: list[Any] = rows.to_dict("records")
    to_do = [
        said.to_do(
            row["flag"],
            _days(row["days_since_offered"]),
            _days(row["days_since_contact"]),
            {name: _day(row[name]) for name in said.STEPS},
            data.as_of,
        )
        for row in records
    ]
    programme = [said.programmes(row["programmes"], bool(row["shared"])) for row in records]
    frame = pd.DataFrame(
        {
            "client_id": rows["client_id"].astype("str"),
            "days": rows["days_since_contact"].astype("Int64"),
            "to_do": pd.Series(to_do, rows.index, dtype="str"),
            "programme": pd.Series(programme, rows.index, dtype="str"),
            "since": rows["since"],
        }
    )
    return short_days(data, frame)


def short_days(data: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    """A list with its days as they are short enough for a phone, as text: 12 May."""
    days = [str(name) for name in rows if pd.api.types.is_datetime64_any_dtype(rows[name])]
    written = {
        name: pd.Series(
            [said.short(each.date(), data.as_of) for each in rows[name]], rows.index, dtype="str"
        )
        for name in days
    }
    return rows.assign(**written)


def overdue(data: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    """What is late: actions past their day, and reviews; the longest overdue first. About people.

    One row an action or review of the clients in `rows` (as `cases` gives them): client_id, kind
    ("action", "review"), what, due, days_late. Due on the as-of date itself is not late yet.
    """
    day = pd.Timestamp(data.as_of)
    holders = last_holders(data)
    mine = holders.loc[holders["now"] & (holders["caseworker_id"] == _me(data)), "enrolment_id"]
    late = [pd.DataFrame(columns=["client_id", "kind", "what", "due"])]
    if "actions" in data:
        found = undone(data).to_pandas()
        found = found[found["enrolment_id"].isin(mine)]
        found["what"] = [
            said.action(action, need)
            for action, need in zip(found["action"], found["need"], strict=True)
        ]
        late.append(found.assign(kind="action")[late[0].columns])
    reviews = rows[["client_id", "review_due"]].rename(columns={"review_due": "due"})
    late.append(reviews.assign(kind="review", what=said.REVIEW)[late[0].columns])
    whole = pd.concat([each for each in late if len(each)] or late[:1], ignore_index=True)
    whole["due"] = pd.to_datetime(whole["due"])
    whole = whole[whole["due"] < day]
    whole = whole.assign(days_late=(day - whole["due"]).dt.days.astype(int))
    return whole.sort_values(["due", "client_id", "what"], ignore_index=True)


def to_fix(data: Workspace, checks: Sequence[Any]) -> pd.DataFrame:
    """What is missing from records that this worker can still put right. About people.

    One row a client and check: client_id, missing, records (how many), since (the oldest),
    what_to_do. Of a case that somebody else took over, nothing: that worker has it now.

    `checks`: those of the quality report (`quality.fixes.CHECKS`), of which the holder of a case
    can put right those named in `words.caseload.MISSING`.
    """
    day, mine = min(data.as_of, data.complete_to), _times(data)
    found = [pd.DataFrame(columns=["client_id", "missing", "records", "since", "what_to_do"])]
    for check in checks:
        if check.name not in said.MISSING or any(name not in data for name in check.tables):
            continue
        if check.tables == ("outcomes",) and not data.settings.outcomes.success:
            continue
        asked = check.asked(data, day)
        asked = asked.filter(asked.found).select("enrolment_id", "day")
        frame = asked.to_pandas().merge(mine, "inner", "enrolment_id")
        frame = frame[frame["day"].between(frame["start_date"], frame["end_date"])]
        counted = frame.groupby("client_id", as_index=False).agg(
            records=("day", "size"), since=("day", "min")
        )
        found.append(
            counted.assign(missing=said.MISSING[check.name], what_to_do=check.what_to_do)[
                found[0].columns
            ]
        )
    whole = pd.concat([each for each in found if len(each)] or found[:1], ignore_index=True)
    whole = whole.astype({"records": int}).assign(since=pd.to_datetime(whole["since"]))
    return whole.sort_values(["client_id", "missing"], ignore_index=True)


def summary(data: Workspace, rows: pd.DataFrame, late: pd.DataFrame, fix: pd.DataFrame) -> str:
    """One sentence on a caseworker's own cases: how many, and what wants doing."""
    quiet = data.settings.caseload.quiet_days
    day = pd.Timestamp(data.as_of)
    unseen = rows["days_since_contact"].fillna(pd.Series((day - rows["since"]).dt.days)) > quiet
    kinds: Mapping[Any, int] = late["kind"].value_counts().to_dict()
    return said.summary(
        clients=len(rows),
        quiet=int(unseen.sum()),
        quiet_days=quiet,
        actions=int(kinds.get("action", 0)) if "actions" in data else None,
        reviews=int(kinds.get("review", 0)) if "assessments" in data else None,
        fix=int(fix["records"].sum()),
    )


def undone(data: Workspace) -> ibis.Table:
    """Actions of open enrolments, written and not done: client_id, need, action, due."""
    rows = data.tables.actions
    rows = rows.filter(
        rows.created_date.isnull() | (rows.created_date <= data.as_of),
        rows.done_date.isnull() | (rows.done_date > data.as_of),
    )
    cases = definitions.starts(data)
    cases = cases.filter(cases.end_date.isnull()).select("enrolment_id", "client_id")
    due = rows.revised_date.fill_null(rows.due_date)
    rows = rows.select("enrolment_id", "need", "action", due=due)
    return rows.filter(rows.due.notnull()).inner_join(cases, "enrolment_id")


# --- parts of `open_cases` ----------------------------------------------------------------------


def _contacts(data: Workspace) -> pd.DataFrame:
    rows = definitions.contacts(data)
    counted = rows.group_by("enrolment_id").aggregate(
        last_kept=rows.contact_date.max(where=rows.kept), last_offered=rows.contact_date.max()
    )
    return counted.to_pandas()


def _booked(data: Workspace) -> pd.DataFrame:
    """The first contact after the as-of date that was written down by then."""
    rows = definitions.contacts(replace(data, as_of=data.as_of + timedelta(days=366)))
    rows = rows.filter(rows.contact_date > data.as_of, rows.recorded_at.date() <= data.as_of)
    first = rows.group_by("enrolment_id").aggregate(next_contact=rows.contact_date.min())
    return first.to_pandas()


def _planned(data: Workspace) -> pd.DataFrame:
    if "actions" not in data:
        return pd.DataFrame(columns=["enrolment_id", "planned", "overdue", "next_due"])
    rows = data.tables.actions
    rows = rows.filter(rows.created_date.isnull() | (rows.created_date <= data.as_of))
    waiting = rows.done_date.isnull() | (rows.done_date > data.as_of)
    due = rows.revised_date.fill_null(rows.due_date)
    late = (waiting & (due < data.as_of)).fill_null(False)
    return (
        rows.group_by("enrolment_id")
        .aggregate(planned=rows.count(), overdue=late.sum(), next_due=due.min(where=waiting))
        .to_pandas()
    )


def _reviewed(data: Workspace) -> pd.DataFrame:
    if "assessments" not in data:
        return pd.DataFrame(columns=["enrolment_id", "reviewed", "last_review"])
    rows = data.tables.assessments
    rows = rows.filter(rows.assessment_date <= data.as_of)
    return (
        rows.group_by("enrolment_id")
        .aggregate(reviewed=rows.count(), last_review=rows.assessment_date.max())
        .to_pandas()
    )


def _times(data: Workspace) -> pd.DataFrame:
    """When the worker held the cases that nobody took over: enrolment_id, client_id, start, end."""
    me, last = _me(data), last_holders(data)
    held = definitions.holders(data, "caseworker_id")
    held = held.filter(held.caseworker_id == me).drop("caseworker_id")
    clients = data.tables.enrolments.select("enrolment_id", "client_id")
    rows = held.inner_join(clients, "enrolment_id").to_pandas()
    mine = last.loc[last["caseworker_id"] == me, "enrolment_id"]
    return rows[rows["enrolment_id"].isin(mine)]


def _me(data: Workspace) -> str:
    """The one caseworker whose workspace it is."""
    if not data.scope.own or len(workers := workers_of(data)) != 1:
        raise AccessError(
            "scope: single cases are for the caseworker who holds them. Open the data with "
            "open_for('caseworker', ...)."
        )
    return workers[0]


def _different(names: "pd.Series[str]") -> tuple[str, ...]:
    return tuple(str(name) for name in dict.fromkeys(names))


def _days(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _day(value: Any) -> Any:
    return None if pd.isna(value) else value.date()
