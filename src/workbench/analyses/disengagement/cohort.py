"""Who was still there on a day, by what was on record, and who of them left in the days after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from workbench import definitions, exposures
from workbench.analyses.disengagement.guards import LeakageError
from workbench.errors import DataError
from workbench.published import PERSON_COLUMNS
from workbench.settings import Disengagement
from workbench.store import Workspace

HISTORY_DAYS = 56  # records that a first as-of date should be able to look back on
GONE = "had left, and it was not on record yet"
NOT_SAID = "left within the horizon for a reason that is not said"
SILENT = "had no kept contact for longer than counts as being here"
STEADY = ("contact_trend", "attendance", "attendance_for_weekday", "caseworker_changes")
LOGGED = tuple(name for name in exposures.ACTIVITY if name not in STEADY)
OF_THE_END = ("end_date", "exit_reason", "end_recorded_at")
RULE = ("days_since_contact", "contacts_in_all")


@dataclass(frozen=True)
class Cohort:
    """Those still there at the close of each as-of date.

    `rows`: one row an as-of date and enrolment: ids, features, `label` (1: left within the
    horizon). `features`: the names of the features. `dropped`: enrolment-dates not in it, by
    reason, the first that applies. `gone`: those who had left though it was not on record.
    """

    rows: pd.DataFrame
    features: tuple[str, ...]
    dropped: "pd.Series[Any]"
    gone: pd.DataFrame


def last_known(data: Workspace, asked: Disengagement) -> date:
    """The last as-of date whose outcome is known: horizon and late entry lie between it and now."""
    if asked.entry_lag_days is None:
        until = definitions.followed_to(data)
    else:
        until = min(data.as_of, data.complete_to - timedelta(days=asked.entry_lag_days))
    return until - timedelta(days=asked.horizon_days + asked.no_contact_days)


def wait_days(data: Workspace, asked: Disengagement) -> int:
    """Days from an as-of date until its outcome was on record: horizon, silence and late entry."""
    lag = asked.entry_lag_days
    if lag is None:
        lag = (data.last_day - (data.ends_complete_to or data.complete_to)).days
    return asked.horizon_days + asked.no_contact_days + max(lag, 0)


def today(data: Workspace) -> date:
    """The day of today's lists: that of the workspace, as far as the records reach."""
    return min(data.as_of, data.last_day)


def as_of_days(data: Workspace, asked: Disengagement) -> list[date]:
    """The as-of dates to learn from and to test on: those of settings, else back from the last.

    Only those whose outcome is known by the day of the workspace, and not before the records.
    """
    last = last_known(data, asked)
    if asked.as_of_dates:
        return sorted(day for day in set(asked.as_of_dates) if day <= last)
    first = data.complete_from + timedelta(days=HISTORY_DAYS)
    days = [last - timedelta(days=asked.every_days * step) for step in range(asked.dates)]
    return sorted(day for day in days if day >= first)


