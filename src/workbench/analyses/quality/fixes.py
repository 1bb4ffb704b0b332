"""What to fix first: what is missing from records that somebody can still put right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pandas as pd

from workbench import definitions, disclosure
from workbench.errors import AccessError
from workbench.store import Workspace

RECENT_DAYS = 365  # further back nobody remembers
IDLE_DAYS = 30
SETTLING_DAYS = 7


@dataclass(frozen=True)
class _Check:
    """Something that may be missing: `asked` are the rows that it is asked of.

    `asked` gives enrolment_id, day (on which somebody held the case) and found (it is missing).
    """

    name: str
    what_to_do: str
    asked: Callable[[Workspace, date], ibis.Table]
    tables: tuple[str, ...] = ()


def fix_first_table(data: Workspace, by: str | None = None) -> pd.DataFrame:
    """What to fix first, by team: what is missing, in how many records, of how many people.

    One row a check and group, the check with the most people first: check, `by` ("team", or
    "programme" where the export has no teams), records (to fix), people (whose), asked (people who
    could have it), share, what_to_do, note. Checks: open without contact for 30 days, result not
    recorded, action overdue, ended without a reason that settings know, contact neither kept nor
    missed, referral without start or reason, open without a caseworker; the last year only, up to
    the day to which records are complete. Protected.
    Raises AccessError for caseworkers: they have their own list, `fix_first_caseload`.
    """
    if by in ("caseworker", "caseworker_id"):
        raise AccessError(
            "by: caseworkers are not compared with each other in a table for everyone. "
            "Open the data with the scope of one caseworker or manager and use fix_first_caseload."
        )
    by = by or unit(data)
    table = _counted(data, by)
    order = table.groupby("check")["people"].transform("sum")
    table = table.assign(_order=-order).sort_values(
        ["_order", "check", "people"], ascending=[True, True, False], kind="stable"
    )
    return disclosure.protect(
        table.drop(columns="_order").reset_index(drop=True),
        people=["people", "asked"],
        events={"records": "people"},
        ratios={"share": ("people", "asked")},
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def fix_first_caseload(data: Workspace) -> pd.DataFrame:
    """What to fix first, by caseworker: for the caseworker and their manager only.

    One row a check and caseworker of the scope: check, caseworker_id, records, people, asked,
    what_to_do. Exact: it is their own work; never for a chart or a report.
    Raises AccessError where the data were opened for everyone.
    """
    if data.scope.caseworkers is None:
        raise AccessError(
            "scope: a list by caseworker is for that caseworker and their manager. "
            "Open the data with Scope.of_caseworkers(...)."
        )
    table = _counted(data, "caseworker_id")
    own = table["caseworker_id"].isin(data.scope.caseworkers) & (table["records"] > 0)
    return table[own].sort_values("records", ascending=False, ignore_index=True)


def unit(data: Workspace) -> str:
    """Who records: "team", or "programme" where the export has no teams."""
    return "team" if "assignments" in data and "staff" in data else "programme"


def _counted(data: Workspace, by: str) -> pd.DataFrame:
    columns = ["check", by, "records", "people", "asked", "what_to_do"]
    return pd.concat([pd.DataFrame(columns=columns), *_each(data, by)], ignore_index=True)[
        columns
    ].astype({"records": int, "people": int, "asked": int})


def _each(data: Workspace, by: str) -> Iterator[pd.DataFrame]:
    day = min(data.as_of, data.complete_to)
    for check in CHECKS:
        if any(name not in data for name in check.tables):
            continue
        if check.name == RESULT and not data.settings.outcomes.success:
            continue
        asked = check.asked(data, day).select("enrolment_id", "day", "found")
        rows = definitions.with_group(data, asked, by)
        counts = rows.group_by(by).aggregate(
            records=rows.found.sum(),
            people=rows.client_id.nunique(where=rows.found),
            asked=rows.client_id.nunique(),
        )
        yield counts.order_by(by).to_pandas().assign(check=check.name, what_to_do=check.what_to_do)


def _open(data: Workspace, day: date) -> ibis.Table:
    rows = definitions.starts(data)
    still = rows.end_date.isnull() | (rows.end_date > day)
    return rows.filter(rows.start_date <= day, still).mutate(day=ibis.literal(day))


def _without_contact(data: Workspace, day: date) -> ibis.Table:
    contacts = definitions.contacts(data)
    last = contacts.group_by("enrolment_id").aggregate(last=contacts.contact_date.max())
    rows = _open(data, day).left_join(last, "enrolment_id")
    seen = ibis.coalesce(rows.last, rows.start_date)
    return rows.mutate(found=seen < ibis.literal(day - timedelta(days=IDLE_DAYS)))


def _result_not_recorded(data: Workspace, day: date) -> ibis.Table:
    due = definitions.success(data, day)
    recent = due.filter(due.horizon_day > ibis.literal(day - timedelta(days=RECENT_DAYS)))
    return recent.mutate(
        day=ibis.least(recent.horizon_day, recent.end_date.fill_null(day)),
        found=recent.success.isnull(),
    )


def _action_overdue(data: Workspace, day: date) -> ibis.Table:
    actions = data.tables.actions
    due = ibis.coalesce(actions.revised_date, actions.due_date)
    rows = actions.filter(due.notnull()).semi_join(_open(data, day), "enrolment_id")
    late = ibis.coalesce(rows.revised_date, rows.due_date) < day
    undone = rows.done_date.isnull() | (rows.done_date > day)
    return rows.mutate(day=ibis.literal(day), found=late & undone)


def _ended_without_reason(data: Workspace, day: date) -> ibis.Table:
    ends = definitions.ends(data)
    recent = ends.filter(ends.end_date <= day, ends.end_date > day - timedelta(days=RECENT_DAYS))
    return recent.mutate(day=recent.end_date, found=recent.end_kind == "not said")


def _neither_kept_nor_missed(data: Workspace, day: date) -> ibis.Table:
    contacts = definitions.contacts(data)
    recent = contacts.filter(
        contacts.contact_date <= day - timedelta(days=SETTLING_DAYS),
        contacts.contact_date > day - timedelta(days=RECENT_DAYS),
    )
    return recent.mutate(day=recent.contact_date, found=recent.attended.isnull())


def _referral_without_answer(data: Workspace, day: date) -> ibis.Table:
    rows = definitions.enrolments(data)
    wait = timedelta(days=data.settings.reporting.start_within_days)
    waited = rows.filter(
        rows.referral_date <= day - wait, rows.referral_date > day - timedelta(days=RECENT_DAYS)
    )
    silent = waited.decline_reason.isnull() & waited.eligible.fill_null(True)
    open_still = waited.start_date.isnull() & waited.end_date.isnull()
    return waited.mutate(day=ibis.literal(day), found=open_still & silent)


def _without_caseworker(data: Workspace, day: date) -> ibis.Table:
    held = data.tables.assignments
    then = held.filter(held.start_date <= day, held.end_date.isnull() | (held.end_date >= day))
    then = then.select("enrolment_id").distinct().mutate(held=ibis.literal(True))
    rows = _open(data, day).left_join(then, "enrolment_id")
    return rows.mutate(found=rows.held.isnull())


RESULT = "result not recorded"
CHECKS = (
    _Check(
        f"open, no contact for {IDLE_DAYS} days",
        "Get in touch, or close the case with its reason.",
        _without_contact,
    ),
    _Check(
        RESULT, "Record the outcome, also where it was not achieved.", _result_not_recorded,
        ("outcomes",),
    ),
    _Check(
        "action overdue", "Mark it done, or agree a new day with the client.", _action_overdue,
        ("actions",),
    ),
    _Check(
        "ended without a known reason",
        "Record why, or name the reason under [exits] in the settings.",
        _ended_without_reason,
    ),
    _Check(
        "contact neither kept nor missed", "Mark it kept or missed.", _neither_kept_nor_missed
    ),
    _Check(
        "referral without start or reason",
        "Record the start, or why there was none.",
        _referral_without_answer,
    ),
    _Check(
        "open without a caseworker", "Say who holds the case.", _without_caseworker,
        ("assignments",),
    ),
)  # fmt: skip
