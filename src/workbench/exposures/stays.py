"""What was known of each enrolment by a day of its stay: who was still there, what they had had.

Everything here is about single people, one row an enrolment, and for analyses only. Days are
counted from the start, which is day 0. What is known on a day is all up to and including it;
follow-up is the days after it. So an exposure of day 83 never meets an outcome of day 83.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd

from workbench import definitions, groups
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.store import Workspace, once

EARLY = "started before the records are complete"
TOO_NEW = "started too recently to know how it came out"
GONE = "had left by then"
ACHIEVED = "had reached the outcome by then"
AGAIN = "a further enrolment of a client who is counted"


@dataclass(frozen=True)
class Landmark:
    """Those still with us at the close of a day of their stay, and why the others are not here.

    `people`: one row a client, with the first enrolment that qualifies: enrolment_id, client_id,
    start_date, entry, end_day (from the start; NA: not ended by the day they could be followed to),
    success (1, 0, or NA: not known), caseworker_id (who first held the case; NA where nobody).
    `dropped`: enrolments that are not in it, by reason, in the order in which reasons apply.
    `day`: the landmark; None: the start itself, with nobody left out for what came after.
    """

    day: int | None
    people: pd.DataFrame
    dropped: Mapping[str, int]


@once
def stays(data: Workspace) -> pd.DataFrame:
    """Every enrolment that started, one row each, first starts first.

    Columns: enrolment_id, client_id, start_date, entry (referral or start), followed_day (how long
    it could be followed at most), end_day (NA: not ended by then), end_kind, exit_reason.
    """
    rows = definitions.starts(data)
    rows = rows.select("enrolment_id", "client_id", "referral_date", "start_date", "end_date")
    kinds = definitions.ends(data).select("enrolment_id", "end_kind", "exit_reason")
    frame = rows.to_pandas().merge(kinds.to_pandas(), "left", "enrolment_id")
    for name in ("referral_date", "start_date", "end_date"):
        frame[name] = pd.to_datetime(frame[name])
    last = pd.Timestamp(definitions.followed_to(data))
    ended = (frame["end_date"] <= last) & (frame["end_date"] >= frame["start_date"])
    frame["entry"] = frame["referral_date"].fillna(frame["start_date"])
    frame["followed_day"] = (last - frame["start_date"]).dt.days
    frame["end_day"] = _days(frame["end_date"].where(ended), frame)
    frame[["end_kind", "exit_reason"]] = frame[["end_kind", "exit_reason"]].where(ended)
    ordered = frame.sort_values(["start_date", "enrolment_id"], ignore_index=True)
    return ordered.drop(columns=["referral_date", "end_date"])


@once
def at_landmark(data: Workspace, day: int | None, outcomes: Sequence[str] = ()) -> Landmark:
    """Who is compared, and how it came out for them after the landmark.

    `outcomes`: what counts as success; by default as settings say. Success is looked for from the
    day after the landmark to the horizon of settings. Raises as `definitions.success`, and
    DataError where the landmark leaves no day for an outcome.
    """
    horizon = data.settings.outcomes.horizon_days
    if day is not None and day >= horizon:
        raise DataError(
            f"landmark: outcomes count after day {day}, and by horizon_days only to day {horizon}: "
            "no day is left. Ask about an earlier day, or set horizon_days under [outcomes]."
        )
    frame = stays(data)
    judged = definitions.success(
        data, definitions.followed_to(data), outcomes=outcomes, after=day
    ).select("enrolment_id", "success")
    frame = frame.merge(judged.to_pandas(), "left", "enrolment_id")
    frame["success"] = frame["success"].astype("Int64")
    reasons = {
        EARLY: frame["start_date"] < pd.Timestamp(data.complete_from),
        TOO_NEW: frame["followed_day"] < horizon,
    }
    if day is not None:
        reasons[GONE] = frame["end_day"] <= day
        reasons[ACHIEVED] = frame["enrolment_id"].map(_reached(data, outcomes)) <= day
    kept, dropped = _without(frame, reasons)
    further = kept.duplicated("client_id")
    dropped[AGAIN] = int(further.sum())
    kept = kept[~further].reset_index(drop=True)
    kept["caseworker_id"] = kept["enrolment_id"].map(first_holder(data)).astype("str")
    columns = ["enrolment_id", "client_id", "start_date", "entry", "end_day", "success"]
    return Landmark(day, kept[[*columns, "caseworker_id"]], dropped)


@once
def _reached(data: Workspace, outcomes: Sequence[str]) -> "pd.Series[int]":
    """The day of the stay on which an outcome was first reached, by enrolment_id."""
    return _since_start(data, definitions.first_achieved(data, outcomes), "achieved_date")


def contacts_per_week(
    data: Workspace,
    people: pd.DataFrame,
    weeks: int,
    channels: Sequence[str] = (),
    attended_only: bool = False,
) -> "pd.Series[float]":
    """Contacts a week in weeks 1 to `weeks` of each stay, offered (or kept); 0 where none.

    `people`: with enrolment_id. In its order. Raises DataError for a channel that does not occur.
    """
    rows = definitions.kept(data) if attended_only else definitions.offered(data)
    if channels:
        known = sorted(data.values("contacts.channel"))
        for each in channels:
            if each not in known:
                raise DataError(f"channels: there is no channel {each!r}{nearest(each, known)}")
        rows = rows.filter(rows.channel.isin(channels))
    rows = rows.inner_join(
        definitions.starts(data).select("enrolment_id", "start_date"), "enrolment_id"
    )
    day = rows.contact_date.delta(rows.start_date, unit="day")
    rows = rows.filter(day >= 0, day < 7 * weeks)
    counted = rows.group_by("enrolment_id").aggregate(contacts=rows.count()).to_pandas()
    per_week = counted.set_index("enrolment_id")["contacts"] / weeks
    return people["enrolment_id"].map(per_week).fillna(0.0).astype(float)


@once
def first_contact_days(data: Workspace) -> "pd.Series[int]":
    """The day of the first kept contact, by enrolment_id; those without one are not in it."""
    rows = definitions.kept(data)
    rows = rows.inner_join(
        definitions.starts(data).select("enrolment_id", "start_date"), "enrolment_id"
    )
    rows = rows.filter(rows.contact_date >= rows.start_date)
    first = rows.group_by("enrolment_id").aggregate(day=rows.contact_date.min())
    return _since_start(data, first, "day")


def support_days(data: Workspace, support: str) -> "pd.Series[int]":
    """The day on which a support first started, by enrolment_id; those without it are not in it.

    Below 0 where it was going on before the stay began. Raises DataError for a support that does
    not occur, or where the export has no supports.
    """
    data.needs("supports")
    known = sorted(data.values("supports.support"))
    if support not in known:
        raise DataError(f"support: there is no support {support!r}{nearest(support, known)}")
    days = _each_support(data)
    return days[days["support"] == support].set_index("enrolment_id")["day"]


@once
def _each_support(data: Workspace) -> pd.DataFrame:
    """The day on which each support first started: enrolment_id, support, day of the stay."""
    rows = data.tables.supports
    rows = rows.filter(rows.start_date <= data.as_of)
    first = rows.group_by("enrolment_id", "support").aggregate(first=rows.start_date.min())
    begun = definitions.starts(data).select("enrolment_id", "start_date")
    joined = first.inner_join(begun, "enrolment_id")
    days = joined["first"].delta(joined.start_date, unit="day")
    return joined.select("enrolment_id", "support", day=days).to_pandas()


@once
def first_holder(data: Workspace) -> "pd.Series[str]":
    """The caseworker who first held each case, by enrolment_id; empty without assignments.

    Of several who held it from the same day it is the first by name, in every run.
    """
    if "assignments" not in data:
        return pd.Series(dtype="str")
    held = definitions.holders(data, "caseworker_id")
    order = held.start_date.cast("string") + " " + held.caseworker_id
    first = held.group_by("enrolment_id").aggregate(caseworker_id=held.caseworker_id.argmin(order))
    return first.to_pandas().set_index("enrolment_id")["caseworker_id"]


def case_mix(
    data: Workspace, people: pd.DataFrame, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """What people were like when they came, one row each in the order of `people`.

    `names`: attributes, numbers among them; by default those that settings mark `case_mix`. Words
    where an attribute is one of few values ("not recorded" where empty), else numbers with NaN.
    Raises DataError for an attribute that there is not.
    """
    declared = data.settings.attributes
    if names is None:
        names = [name for name, each in declared.items() if each.case_mix]
    columns: dict[str, Any] = {}
    for name in names:
        number = name in declared and declared[name].kind == "number"
        found = _numbers(data, people, name) if number else _labels(data, people, name)
        columns[name] = found.to_numpy()
    return pd.DataFrame(columns, index=people.index)


def _numbers(data: Workspace, people: pd.DataFrame, name: str) -> "pd.Series[float]":
    table = data.settings.attributes[name].table
    key = "client_id" if table == "clients" else "enrolment_id"
    return people[key].map(_recorded(data, table, key, name)).astype(float)


@once
def _recorded(data: Workspace, table: str, key: str, name: str) -> "pd.Series[Any]":
    return data.tables[table].select(key, name).to_pandas().set_index(key)[name]


def _labels(data: Workspace, people: pd.DataFrame, name: str) -> "pd.Series[str]":
    ids = people[["enrolment_id", "client_id", "entry"]].assign(place=range(len(people)))
    return groups.labelled(data, ids, name).set_index("place")["group"].sort_index()


def _since_start(data: Workspace, rows: ibis.Table, column: str) -> "pd.Series[int]":
    """A day of each enrolment, counted from its start, by enrolment_id."""
    begun = definitions.starts(data).select("enrolment_id", "start_date")
    joined = rows.inner_join(begun, "enrolment_id")
    days = joined[column].delta(joined.start_date, unit="day")
    frame = joined.select("enrolment_id", day=days).to_pandas()
    return frame.set_index("enrolment_id")["day"]


def _days(when: "pd.Series[Any]", frame: pd.DataFrame) -> "pd.Series[Any]":
    return (when - frame["start_date"]).dt.days.astype("Int64")


def _without(
    frame: pd.DataFrame, reasons: "dict[str, pd.Series[Any]]"
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that no reason applies to, and how many each reason took, the first that applies."""
    left, dropped = pd.Series(True, frame.index), {}
    for reason, applies in reasons.items():
        out = left & applies.fillna(value=False).astype(bool)
        dropped[reason], left = int(out.sum()), left & ~out
    return frame[left].reset_index(drop=True), dropped
