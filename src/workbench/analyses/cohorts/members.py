"""The people of a cohort, each counted once, and the groups they can be put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pandas as pd

from workbench.analyses.cohorts.survival import NOT_RECORDED
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.store import Workspace

MOST_GROUPS = 25
STANDARD = ("programme", "organisation", "site", "referral_source", "gender", "ethnicity")
AGES = {"under 18": 18, "18 to 24": 25, "25 to 34": 35, "35 to 49": 50, "50 to 64": 65}
OLDEST = "65 and over"


@dataclass(frozen=True)
class Engaged:
    """When someone who started counts as engaged: so many kept contacts in the first days."""

    contacts: int = 2
    days: int = 28


def until(data: Workspace) -> date:
    """The last day up to which people could be followed: known, and complete in the records."""
    return min(data.as_of, data.complete_to)


def attributes(data: Workspace) -> list[str]:
    """What clients can be grouped by: every attribute that is recorded and offered for comparison.

    Number attributes are offered where they take few values. Caseworkers never are.
    """
    declared = [name for name, each in data.settings.attributes.items() if each.compare]
    enrolments, clients = data.tables.enrolments, data.tables.clients
    places = {name: enrolments for name in enrolments.columns}
    places |= {name: clients for name in clients.columns}
    offered = [name for name in dict.fromkeys([*STANDARD, *declared]) if name in places]
    counted = {name: int(places[name][name].nunique().execute()) for name in offered}
    found = [name for name, values in counted.items() if 2 <= values <= MOST_GROUPS]
    ages = clients.birth_date.count() + clients.age_band.count()
    found += ["age_band"] if ages.execute() else []
    return found + (["team"] if "assignments" in data and "staff" in data else [])


def members(
    data: Workspace, by: str | None = None, engaged: Engaged = Engaged(), since: date | None = None
) -> pd.DataFrame:
    """Everyone referred up to the as-of date, one row a client (and group): never for a report.

    A client counts once: with the first enrolment that started or, where none did, the first
    referral; grouped by something that differs between a client's enrolments, once a group.
    `since`: only clients whose counted enrolment came in from this day on.
    Columns: enrolment_id, group ("everyone" without `by`), entry, referral_date, start_date,
    end_date (known by the as-of date, else missing), exit_reason, eligible, early_contacts,
    result ("succeeded", "did not succeed", "not known").
    Raises DataError where `by` is not in the export, names one person or has too many values.
    """
    stays = _stays(data)
    frame = _grouped(data, stays, by)
    first = frame.sort_values(
        ["start_date", "entry", "enrolment_id"], kind="stable", na_position="last"
    ).drop_duplicates(["client_id", "group"])
    if since is not None:
        first = first[first["entry"] >= pd.Timestamp(since)]
    first = first.merge(_early_contacts(data, engaged).to_pandas(), "left", "enrolment_id")
    first = first.merge(_results(data), "left", "enrolment_id")
    first["early_contacts"] = first["early_contacts"].fillna(0).astype(int)
    first["result"] = first["result"].fillna("not known")
    return first.drop(columns="client_id").reset_index(drop=True)


def ends_that_lose(data: Workspace) -> frozenset[str] | None:
    """The exit reasons that mean a client was lost; None where settings name none: any end does."""
    return frozenset(data.settings.exits.disengagement) or None


def lost_on(frame: pd.DataFrame, reasons: frozenset[str] | None) -> "pd.Series[pd.Timestamp]":
    """The day on which each of `members` was lost; missing where they were not."""
    lost = frame["end_date"].notna()
    return frame["end_date"].where(lost if reasons is None else frame["exit_reason"].isin(reasons))


def counted(data: Workspace) -> ibis.Table:
    """The contacts that count as such by the settings, up to the as-of date."""
    rules, contacts = data.settings.contacts, data.tables.contacts
    kept = contacts.filter(contacts.contact_date <= data.as_of)
    if rules.channels:
        kept = kept.filter(kept.channel.isin(rules.channels))
    if rules.administrative:
        kept = kept.filter(kept.channel.notin(rules.administrative) | kept.channel.isnull())
    if not rules.group_sessions:
        kept = kept.filter(~kept.group_session.fill_null(False))
    return kept


def listed(by: str | Sequence[str] | None, data: Workspace) -> list[str]:
    """One name, several, or (None) everything that clients can be grouped by."""
    if by is None:
        return attributes(data)
    return [by] if isinstance(by, str) else list(by)


def _stays(data: Workspace) -> pd.DataFrame:
    table, day = data.tables.enrolments, data.as_of
    entry = ibis.coalesce(table.referral_date, table.start_date)
    frame = (
        table.filter(entry <= day)
        .select(
            "enrolment_id",
            "client_id",
            "referral_date",
            "eligible",
            entry=entry,
            start_date=ibis.ifelse(table.start_date <= day, table.start_date, None),
            end_date=ibis.ifelse(table.end_date <= day, table.end_date, None),
            exit_reason=ibis.ifelse(table.end_date <= day, table.exit_reason, None),
        )
        .to_pandas()
    )
    for name in ("entry", "referral_date", "start_date", "end_date"):
        frame[name] = pd.to_datetime(frame[name])
    frame["eligible"] = frame["eligible"].astype("boolean")
    return frame


def _grouped(data: Workspace, stays: pd.DataFrame, by: str | None) -> pd.DataFrame:
    if by is None:
        return stays.assign(group="everyone")
    clients, enrolments = data.tables.clients, data.tables.enrolments
    if by == "age_band" and not int(clients.age_band.count().execute()):
        born = clients.select("client_id", "birth_date").to_pandas()
        frame = stays.merge(born, "left", "client_id")
        years = (frame["entry"] - pd.to_datetime(frame.pop("birth_date"))).dt.days / 365.25
        bands = [*AGES, OLDEST]
        group = pd.cut(years, [-1, *AGES.values(), 200], right=False, labels=bands)
        return frame.assign(group=group.astype("str").where(years.notna(), NOT_RECORDED))
    if by == "team":
        labels, key = teams(data), "enrolment_id"
    elif by in enrolments.columns:
        labels, key = enrolments.select("enrolment_id", group=enrolments[by]), "enrolment_id"
    elif by in clients.columns:
        labels, key = clients.select("client_id", group=clients[by]), "client_id"
    else:
        raise DataError(f"by: clients cannot be grouped by {by!r}{nearest(by, attributes(data))}")
    frame = stays.merge(labels.to_pandas(), "left", key)
    frame["group"] = _words(frame["group"])
    if (groups := frame["group"].nunique()) > MOST_GROUPS:
        raise DataError(
            f"by: {by} has {groups} different values, and a cohort needs at most {MOST_GROUPS} "
            "groups. Give it in bands in the export, or map its values under [sources]."
        )
    return frame


def teams(data: Workspace) -> ibis.Table:
    """The team that first held each enrolment: enrolment_id, group."""
    data.needs("assignments", "staff")
    held = data.tables.assignments.left_join(
        data.tables.staff.select("caseworker_id", "team"), "caseworker_id"
    )
    return held.group_by("enrolment_id").aggregate(group=held.team.argmin(held.start_date))


def _words(values: "pd.Series") -> "pd.Series":  # type: ignore[type-arg]
    if pd.api.types.is_bool_dtype(values.dropna().infer_objects()):
        return values.map({True: "yes", False: "no"}).astype("object").fillna(NOT_RECORDED)
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda value: f"{value:g}", na_action="ignore").fillna(NOT_RECORDED)
    return values.astype("object").fillna(NOT_RECORDED)


def _early_contacts(data: Workspace, rule: Engaged) -> ibis.Table:
    contacts = counted(data).filter(lambda table: table.attended)
    starts = data.tables.enrolments.select("enrolment_id", "start_date")
    since = contacts.join(starts, "enrolment_id").mutate(
        day=lambda table: table.contact_date.delta(table.start_date, unit="day")
    )
    early = since.filter(since.day >= 0, since.day < rule.days)
    return early.group_by("enrolment_id").aggregate(early_contacts=early.count())


def _results(data: Workspace) -> pd.DataFrame:
    """How each enrolment came out within the horizon: enrolment_id, result."""
    rules = data.settings.outcomes
    if "outcomes" not in data or not rules.success:
        return pd.DataFrame({"enrolment_id": [], "result": []}, dtype="object")
    outcomes = data.tables.outcomes
    starts = data.tables.enrolments.select("enrolment_id", "start_date")
    known = outcomes.filter(
        outcomes.outcome.isin(rules.success), outcomes.outcome_date <= data.as_of
    ).join(starts, "enrolment_id")
    horizon = ibis.interval(days=rules.horizon_days)
    inside = known.filter(
        known.outcome_date >= known.start_date, known.outcome_date <= known.start_date + horizon
    )
    found = (
        inside.group_by("enrolment_id")
        .aggregate(
            won=(inside.status == "achieved").any(), failed=(inside.status == "not achieved").any()
        )
        .to_pandas()
    )
    found["result"] = "not known"
    found.loc[found["failed"], "result"] = "did not succeed"
    found.loc[found["won"], "result"] = "succeeded"
    return found[["enrolment_id", "result"]]


def observed_for(frame: pd.DataFrame, days: int, data: Workspace) -> "pd.Series[bool]":
    """Which of `members` started at least so many days before the end of what can be followed."""
    latest = pd.Timestamp(until(data) - timedelta(days=days))
    return frame["start_date"] <= latest