def with_features(
    data: Workspace, days: Sequence[date], asked: Disengagement
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """What was on record of everyone open at the close of the days, and which columns are features.

    As `exposures.activity`, with the attributes that settings name under [disengagement].
    Raises LeakageError for an attribute that is known only of those who left.
    """
    _refuse_attributes(asked)
    rows = exposures.activity(data, days)
    names = list(exposures.ACTIVITY)
    rows = rows.assign(**{name: np.nan for name in names if name not in rows})
    rows[names] = rows[names].round(9)  # sums are not always added up in the same order
    further = [name for name in asked.attributes if name not in rows]
    if further:
        people = rows[["enrolment_id", "client_id"]].assign(entry=rows["start_date"])
        known = exposures.case_mix(data, people, further)
        rows = pd.concat([rows, known], axis=1)
    return rows, (*names, *asked.attributes)


def _refuse_attributes(asked: Disengagement) -> None:
    if late := [name for name in asked.attributes if name in OF_THE_END]:
        raise LeakageError(
            f"disengagement.attributes: {', '.join(late)} is written down when somebody leaves. "
            "Name only what is known at the start."
        )
    if named := [name for name in asked.attributes if name in PERSON_COLUMNS]:
        raise DataError(
            f"disengagement.attributes: {', '.join(named)} points at one person. "
            "Name what many share."
        )


def cohort(data: Workspace, days: Sequence[date], asked: Disengagement) -> Cohort:
    """Who was still there, what was known of them, and whether they left within the horizon.

    Left: an exit for a reason that settings call disengagement; other exits are none. Or, with
    `no_contact_days` N, no kept contact for N days: dated at the last kept contact, and being here
    means a kept contact (or the start) in the last N days.
    Raises DataError for days whose outcome is not known yet, or outside the records.
    """
    last = last_known(data, asked)
    late = [day for day in days if day > last]
    if late:
        raise DataError(
            f"as_of_dates: of {len(late)} of {len(days)} it is not known yet who left, the first "
            f"{min(late)}: {asked.horizon_days + asked.no_contact_days} days and the time it takes "
            f"to type an exit in must have gone by. The last that can be used is {last}."
        )
    rows, features = with_features(data, days, asked)
    ends = _silences(data, asked.no_contact_days) if asked.no_contact_days else _exits(data)
    rows = _labelled(rows, ends, asked)
    silent = (rows["days_since_contact"] > (asked.no_contact_days or np.inf)).to_numpy(bool)
    rows["gone"] = rows["gone"].to_numpy(bool) & ~silent  # that they had left was to be seen
    reasons = {SILENT: silent, GONE: rows["gone"].to_numpy(bool)}
    reasons[NOT_SAID] = rows["label"].isna().to_numpy(bool)
    left, dropped = np.ones(len(rows), bool), {}
    for reason, applies in reasons.items():
        dropped[reason] = int((left & applies).sum())
        left &= ~applies
    counted = pd.Series(dropped, dtype="int64")
    kept = rows[left].reset_index(drop=True)
    kept["label"] = kept["label"].astype(int)
    return Cohort(kept, features, counted[counted > 0], rows[rows["gone"]].reset_index(drop=True))


def _exits(data: Workspace) -> pd.DataFrame:
    """Each end on record: enrolment_id, day, left (1 disengaged, 0 another end, NA not said)."""
    ends = definitions.ends(data).select("enrolment_id", "end_date", "end_kind").to_pandas()
    left = ends["end_kind"].map({"disengagement": 1.0, "completion": 0.0, "neither": 0.0})
    return pd.DataFrame(
        {
            "enrolment_id": ends["enrolment_id"],
            "day": pd.to_datetime(ends["end_date"]),
            "left": left,
        }
    )


def _silences(data: Workspace, days: int) -> pd.DataFrame:
    """Each time without a kept contact for so many days, at the last contact before it.

    An end for a planned or other reason that comes first makes it none.
    """
    seen = definitions.kept(data)
    seen = seen.select("enrolment_id", day=seen.contact_date.cast("date")).distinct().to_pandas()
    begun = definitions.starts(data).select("enrolment_id", day="start_date").to_pandas()
    seen = pd.concat([seen, begun]).drop_duplicates(ignore_index=True)
    seen["day"] = pd.to_datetime(seen["day"])
    seen = seen.sort_values(["enrolment_id", "day"], ignore_index=True)
    following = seen.groupby("enrolment_id")["day"].shift(-1)
    ends = _exits(data).rename(columns={"day": "end"})
    seen = seen.merge(ends, "left", "enrolment_id")
    other_end = (seen["left"] == 0) & ((seen["end"] - seen["day"]).dt.days <= days)
    silent = following.isna() | ((following - seen["day"]).dt.days > days)
    found = seen.assign(until=following)[silent & ~other_end]
    return found[["enrolment_id", "day", "until"]].assign(left=1.0)


def _labelled(rows: pd.DataFrame, ends: pd.DataFrame, asked: Disengagement) -> pd.DataFrame:
    """Rows with `label` (1, 0, NA), and `gone` for those who had left by the as-of date."""
    place = np.arange(len(rows))
    pairs = rows[["enrolment_id", "as_of_date"]].assign(place=place)
    pairs = pairs.merge(ends, "inner", "enrolment_id")
    after = (pairs["day"] - pairs["as_of_date"]).dt.days
    ahead = pairs[(after > 0) & (after <= asked.horizon_days)]
    label = np.zeros(len(rows))
    label[ahead.loc[ahead["left"].isna(), "place"]] = np.nan
    label[ahead.loc[ahead["left"] == 1, "place"]] = 1
    gone = rows["gone"].to_numpy(bool).copy()
    if asked.no_contact_days:  # by what took place, for a contact may be typed in later
        back = pairs["until"] <= pairs["as_of_date"]
        gone[pairs.loc[(after <= 0) & ~back, "place"]] = True
    return rows.assign(label=label, gone=gone)
