"""What was on record about each enrolment at the close of a day: contact, attendance, supports.

Nothing dated or typed in after that day is looked at. The exit of somebody who had left, but was
still open on record, is not known either: those are marked, for whoever asks later. What cannot be
known: supports, assignments and actions have no day of entry, so their own days stand for it, even
where they were closed along with a stay that was closed late; and of what was typed over, only the
last state is in an export, such as whether a contact that was booked ahead was kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import BooleanValue, DateValue, TimestampValue

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
        "attendance": "share of the last 8 weeks' contacts that were kept, where it was recorded",
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

KEY = ["as_of_date", "number"]
FEWEST_GAPS = 3  # gaps between contacts that a usual gap can be told from
RECENT_DAYS = 56
MISSES = ("attendance", "attendance_for_weekday", "missed_in_a_row")


def activity(data: Workspace, as_of_dates: Sequence[date | str]) -> pd.DataFrame:
    """What was on record about everyone open, at the close of each of some days.

    One row an as-of date and enrolment that was open on record: as_of_date, enrolment_id,
    client_id, programme, start_date, caseworker_id (who held the case; of several the first by
    name), gone (had left by then, which was typed in later), no_contact (none kept so far) and the
    columns of `ACTIVITY`, in days and counts. Contacts before the start count as well. Missing:
    usual_gap with fewer than 3 gaps, the trend before 8 weeks, attendance where none is recorded,
    and on days by which nobody was recorded to have missed anything, attendance and misses. A
    column is left out where it would be empty, or the export does not have its table.

    Raises DataError for what is no day, and for a day that lies outside the records.
    """
    days = _days(data, as_of_dates)
    cases = _cases(data)
    rows, contacts = _open_on_record(cases, days), _contacts(data, cases)
    late, missed = _recorded(data)
    parts = [_contact(rows, contacts, late), *_plan(data, rows)]
    if missed:
        parts += _missed(rows, contacts)
    whole = rows
    for part in parts:
        whole = whole.left_join(part, KEY).drop(*(f"{name}_right" for name in KEY))
    return _finished(whole.order_by(KEY).to_pandas())


def _days(data: Workspace, as_of_dates: Sequence[date | str]) -> list[date]:
    """The days in order, each once."""
    try:
        days = sorted({date.fromisoformat(str(day)[:10]) for day in as_of_dates})
    except ValueError:
        raise DataError(
            f"as_of_dates: not all of {len(as_of_dates)} are days. Write them as 2025-11-30."
        ) from None
    if not days:
        raise DataError("as_of_dates: there is none. Give at least one day.")
    last = min(data.as_of, data.last_day)
    wrong = [day for day in days if not data.complete_from <= day <= last]
    if wrong:
        raise DataError(
            f"as_of_dates: {len(wrong)} of {len(days)} lie outside the records, which reach from "
            f"{data.complete_from} to {last}, the first of them {wrong[0]}. Ask about days within."
        )
    return days


def _cases(data: Workspace) -> ibis.Table:
    """The enrolments, numbered in their order: numbers are joined and sorted faster than names."""
    made = data.tables.enrolments
    return made.select(
        "enrolment_id",
        "client_id",
        "programme",
        "start_date",
        "end_date",
        begun=_known_from(made.start_date, made.recorded_at),
        ended=_known_from(made.end_date, made.end_recorded_at),
        number=ibis.row_number().over(order_by=made.enrolment_id),
    )


def _open_on_record(cases: ibis.Table, days: Sequence[date]) -> ibis.Table:
    """Each as-of date with the enrolments that were open on record at its close."""
    dates = ibis.memtable({"as_of_date": list(days)}, schema={"as_of_date": "date"})
    rows = cases.cross_join(dates)
    rows = rows.filter(rows.begun <= rows.as_of_date, ~_by(rows.ended, rows.as_of_date))
    return rows.mutate(gone=_by(rows.end_date, rows.as_of_date)).drop("begun", "ended", "end_date")


def _known_from(day: DateValue, typed: TimestampValue) -> DateValue:
    """The day from which something is known: its own, or when it was typed in, if that is later."""
    return ibis.greatest(day, typed.cast("date").fill_null(day))


def _by(day: DateValue, as_of_date: DateValue) -> BooleanValue:
    return (day <= as_of_date).fill_null(False)


def _recorded(data: Workspace) -> tuple[bool, bool]:
    """Whether contacts have a day of entry, and whether any was recorded as missed."""
    made = data.tables.contacts
    told = made.aggregate(late=made.recorded_at.count() > 0, missed=(~made.attended).any())
    late, missed = told.to_pandas().fillna(value=False).iloc[0]
    return bool(late), bool(missed)


def _contacts(data: Workspace, cases: ibis.Table) -> ibis.Table:
    made = definitions.contacts(data)
    made = made.inner_join(cases.select("enrolment_id", "number"), "enrolment_id")
    return made.select(
        "number", "kept", "attended", "contact_date", typed=made.recorded_at.cast("date")
    )


def _on_record(rows: ibis.Table, contacts: ibis.Table) -> ibis.Table:
    """The contacts on record at the close of each as-of date, and how many days `ago` they were."""
    known = rows.select(*KEY).inner_join(contacts, "number")
    known = known.filter(
        known.contact_date <= known.as_of_date,
        known.typed.isnull() | (known.typed <= known.as_of_date),
    )
    return known.mutate(ago=known.as_of_date.delta(known.contact_date, unit="day"))


def _with_gaps(contacts: ibis.Table, key: list[str]) -> ibis.Table:
    """With the days since the contact before."""
    before = contacts.contact_date.lag().over(group_by=key, order_by="contact_date")
    return contacts.mutate(gap=contacts.contact_date.delta(before, unit="day"))


def _contact(rows: ibis.Table, contacts: ibis.Table, late: bool) -> ibis.Table:
    """How often and how lately each was seen, and the usual gap between two contacts.

    `late`: some come in after their day, and part a gap that was known as one until then.
    """
    kept = contacts.filter(contacts.kept)
    if late:
        known = _with_gaps(_on_record(rows, kept), KEY)
    else:
        known = _on_record(rows, _with_gaps(kept, ["number"]))
    return known.group_by(KEY).aggregate(
        last=_.ago.min(),
        contacts_2_weeks=_.count(where=_.ago < 14),
        contacts_4_weeks=_.count(where=_.ago < 28),
        contacts_8_weeks=_.count(where=_.ago < RECENT_DAYS),
        contacts_in_all=_.count(),
        usual_gap=(_.count(where=_.gap > 0) >= FEWEST_GAPS).ifelse(
            _.gap.median(where=_.gap > 0), None
        ),
    )


def _missed(rows: ibis.Table, contacts: ibis.Table) -> list[ibis.Table]:
    """Attendance in the last weeks, and misses in a row."""
    known = _on_record(rows, contacts)
    recent = known.filter(known.ago < RECENT_DAYS, known.attended.notnull())
    recent = recent.select(*KEY, "kept", weekday=recent.contact_date.day_of_week.index())
    usual = recent.group_by(["as_of_date", "weekday"]).aggregate(usual=_.kept.mean())
    recent = recent.inner_join(usual, ["as_of_date", "weekday"])
    attended = recent.group_by(KEY).aggregate(
        attendance=_.kept.mean(), attendance_for_weekday=(_.kept.cast("int8") - _.usual).mean()
    )
    last = known.group_by(KEY).aggregate(last=_.ago.min(where=_.kept))
    missed = known.filter(~known.kept).inner_join(last, KEY)
    missed = missed.group_by(KEY).aggregate(
        missed=_.count(), missed_in_a_row=_.count(where=_.last.isnull() | (_.ago < _.last))
    )
    return [attended, missed]


def _plan(data: Workspace, rows: ibis.Table) -> list[ibis.Table]:
    """Who held the case, supports and overdue actions, as far as the export has them."""
    found = []
    keys = rows.select(*KEY, "enrolment_id")
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
        by_day = frame.groupby("as_of_date")
        told = by_day["attendance"].transform("min") < 1
        for name in ("attendance", "attendance_for_weekday"):
            frame[name] = frame[name].astype(float).where(told)
        told = by_day["missed"].transform("sum") > 0
        frame["missed_in_a_row"] = frame["missed_in_a_row"].where(told)
    if "caseworker_id" not in frame:
        frame["caseworker_id"] = pd.Series(pd.NA, frame.index, dtype="str")
    front = ["as_of_date", "enrolment_id", "client_id", "programme", "start_date", "caseworker_id"]
    front += ["gone", "no_contact"]
    empty = [name for name in MISSES if name in frame and frame[name].isna().all()]
    numbers = [name for name in ACTIVITY if name in frame and name not in empty]
    return frame[[*front, *numbers]].astype(dict.fromkeys(numbers, float))
