"""Who stays: by start quarter, as survival curves, and whether groups differ.

Lost means: left for a reason that settings call disengagement (any end, where they call none so).
Who finished, or left for another reason such as moving or death, was not lost, and counts so for
as long as they could have been followed: the share not lost is then one minus the cumulative
incidence of being lost, which takes those other ends for what they are (Fine and Gray 1999,
section 2, on censoring that is known for everyone), and not one minus Kaplan-Meier.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from workbench import definitions, disclosure, words
from workbench.analyses.cohorts.members import (
    grouped,
    listed,
    lost_on,
    members,
    stays,
)
from workbench.analyses.cohorts.stages import named
from workbench.analyses.cohorts.survival import log_log_interval, logrank
from workbench.periods import Period
from workbench.statistics import holm
from workbench.store import Workspace

DAYS_A_WEEK = 7


def retention_table(
    data: Workspace, by_quarter: bool = True, months: int = 12, since: date | None = None
) -> pd.DataFrame:
    """Of those who started in a quarter (or month), how many were not lost by months later.

    One row a start quarter and month, in order: cohort ("Jan to Mar 2025"), months_since_start
    (1 to `months`), at_risk (who started), not_lost, state, note, retained (share). state is "not
    yet known" until everyone who started in the quarter could be followed that long (no later than
    the day to which records are complete), then "known". A quarter that began before `since` (see
    `members`) is left out, as not all of it is here. Clients count once. Protected.
    """
    frame = _started(members(data, since=since))
    length, first = 3 if by_quarter else 1, data.settings.organisation.year_starts
    periods = [Period.containing(day.date(), length, first) for day in frame["start_date"]]
    frame["cohort"] = [_months(period) for period in periods]
    frame["last"] = pd.to_datetime([period.end for period in periods])
    whole = [period.start >= (since or data.complete_from) for period in periods]
    frame = frame[np.array(whole, dtype=bool)].reset_index(drop=True)
    lost = lost_on(frame, data)
    rows = []
    for month in range(1, months + 1):
        later = pd.DateOffset(months=month)
        stayed = lost.isna() | (lost >= frame["start_date"] + later)
        followed = frame["last"] + later <= pd.Timestamp(definitions.followed_to(data))
        counts = frame.assign(stayed=stayed, followed=followed).groupby("cohort")
        counted = counts.agg(
            last=("last", "first"), at_risk=("stayed", "size"), not_lost=("stayed", "sum"),
            followed=("followed", "all"),
        ).reset_index()  # fmt: skip
        rows.append(counted.assign(months_since_start=month))
    table = pd.concat(rows).sort_values(["last", "months_since_start"], ignore_index=True)
    known = table.pop("followed").astype(bool)
    table["not_lost"] = table["not_lost"].astype("Int64").where(known)
    table["state"] = known.map({True: "known", False: "not yet known"})
    columns = ["cohort", "months_since_start", "at_risk", "not_lost", "state"]
    return disclosure.protect(
        table[columns].astype({"cohort": "str"}),
        people=["at_risk", "not_lost"],
        ratios={"retained": ("not_lost", "at_risk")},
        plain=["months_since_start"],
        within=["months_since_start"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def survival_table(
    data: Workspace,
    by: str | None = None,
    weeks: int = 52,
    step: int = 4,
    most: int | None = None,
    since: date | None = None,
) -> pd.DataFrame:
    """How many are not lost so many weeks after the start, as released numbers allow.

    One row a group and time: [`by`,] time (weeks since the start: 0, `step`, ...), at_risk (not
    lost and still followed), lost (by then, in all), note, survival (share not lost), lower, upper
    (95 %, log-log). A point is missing where a count behind it is hidden or fewer than 20 are at
    risk; the next one takes in what happened since the last. Clients count once (`members`).
    `most`: only the largest groups, as many as a chart can hold. Protected.
    Source: actuarial estimate from the released counts, Cutler and Ederer (1958); Greenwood (1926).
    """
    frame = _followed(data, members(data, by, since=since))
    largest = frame["group"].value_counts().index[:most]
    frame = frame[frame["group"].isin(largest)]
    times = np.arange(0, weeks + 1, step)
    rows = [_grid(str(group), people, times) for group, people in frame.groupby("group")]
    columns = ["group", "time", "started", "at_risk", "lost"]
    profile = data.settings.disclosure.profile
    protected = disclosure.protect(
        pd.concat([pd.DataFrame(columns=columns), *rows], ignore_index=True).astype(
            dict.fromkeys(columns[1:], int)
        ),
        people=["started", "at_risk", "lost"],
        ratios={"_at_risk": ("at_risk", "started"), "_lost": ("lost", "started")},
        plain=["group", "time"],
        within=["time"] if by else [],
        profile=profile,
        basis=data.settings.disclosure.basis,
    )
    smallest = disclosure.PROFILES[profile].smallest_group
    curves = [_curve(each, smallest) for _, each in protected.groupby("group", sort=False)]
    known = pd.concat([pd.DataFrame(columns=["survival", "lower", "upper"]), *curves])
    shown = protected.drop(columns=["started", "_at_risk", "_lost"])
    figures = known.astype("Float64").round(3)
    return named(disclosure.extend(shown, {str(name): figures[name] for name in figures}), by)


def logrank_table(
    data: Workspace, by: str | Sequence[str] | None = None, since: date | None = None
) -> pd.DataFrame:
    """Whether groups differ in how soon they are lost: by any attribute, or by all of them.

    One row an attribute: attribute, groups (those of 20 people or more), people (in them), p (two
    digits, of the log-rank test, corrected for the number of attributes asked about), reading
    ("differ", "no clear difference", "too few to tell"), note. Protected.
    Source: Mantel (1966); with other ends as above, Gray (1988); Holm (1979).
    """
    rows, chances, everyone = [], [], stays(data, since=since)
    profile = data.settings.disclosure.profile
    for attribute in listed(by, data):
        frame = _followed(data, grouped(data, everyone, attribute))
        sizes = frame.groupby("group").size()
        large = sizes[sizes >= disclosure.PROFILES[profile].smallest_group]
        frame = frame[frame["group"].isin(large.index)]
        test = logrank(frame["days"], frame["lost"], frame["group"]) if len(large) > 1 else None
        chances.append(np.nan if test is None else test.p)
        names = ", ".join(map(str, large.index))
        rows.append({"attribute": attribute, "groups": names, "people": int(large.sum())})
    table = pd.DataFrame(rows, columns=["attribute", "groups", "people"])
    corrected = holm(np.array(chances, dtype=float))
    table["p"] = ["" if np.isnan(p) else words.p_value(p) for p in corrected]
    table["reading"] = np.select(
        [np.isnan(corrected), corrected < 0.05],
        ["too few to tell", "differ"],
        "no clear difference",
    )
    return disclosure.protect(
        table.astype({"people": int}),
        people=["people"],
        profile=profile,
        basis=data.settings.disclosure.basis,
    )


def _months(period: Period) -> str:
    last = f"{period.end:%b %Y}"
    return last if period.months == 1 else f"{period.start:%b} to {last}"


def _started(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["start_date"].notna()].reset_index(drop=True)


def _followed(data: Workspace, frame: pd.DataFrame) -> pd.DataFrame:
    """Of `members`, those who started: group, days (until lost, or followed so long), lost."""
    frame = _started(frame)
    end = pd.Timestamp(definitions.followed_to(data))
    frame = frame[frame["start_date"] <= end]
    gone = lost_on(frame, data)
    lost = gone.notna() & (gone <= end)
    days = (gone.where(lost, end) - frame["start_date"]).dt.days.clip(lower=0)
    return pd.DataFrame({"group": frame["group"], "days": days, "lost": lost.astype(int)})


def _grid(group: str, people: pd.DataFrame, times: np.ndarray) -> pd.DataFrame:
    days, lost = people["days"].to_numpy(), people["lost"].to_numpy(dtype=bool)
    limits = DAYS_A_WEEK * times
    return pd.DataFrame(
        {
            "group": group,
            "time": times,
            "started": len(people),
            "at_risk": [(days >= limit).sum() for limit in limits],
            "lost": [(lost & (days < limit)).sum() for limit in limits],
        }
    )


def _curve(released: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Survival from released counts of one group; missing where they do not allow it."""
    points = list(_points(released, smallest))
    share, variance = (np.array([point[i] for point in points], float) for i in (0, 1))
    lower, upper = log_log_interval(share, variance)
    lower[0] = upper[0] = share[0]  # everyone is there at the start
    return pd.DataFrame({"survival": share, "lower": lower, "upper": upper}, released.index)


def _points(released: pd.DataFrame, smallest: int) -> Iterator[tuple[float, float]]:
    """Survival and Greenwood's sum at each time."""
    share, variance = 1.0, 0.0
    before = (released["started"].iloc[0], 0)
    for at_risk, lost in zip(released["at_risk"], released["lost"], strict=True):
        if pd.isna([before[0], at_risk, lost]).any() or at_risk < max(smallest, 1):
            yield np.nan, np.nan
            continue
        fell = max(lost - before[1], 0)
        no_longer_followed = max(before[0] - at_risk - fell, 0)
        exposed = before[0] - no_longer_followed / 2
        share *= 1 - fell / exposed
        variance += fell / (exposed * (exposed - fell))
        before = (at_risk, lost)
        yield share, variance
