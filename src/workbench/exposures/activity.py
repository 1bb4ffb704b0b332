"""What was on record about each enrolment at the close of a day: contact, attendance, supports.

Nothing dated or typed in after that day is looked at. The exit of somebody who had left, but was
still open on record, is not known either: those are marked, for whoever asks later.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import ibis
import pandas as pd
from ibis import _

from workbench import definitions
from workbench.errors import DataError
from workbench.store import Workspace

ACTIVITY: Mapping[str, str] = MappingProxyType(
    {
        "days_since_contact": "days since the last kept contact (never: since the start)",
        "contacts_2_weeks": "kept contacts in the last 2 weeks",
        "contacts_4_weeks": "kept contacts in the last 4 weeks",
        "contacts_8_weeks": "kept contacts in the last 8 weeks",
        "contacts_in_all": "kept contacts in all",
        "contact_trend": "kept contacts of the last 4 weeks less those of the 4 weeks before",
        "usual_gap": "the client's own median of days between kept contacts",
        "gap_in_usual_gaps": "days since the last kept contact, in usual gaps",
        "attendance": "share of the contacts offered in the last 8 weeks that were kept",
        "attendance_for_weekday": "that share less what is usual on the weekdays offered",
        "missed_in_a_row": "contacts missed since the last kept one",
        "caseworker_changes": "caseworkers who held the case, less one",
        "days_in_programme": "days since the start",
        "supports": "supports started",
        "supports_open": "supports going on",
        "overdue_actions": "lines of the action plan past the day first set, and not done",
    }
)
"""The features of `activity`, and what each of them is."""

KEY = ["as_of_date", "enrolment_id"]
FEWEST_GAPS = 3  # gaps between contacts that a usual gap can be told from
RECENT_DAYS = 56


def activity(data: Workspace, as_of_dates: Sequence[date]) -> pd.DataFrame:
    """What was on record about everyone open, at the close of each of some days.

    One row an as-of date and enrolment that was open on record: as_of_date, enrolment_id,
    client_id, programme, start_date, caseworker_id (who held the case; of several the first by
    name), gone (had left by then, which was typed in later), no_contact (none kept so far) and the
    columns of `ACTIVITY`, in days and counts. Missing: usual_gap with fewer than 3 gaps, the trend
    before 8 weeks, attendance where nothing was offered. A column is missing as a whole where the
    export cannot tell it: attendance where nobody missed in those weeks, tables it does not have.

    Raises DataError for a day that lies outside the records.
    """
    days = sorted(set(as_of_dates))
    _refuse_outside(data, days)
    rows = _open_on_record(data, days)
    known = _known_contacts(data, rows).cache()
    parts = [_contact(known), *_missed(data, known), *_plan(data, rows)]
    whole = rows
    for part in parts:
        whole = whole.left_join(part, KEY).drop(*(f"{name}_right" for name in KEY))
    frame = whole.order_by(KEY).to_pandas()
    known.release()
    return _finished(frame)


def _refuse_outside(data: Workspace, days: Sequence[date]) -> None:
    if not days:
        raise DataError("as_of_dates: there is none. Give at least one day.")
    last = min(data.as_of, data.last_day)
    wrong = [day for day in days if not data.complete_from <= day <= last]
    if wrong:
        raise DataError(
            f"as_of_dates: {len(wrong)} of {len(days)} lie outside the records, which reach from "
            f"{data.complete_from} to {last}, the first of them {wrong[0]}. Ask about days within."
        )


def _open_on_record(data: Workspace, days: Sequence[date]) -> ibis.Table:
    """Each as-of date with the enrolments that were open on record at its close."""
    dates = ibis.memtable({"as_of_date": list(days)}, schema={"as_of_date": "date"})
    rows = data.tables.enrolments
    rows = rows.select(
        "enrolment_id", "client_id", "programme", "start_date", "end_date", "end_recorded_at"
    )
    rows = rows.filter(rows.start_date.notnull()).cross_join(dates)
    gone = (rows.end_date <= rows.as_of_date).fill_null(False)
    typed = rows.end_recorded_at.cast("date").fill_null(rows.end_date) <= rows.as_of_date
    rows = rows.filter(rows.start_date <= rows.as_of_date, ~(gone & typed.fill_null(False)))
    return rows.mutate(gone=gone).drop("end_date", "end_recorded_at")


def _known_contacts(data: Workspace, rows: ibis.Table) -> ibis.Table:
    """The contacts on record, one row each as-of date, with the gap to the one before (kept both,
    or both missed).
    """
    made = definitions.contacts(data)
    made = made.select(
        "enrolment_id",
        "kept",
        contact_date=made.contact_date.cast("date"),
        typed=made.recorded_at.cast("date"),
    )
    known = rows.select(*KEY).inner_join(made, "enrolment_id")
    known = known.filter(
        known.contact_date <= known.as_of_date,
        known.typed.isnull() | (known.typed <= known.as_of_date),
    )
    same = ibis.window(group_by=[*KEY, "kept"], order_by="contact_date")
    return known.select(
        *KEY,
        "kept",
        "contact_date",
        ago=known.as_of_date.delta(known.contact_date, unit="day"),
        gap=known.contact_date.delta(known.contact_date.lag().over(same), unit="day"),
    )


def _contact(known: ibis.Table) -> ibis.Table:
    """How often and how lately each was seen, and the usual gap between two contacts."""
    gap = _.kept & (_.gap > 0)
    return known.group_by(KEY).aggregate(
        last=_.ago.min(where=_.kept),
        contacts_2_weeks=_.count(where=_.kept & (_.ago < 14)),
        contacts_4_weeks=_.count(where=_.kept & (_.ago < 28)),
        contacts_8_weeks=_.count(where=_.kept & (_.ago < RECENT_DAYS)),
        contacts_in_all=_.count(where=_.kept),
        usual_gap=(_.count(where=gap) >= FEWEST_GAPS).ifelse(_.gap.median(where=gap), None),
    )


def _missed(data: Workspace, known: ibis.Table) -> list[ibis.Table]:
    """Attendance in the last weeks and misses in a row, where misses are recorded at all."""
    if False not in data.values("contacts.attended"):
        return []
    recent = known.filter(known.ago < RECENT_DAYS)
    recent = recent.select(*KEY, "kept", weekday=recent.contact_date.day_of_week.index())
    usual = recent.group_by(["as_of_date", "weekday"]).aggregate(usual=_.kept.mean())
    recent = recent.inner_join(usual, ["as_of_date", "weekday"])
    attended = recent.group_by(KEY).aggregate(
        attendance=_.kept.mean(), attendance_for_weekday=(_.kept.cast("int8") - _.usual).mean()
    )
    last = known.group_by(KEY).aggregate(last=_.ago.min(where=_.kept))
    missed = known.filter(~known.kept).inner_join(last, KEY)
    missed = missed.filter(missed.last.isnull() | (missed.ago < missed.last))
    return [attended, missed.group_by(KEY).aggregate(missed_in_a_row=_.count())]


def _plan(data: Workspace, rows: ibis.Table) -> list[ibis.Table]:
    """Who held the case, supports and overdue actions, as far as the export has them."""
    found = []
    keys = rows.select(*KEY)
    if "assignments" in data:
        held = keys.inner_join(data.tables.assignments, "enrolment_id")
        held = held.filter(held.start_date <= held.as_of_date)
        now = held.end_date.isnull() | (held.end_date >= held.as_of_date)
        found.append(
            held.group_by(KEY).aggregate(
                caseworker_id=held.caseworker_id.min(where=now),
                caseworker_changes=held.caseworker_id.nunique() - 1,
            )
        )
    if "supports" in data:
        had = keys.inner_join(data.tables.supports, "enrolment_id")
        had = had.filter(had.start_date <= had.as_of_date)
        going_on = had.end_date.isnull() | (had.end_date > had.as_of_date)
        found.append(
            had.group_by(KEY).aggregate(supports=had.count(), supports_open=going_on.sum())
        )
    if "actions" in data:
        due = keys.inner_join(data.tables.actions, "enrolment_id")
        due = due.filter(
            due.created_date.isnull() | (due.created_date <= due.as_of_date),
            due.due_date < due.as_of_date,
            due.done_date.isnull() | (due.done_date > due.as_of_date),
        )
        found.append(due.group_by(KEY).aggregate(overdue_actions=due.count()))
    return found


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts of nothing are 0, and what is worked out from the columns is put beside them."""
    counts = ["contacts_2_weeks", "contacts_4_weeks", "contacts_8_weeks", "contacts_in_all"]
    counts += ["missed_in_a_row", "caseworker_changes", "supports", "supports_open"]
    counts += ["overdue_actions"]
    there = [name for name in counts if name in frame]
    frame = frame.assign(**{name: frame[name].fillna(0).astype(int) for name in there})
    for name in ("as_of_date", "start_date"):
        frame[name] = pd.to_datetime(frame[name])
    frame["days_in_programme"] = (frame["as_of_date"] - frame["start_date"]).dt.days
    last = frame.pop("last").astype(float)
    frame["no_contact"] = last.isna()
    frame["days_since_contact"] = last.fillna(frame["days_in_programme"])
    frame["gap_in_usual_gaps"] = frame["days_since_contact"] / frame["usual_gap"].astype(float)
    before = frame["contacts_8_weeks"] - frame["contacts_4_weeks"]
    trend = (frame["contacts_4_weeks"] - before).astype(float)
    frame["contact_trend"] = trend.where(frame["days_in_programme"] >= RECENT_DAYS)
    if "attendance" in frame:
        told = frame.groupby("as_of_date")["attendance"].transform("min") < 1
        for name in ("attendance", "attendance_for_weekday"):
            frame[name] = frame[name].astype(float).where(told)
    if "caseworker_id" not in frame:
        frame["caseworker_id"] = pd.Series(pd.NA, frame.index, dtype="str")
    front = [*KEY, "client_id", "programme", "start_date", "caseworker_id", "gone", "no_contact"]
    numbers = [name for name in ACTIVITY if name in frame]
    return frame[[*front, *numbers]].astype(dict.fromkeys(numbers, float))
