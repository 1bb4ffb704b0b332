"""Who held what when, and a workspace cut to the time that its own workers held the case."""

from dataclasses import replace

import ibis
import pandas as pd

from workbench import definitions
from workbench.errors import AccessError
from workbench.measures import own as known_measures
from workbench.settings import Settings
from workbench.store import Tables, Workspace

DATED = {  # the day on which somebody must have held the case for a row to be theirs
    "contacts": "contact_date",
    "outcomes": "outcome_date",
    "assessments": "assessment_date",
    "supports": "start_date",
    "needs": "identified_date",
}
ASKED_OFTEN = ("enrolments", "contacts")
WHOLE = ("clients", "targets", "changes")
NOT_OF_A_HOLDER = (
    "referrals", "starts", "start rate", "exits", "success rate", "outcome not known",
)  # fmt: skip
ALWAYS = "contacts per client-week"


def workers_of(data: Workspace) -> list[str]:
    """The workers whose workspace it is. Raises AccessError for a workspace of everyone."""
    if data.scope.caseworkers is None:
        raise AccessError(
            "scope: whose cases? Open the data with open_for('caseworker', ...) or "
            "open_for('team_manager', ...)."
        )
    return sorted(data.scope.caseworkers)


def attributed(data: Workspace) -> Workspace:
    """The workspace with only what happened while its own workers held the case.

    A case begins when they took it and ends when they gave it away; one that came back is two. So
    every measure of this workspace is of events under them. Measures that hang on a whole stay are
    left out (`NOT_OF_A_HOLDER`: referrals, starts, exits and outcomes at a horizon). Neither staff
    nor assignments are in it, and changes are not split by attributes of clients.
    Raises AccessError for a workspace of everyone, DataError without assignments.
    """
    held = _together(data)
    cut = {name: data.tables[name] for name in WHOLE if name in data}
    cut["enrolments"] = _enrolments(data, held)
    cut |= {
        name: _dated(data.tables[name], day, held) for name, day in DATED.items() if name in data
    }
    if "actions" in data:
        rows = data.tables.actions
        rows = rows.inner_join(held, rows.enrolment_id == held.case)
        cut["actions"] = rows.mutate(enrolment_id=rows.time)[data.tables.actions.columns]
    for name in ASKED_OFTEN:
        cut[name] = cut[name].cache()
    return replace(data, tables=Tables(cut), settings=_settings(data))


def last_holders(data: Workspace) -> pd.DataFrame:
    """Who held each enrolment last, or holds it now: enrolment_id, caseworker_id, now.

    Several rows where several held it on that last day. `now`: held on the as-of date.
    """
    held = definitions.holders(data, "caseworker_id").to_pandas()
    last = held.groupby("enrolment_id")["end_date"].transform("max")
    rows = held[held["end_date"] == last]
    now = pd.to_datetime(rows["end_date"]) >= pd.Timestamp(data.as_of)
    return rows.assign(now=now)[["enrolment_id", "caseworker_id", "now"]].reset_index(drop=True)


def _together(data: Workspace) -> ibis.Table:
    """The unbroken times in which any of the workers held a case: case, time, held_from, held_to.

    A time that begins on the day after another ends goes on from it.
    """
    rows = data.tables.assignments
    rows = rows.filter(rows.caseworker_id.isin(workers_of(data) or [""]))
    end = ibis.least(rows.end_date.fill_null(data.as_of), data.as_of)
    rows = rows.select(case="enrolment_id", held_from="start_date", held_to=end)
    frame = rows.filter(rows.held_from <= rows.held_to).to_pandas()
    days = ["held_from", "held_to"]
    frame[days] = frame[days].astype("datetime64[s]")
    frame = frame.sort_values(["case", *days], ignore_index=True)
    reached = frame.groupby("case")["held_to"].cummax().groupby(frame["case"]).shift(1)
    apart = reached.isna() | (frame["held_from"] > reached + pd.Timedelta(days=1))
    number = apart.groupby(frame["case"]).cumsum().astype(str)
    frame = frame.assign(time=frame["case"].astype(str) + "/" + number)
    merged = frame.groupby(["case", "time"], as_index=False).agg(
        held_from=("held_from", "min"), held_to=("held_to", "max")
    )
    types = {"case": "string", "time": "string", "held_from": "date", "held_to": "date"}
    return ibis.memtable(merged, schema=types)


def _enrolments(data: Workspace, held: ibis.Table) -> ibis.Table:
    """Each time as an enrolment of its own, open while it was open and held."""
    columns = data.tables.enrolments.columns
    rows = data.tables.enrolments
    rows = rows.inner_join(held, rows.enrolment_id == held.case)
    start = ibis.greatest(rows.start_date, rows.held_from)
    ended = (rows.end_date <= rows.held_to).fill_null(False)
    end = ended.ifelse(rows.end_date, rows.held_to)
    open_then = (start <= end) & rows.start_date.notnull()
    goes_on = ~ended & (rows.held_to >= data.as_of)
    none = ibis.null("date")
    return rows.mutate(
        enrolment_id=rows.time,
        referral_date=(open_then & (rows.start_date == start)).ifelse(rows.referral_date, none),
        start_date=open_then.ifelse(start, none),
        end_date=(open_then & ~goes_on).ifelse(end, none),
        exit_reason=(open_then & ended).ifelse(rows.exit_reason, ibis.null("string")),
    )[columns]


def _dated(rows: ibis.Table, day: str, held: ibis.Table) -> ibis.Table:
    columns = rows.columns
    both = rows.inner_join(
        held,
        [rows.enrolment_id == held.case, rows[day] >= held.held_from, rows[day] <= held.held_to],
    )
    return both.mutate(enrolment_id=both.time)[columns]


def _settings(data: Workspace) -> Settings:
    settings = data.settings
    wanted = settings.reporting.measures or tuple(known_measures.recipes(settings))
    kept = tuple(name for name in wanted if name not in NOT_OF_A_HOLDER) or (ALWAYS,)
    attributes = {
        name: each.model_copy(update={"compare": False})
        for name, each in settings.attributes.items()
    }
    return settings.model_copy(
        update={
            "reporting": settings.reporting.model_copy(update={"measures": kept}),
            "attributes": attributes,
        }
    )
