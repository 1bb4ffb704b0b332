"""What counts, said once: contact, start, end, success, and who held a case when.

Every function takes a workspace and returns an Ibis table of what is known on the as-of date: rows
dated later are left out, ends dated later are not known yet. An enrolment is open from its start
date to its end date, both days inside.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import pandas as pd

from workbench.errors import DataError, SettingsError
from workbench.settings import nearest
from workbench.store import Workspace, once
from workbench.tables import kind, with_attributes

NOT_RECORDED = "not recorded"
NOT_ASSIGNED = "not assigned"
END_KINDS = ("disengagement", "completion", "neither", "not said")
HELD_BY = ("team", "caseworker_id")


def followed_to(data: Workspace) -> date:
    """The last day up to which people could be followed: known, and complete in the records."""
    return min(data.as_of, data.ends_complete_to or data.complete_to)


# --- enrolments ---------------------------------------------------------------------------------


@once
def enrolments(data: Workspace) -> ibis.Table:
    """The enrolments heard of by the as-of date; a start or end after it is not known yet.

    One row an enrolment, all its columns.
    """
    rows = _as_known(data)
    return rows.filter(rows.referral_date.notnull() | rows.start_date.notnull())


@once
def _as_known(data: Workspace) -> ibis.Table:
    """All enrolments, without what happened after the as-of date."""
    rows, day = data.tables.enrolments, ibis.literal(data.as_of)
    by_then = {
        name: (rows[name] <= day).ifelse(rows[name], ibis.null("date"))
        for name in ("referral_date", "start_date", "end_date")
    }
    reason = by_then["end_date"].notnull().ifelse(rows.exit_reason, ibis.null("string"))
    return rows.mutate(**by_then, exit_reason=reason)


@once
def starts(data: Workspace) -> ibis.Table:
    """The enrolments that started. One row an enrolment, all its columns."""
    rows = enrolments(data)
    return rows.filter(rows.start_date.notnull())


@once
def ends(data: Workspace) -> ibis.Table:
    """The started enrolments that ended, with `end_kind`: what the exit reason means.

    One row an enrolment, all its columns. `end_kind` is "disengagement", "completion" or "neither"
    as settings name the reason under [exits], or "not said": no reason was recorded, or one that
    settings do not name (`unnamed_exit_reasons` lists those).
    """
    rows = starts(data)
    rows = rows.filter(rows.end_date.notnull())
    named = data.settings.exits
    kinds = [(rows.exit_reason.isin(getattr(named, each)), each) for each in END_KINDS[:3]]
    return rows.mutate(end_kind=ibis.cases(*kinds, else_=END_KINDS[3]))


def unnamed_exit_reasons(data: Workspace) -> pd.DataFrame:
    """The exit reasons that settings do not name. One row a reason: exit_reason, enrolments."""
    rows = ends(data)
    rows = rows.filter(rows.end_kind == "not said", rows.exit_reason.notnull())
    counted = rows.group_by("exit_reason").aggregate(enrolments=rows.count())
    return counted.order_by(counted.enrolments.desc(), "exit_reason").to_pandas()


@once
def success(
    data: Workspace,
    by_day: date | None = None,
    *,
    outcomes: Sequence[str] = (),
    after: int | None = None,
) -> ibis.Table:
    """Whether each started enrolment succeeded within its horizon, once the horizon is over.

    One row a started enrolment whose horizon ended by `by_day` (by default the as-of date): all
    its columns, `horizon_day` (start + horizon_days of settings) and `success`: 1 when an outcome
    that counts as success was achieved by the horizon day; 0 when it was said not to be achieved,
    or achieved only later; NA when nothing was said, or only "not known". Outcomes before the
    start or after `by_day` say nothing, nor do those up to the day `after`, counted from the start.
    `outcomes`: which count as success; by default those of settings.
    Raises SettingsError when settings name no outcome as success, DataError without outcomes.
    """
    named = _outcomes(data, outcomes)
    day = min(by_day or data.as_of, data.as_of)
    begun = starts(data)
    begun = begun.mutate(
        horizon_day=(
            begun.start_date + ibis.interval(days=data.settings.outcomes.horizon_days)
        ).cast("date")
    )
    begun = begun.filter(begun.horizon_day <= day)
    said = data.tables.outcomes.select("enrolment_id", "outcome", "outcome_date", "status")
    said = said.filter(said.outcome.isin(named), said.outcome_date <= day)
    days = begun.select("enrolment_id", "start_date", "horizon_day")
    said = said.inner_join(days, "enrolment_id")
    said = said.filter(said.outcome_date.delta(said.start_date, unit="day") > _or(after, -1))
    in_time = (said.status == "achieved") & (said.outcome_date <= said.horizon_day)
    known = said.filter(said.status != "not known").mutate(in_time=in_time)
    judged = known.group_by("enrolment_id").aggregate(success=known.in_time.any().cast("int8"))
    return begun.left_join(judged, "enrolment_id").drop("enrolment_id_right")


@once
def first_achieved(data: Workspace, outcomes: Sequence[str] = ()) -> ibis.Table:
    """The day on which each started enrolment first achieved one of the outcomes.

    One row an enrolment that did, from its start to the as-of date: enrolment_id, achieved_date.
    `outcomes`: by default those that settings call success. Raises as `success`.
    """
    named = _outcomes(data, outcomes)
    said = data.tables.outcomes.select("enrolment_id", "outcome", "outcome_date", "status")
    said = said.inner_join(starts(data).select("enrolment_id", "start_date"), "enrolment_id")
    said = said.filter(
        said.outcome.isin(named),
        said.status == "achieved",
        said.outcome_date >= said.start_date,
        said.outcome_date <= data.as_of,
    )
    return said.group_by("enrolment_id").aggregate(achieved_date=said.outcome_date.min())


def _outcomes(data: Workspace, named: Sequence[str]) -> list[str]:
    """The outcomes asked for, or those of settings, which must be in the records."""
    data.needs("outcomes")
    if not named and not data.settings.outcomes.success:
        raise SettingsError(
            "outcomes.success: no outcome is named, so nobody can be said to have succeeded. "
            "Name at least one under [outcomes]."
        )
    known = sorted(data.values("outcomes.outcome"))
    for each in named:
        if each not in known:
            raise DataError(f"outcome: there is no outcome {each!r}{nearest(each, known)}")
    return list(named or data.settings.outcomes.success)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


# --- contacts -----------------------------------------------------------------------------------


@once
def contacts(data: Workspace) -> ibis.Table:
    """The contacts that count as contact by settings, offered: kept, missed or not recorded.

    One row a contact, all its columns, and `kept` (true unless recorded as missed). Left out:
    channels that settings call administrative, channels not listed where settings list any (then
    also contacts without a channel), and group sessions where settings do not count them.
    """
    rows, counts = data.tables.contacts, data.settings.contacts
    rows = rows.filter(rows.contact_date <= data.as_of)
    if counts.administrative:
        rows = rows.filter(rows.channel.isnull() | rows.channel.notin(counts.administrative))
    if counts.channels:
        rows = rows.filter(rows.channel.isin(counts.channels))
    if not counts.group_sessions:
        rows = rows.filter(~rows.group_session.fill_null(False))
    return rows.mutate(kept=rows.attended.fill_null(True))


def offered(data: Workspace) -> ibis.Table:
    """The contacts offered, whether kept or missed: `contacts` by the name analyses use."""
    return contacts(data)


@once
def kept(data: Workspace) -> ibis.Table:
    """The contacts that took place: those offered and not recorded as missed."""
    rows = contacts(data)
    return rows.filter(rows.kept)


# --- groups, and who held a case ----------------------------------------------------------------


def groupings(data: Workspace) -> dict[str, str]:
    """What rows may be told apart by: each name, and the table that says it."""
    declared = with_attributes(data.settings.attributes)
    names = {
        name: table
        for table in ("clients", "enrolments")
        for name in declared[table].columns
        if kind(declared[table], name) in ("category", "boolean")
    }
    held_by = {"caseworker_id": ("assignments",), "team": ("assignments", "staff")}
    return names | {
        name: "assignments" for name, tables in held_by.items() if all(t in data for t in tables)
    }


@once
def holders(data: Workspace, by: str) -> ibis.Table:
    """Who held each case when. `by`: "team" or "caseworker_id".

    One row an unbroken time in which an enrolment was held by a worker or team: enrolment_id, the
    column asked for, start_date, end_date (the as-of date where it goes on). Overlapping times of
    one holder are merged, so a day is never counted twice; different holders may overlap.
    """
    data.needs("assignments", *(("staff",) if by == "team" else ()))
    rows = data.tables.assignments
    if by == "team":
        staff = data.tables.staff.select("caseworker_id", "team")
        rows = rows.left_join(staff, "caseworker_id").drop("caseworker_id_right")
    rows = rows.select(
        "enrolment_id",
        _text(rows[by]).name(by),
        "start_date",
        ibis.least(rows.end_date.fill_null(data.as_of), data.as_of).name("end_date"),
    )
    rows = rows.filter(rows.start_date <= rows.end_date)
    before = ibis.window(
        group_by=["enrolment_id", by], order_by=["start_date", "end_date"], preceding=(None, 1)
    )
    rows = rows.mutate(reached=rows.end_date.max().over(before))
    apart = (rows.reached.isnull() | (rows.reached < rows.start_date)).cast("int32")
    so_far = ibis.window(
        group_by=["enrolment_id", by], order_by=["start_date", "end_date"], preceding=(None, 0)
    )
    rows = rows.mutate(apart=apart).mutate(time=lambda each: each.apart.sum().over(so_far))
    merged = rows.group_by(["enrolment_id", by, "time"]).aggregate(
        start_date=rows.start_date.min(), end_date=rows.end_date.max()
    )
    return merged.drop("time")


def with_group(data: Workspace, events: ibis.Table, by: str | None = None) -> ibis.Table:
    """Events with the client behind each, and the group it belongs to.

    `events` has `enrolment_id`, `day`, and `held_on` where the case is to be looked up on another
    day. Adds `client_id` and, when asked for, the column `by` as text ("not recorded" where
    empty). For "team" and "caseworker_id" it is whoever held the case that day: an event of a case
    with two holders comes twice, one that nobody held is "not assigned".
    Raises DataError when there is nothing of that name to group by.
    """
    people = _labelled(data, _as_known(data), by)
    people = people.select("enrolment_id", "client_id", *([by] if by in people.columns else []))
    rows = events.inner_join(people, "enrolment_id")
    if by not in HELD_BY:
        return rows
    held = holders(data, by).rename(case="enrolment_id", held_from="start_date", held_to="end_date")
    day = rows.held_on if "held_on" in rows.columns else rows.day
    rows = rows.left_join(
        held,
        [rows.enrolment_id == held.case, day >= held.held_from, day <= held.held_to],
    )
    return rows.mutate(rows[by].fill_null(NOT_ASSIGNED).name(by)).drop(
        "case", "held_from", "held_to"
    )


@once
def spells(data: Workspace, by: str | None = None) -> ibis.Table:
    """The time each enrolment was open: what client-weeks, caseloads and "served" are counted from.

    One row an enrolment, or for "team" and "caseworker_id" a time in which somebody held it while
    it was open: enrolment_id, client_id, the column `by` when asked for, start_date, end_date (the
    as-of date where it is still open), both days inside.
    """
    rows = starts(data)
    rows = rows.mutate(rows.end_date.fill_null(data.as_of).name("end_date"))
    rows = _labelled(data, rows.filter(rows.end_date >= rows.start_date), by)
    columns = ["enrolment_id", "client_id", "start_date", "end_date"]
    if by not in HELD_BY:
        return rows.select(*columns, *([by] if by else []))
    rows = rows.select(*columns)
    held = holders(data, by).rename(held_from="start_date", held_to="end_date")
    rows = rows.inner_join(held, "enrolment_id")
    rows = rows.filter(rows.start_date <= rows.held_to, rows.end_date >= rows.held_from)
    return rows.mutate(
        start_date=ibis.greatest(rows.start_date, rows.held_from),
        end_date=ibis.least(rows.end_date, rows.held_to),
    ).drop("held_from", "held_to")


def _labelled(data: Workspace, rows: ibis.Table, by: str | None) -> ibis.Table:
    """Enrolments with the column `by` as text, where it is theirs or their client's."""
    if by is None or by in HELD_BY:
        return rows
    names = groupings(data)
    if by not in names:
        raise DataError(f"by: there is nothing called {by!r} to group by{nearest(by, names)}")
    if names[by] == "enrolments":
        return rows.mutate(_text(rows[by]).name(by))
    clients = data.tables.clients
    return rows.inner_join(clients.select("client_id", _text(clients[by]).name(by)), "client_id")


def _text(column: Any) -> Any:
    if column.type().is_boolean():
        column = ibis.cases((column, "yes"), (~column, "no"))
    return column.fill_null(NOT_RECORDED)
