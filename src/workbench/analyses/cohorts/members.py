"""The people of a cohort, each counted once, and the groups they can be put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import pandas as pd

from workbench import definitions, groups
from workbench.store import Workspace

EVERYONE = "everyone"
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Engaged:
    """When someone who started counts as engaged: so many kept contacts in the first days."""

    contacts: int = 2
    days: int = 28


ENGAGED = Engaged()


def listed(by: str | Sequence[str] | None, data: Workspace) -> list[str]:
    """One name, several, or (None) everything that clients can be grouped by."""
    if by is None:
        return groups.attributes(data)
    return [by] if isinstance(by, str) else list(by)


def members(
    data: Workspace,
    by: str | None = None,
    engaged: Engaged = ENGAGED,
    since: date | None = None,
) -> pd.DataFrame:
    """Everyone referred from `since` to the as-of date, one row a client (and group).

    A client counts once: with the first enrolment that started or, where none did, the first
    referral. Grouped by something that differs between a client's enrolments, once in each group.
    `since`: by default the day from which records are complete; who came before would be missing
    unless they stayed. Columns: those of `stays`, and group ("everyone" without `by`). About
    persons: never for a chart or a report.
    Raises DataError where clients cannot be grouped by `by`.
    """
    return grouped(data, stays(data, engaged, since), by)


def stays(data: Workspace, engaged: Engaged = ENGAGED, since: date | None = None) -> pd.DataFrame:
    """Every enrolment from `since` to the as-of date, one row each, first starts first.

    Columns: client_id, enrolment_id, entry (referral or, without one, start), referral_date,
    start_date, end_date (known by the as-of date, else missing), end_kind, eligible, engaged, due
    (the horizon of settings is over), result ("succeeded", "did not succeed", "not known").
    """
    frame = _known(data)
    frame = frame[frame["entry"] >= pd.Timestamp(since or data.complete_from)]
    early = _early_contacts(data, engaged).to_pandas().set_index("enrolment_id")["contacts"]
    results = _results(data)
    frame = frame.assign(
        engaged=frame["enrolment_id"].map(early).fillna(0) >= engaged.contacts,
        due=frame["enrolment_id"].isin(results),
        result=[results.get(each, NOT_KNOWN) for each in frame["enrolment_id"]],
    )
    order = ["start_date", "entry", "enrolment_id"]
    return frame.sort_values(order, kind="stable", na_position="last", ignore_index=True)


def grouped(data: Workspace, frame: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """One row a client and group, of `stays`: the column group, without client_id."""
    labelled = frame.assign(group=EVERYONE) if by is None else groups.labelled(data, frame, by)
    once = labelled.drop_duplicates(["client_id", "group"]).drop(columns="client_id")
    return once.reset_index(drop=True)


def long_enough(frame: pd.DataFrame, days: int, data: Workspace) -> "pd.Series[bool]":
    """Which of `members` started at least so many days before the end of what can be followed."""
    return frame["start_date"] <= pd.Timestamp(definitions.followed_to(data) - timedelta(days=days))


def lost_on(frame: pd.DataFrame, data: Workspace) -> "pd.Series[Any]":
    """The day on which each of `members` was lost; missing where they were not.

    Lost: left for a reason that settings call disengagement; where settings call none so, left.
    """
    if not data.settings.exits.disengagement:
        return frame["end_date"]
    return frame["end_date"].where(frame["end_kind"] == "disengagement")


def _known(data: Workspace) -> pd.DataFrame:
    """One row an enrolment heard of by the as-of date."""
    rows = definitions.enrolments(data).select(
        "enrolment_id", "client_id", "referral_date", "start_date", "end_date", "eligible"
    )
    kinds = definitions.ends(data).select("enrolment_id", "end_kind").to_pandas()
    frame = rows.mutate(entry=ibis.coalesce(rows.referral_date, rows.start_date)).to_pandas()
    for name in ("entry", "referral_date", "start_date", "end_date"):
        frame[name] = pd.to_datetime(frame[name])
    frame["eligible"] = frame["eligible"].astype("boolean")
    return frame.merge(kinds, "left", "enrolment_id")


def _early_contacts(data: Workspace, rule: Engaged) -> ibis.Table:
    """Kept contacts in the first days of each enrolment that had any: enrolment_id, contacts."""
    starts = definitions.starts(data).select("enrolment_id", "start_date")
    rows = definitions.kept(data).inner_join(starts, "enrolment_id")
    days = rows.contact_date.delta(rows.start_date, unit="day")
    early = rows.filter(days >= 0, days < rule.days)
    return early.group_by("enrolment_id").aggregate(contacts=early.count())


def _results(data: Workspace) -> dict[str, str]:
    """How each enrolment whose horizon is over came out, by its id."""
    if "outcomes" not in data or not data.settings.outcomes.success:
        return {}
    judged = (
        definitions.success(data, definitions.followed_to(data))
        .select("enrolment_id", "success")
        .to_pandas()
    )
    words = {1: "succeeded", 0: "did not succeed"}
    return {
        each: NOT_KNOWN if pd.isna(success) else words[int(success)]
        for each, success in zip(judged["enrolment_id"], judged["success"], strict=True)
    }
