"""Early, or not by then: what came after a day of the stay, by what had started up to that day.

Whoever lasts longest has the most time to receive a support, so comparing those who ever received
it with those who never did finds a difference where there is none. Here groups are formed at the
close of one day, of those still there and without the outcome; only what comes after it counts.
"""

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import survdiff

from workbench.analyses.journeys.incidence import cumulative_incidence, incidence_interval
from workbench.analyses.journeys.result import (
    FEWEST_EVENTS,
    FEWEST_PEOPLE,
    EarlyOrLate,
    LogRank,
    Pair,
    judged,
)
from workbench.errors import DataError
from workbench.published import numbers
from workbench.statistics import Floats, mover, wilson_interval

EVENT, COMPETING = 1, 2
FOLLOWED = 0.1  # of a group that must still be followed, besides FEWEST_PEOPLE
DAYS_OF_FRAME = ("support_day", "outcome_day", "end_day")


def early_or_late(
    frame: pd.DataFrame,
    landmark_days: int = 56,
    *,
    support: str = "the support",
    event: str = "the outcome",
) -> EarlyOrLate:
    """Whether the outcome is rarer among those who had a support by a day than among the others.

    `frame`: one row a client: support_day, outcome_day, end_day, counted from the start, empty for
    never. end_day is when they left or could no longer be followed; empty: followed to the last day
    that occurs in the frame. `competing` (optional): true where the end rules the outcome out, such
    as a death; other ends only end the time in which we could see. An outcome after the end is not
    seen. `support`, `event`: what to call them in the sentence.

    Known is everything up to and including the landmark, follow-up the days after it. Those with
    the outcome by then, and those gone by then, are left out and counted (`dropped`). The groups
    are early (support by then) and not by then: some of those have it later, some never. The
    difference is of cumulative incidences at the last day to which both groups could be followed:
    10 people and 10 % of each, or all of it where nobody was lost to sight before.
    Raises DataError where a column is missing or holds something other than days.
    Source: the landmark method, Anderson, Cain and Gelber (1983); Aalen and Johansen (1978);
    interval of the difference, Newcombe (1998), method 10, where all could be followed, else Zou
    and Donner (2008) on log-log intervals; log-rank test, Mantel (1966).
    """
    people, dropped = followed(frame, landmark_days)
    early, days, cause = (people[name].to_numpy() for name in ("early", "days", "cause"))
    groups = [early, ~early]
    n, events, competing = (
        (int(counts[groups[0]].sum()), int(counts[groups[1]].sum()))
        for counts in (np.ones(len(people)), cause == EVENT, cause == COMPETING)
    )
    found: dict[str, object] = {"verdict": "too few to tell", "by_horizon": (0, 0)}
    horizon = min(_followed_to(days[each], cause[each]) for each in groups)
    if min(n) > 0:
        horizon = min(horizon, days.max())
        shares, limits = zip(
            *(incidence_by(days[each], cause[each], horizon) for each in groups), strict=True
        )
        lower, upper = mover(shares[0], limits[0], shares[1], limits[1])
        interval = (float(lower), float(upper))
        had_it = (cause == EVENT) & (days <= horizon)
        by_then = (int(had_it[groups[0]].sum()), int(had_it[groups[1]].sum()))
        found = {
            "horizon": int(horizon),
            "by_horizon": by_then,
            "incidence": shares,
            "incidence_intervals": limits,
            "difference": shares[0] - shares[1],
            "interval": interval,
            "verdict": judged(interval, min(n) >= FEWEST_PEOPLE and sum(by_then) >= FEWEST_EVENTS),
        }
    nothing = dict.fromkeys(
        ("horizon", "incidence", "incidence_intervals", "difference", "interval")
    )
    return EarlyOrLate(
        landmark_days, n, events, competing=competing, dropped=dropped, support=support,
        event=event, logrank=_logrank(days, cause == EVENT, early), **(nothing | found),  # type: ignore[arg-type]
    )  # fmt: skip


def followed(
    frame: pd.DataFrame, landmark_days: int, *, once: bool = True
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Those still there at the close of the landmark, and how many are not, by reason.

    One row a client, with the index of `frame`: early, days (from the landmark to what ended their
    time), cause (1: the outcome, 2: an end that rules it out, 0: neither was seen). Without `once`,
    an outcome ends nothing, and nobody is left out for having had one.
    """
    days, competing = _days_of(frame, landmark_days)
    end = days["end_day"].fillna(_last(days))
    outcome = days["outcome_day"] if once else pd.Series(np.nan, frame.index)
    had_it = (outcome <= landmark_days).to_numpy()
    gone = ~had_it & (end <= landmark_days).to_numpy()
    dropped = {
        **({f"outcome by day {landmark_days}": int(had_it.sum())} if once else {}),
        f"gone by day {landmark_days}": int(gone.sum()),
    }
    seen = (outcome <= end).to_numpy()
    people = pd.DataFrame(
        {
            "early": (days["support_day"] <= landmark_days).to_numpy(),
            "days": np.where(seen, outcome, end) - landmark_days,
            "cause": np.where(seen, EVENT, np.where(competing, COMPETING, 0)),
        },
        frame.index,
    )
    return people[~had_it & ~gone], dropped


def _last(days: pd.DataFrame) -> float:
    """The last day that occurs: how long those without an end could be followed."""
    found = days.to_numpy()
    return float(np.nanmax(found)) if np.isfinite(found).any() else 0.0


def _days_of(frame: pd.DataFrame, landmark_days: int) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """The three days as numbers, and whose end rules the outcome out."""
    problems = []
    missing = [name for name in DAYS_OF_FRAME if name not in frame]
    if missing:
        problems.append(
            f"frame: there is no column {', '.join(missing)}. Give {', '.join(DAYS_OF_FRAME)}: "
            "days from the start, empty for never."
        )
    twice = [name for name in DAYS_OF_FRAME if list(frame.columns).count(name) > 1]
    problems += [f"frame: several columns are called {name}. Name each once." for name in twice]
    is_day = isinstance(landmark_days, int | float | np.number)
    if not is_day or not 0 <= landmark_days < np.inf:
        problems.append(
            f"landmark_days: {landmark_days!r} is no day of a stay. Give a number of days, from 0."
        )
    columns = {}
    for name in (each for each in DAYS_OF_FRAME if each not in (*missing, *twice)):
        given = frame[name]
        if given.dtype.kind in "Mmc":  # dates and times would become numbers
            given = given.astype("object").map(str, na_action="ignore")
        number = numbers(pd.to_numeric(given, errors="coerce"))
        odd = (np.isnan(number) & given.notna().to_numpy()) | np.isneginf(number)
        if odd.any():
            problems.append(
                f"{name}: {int(odd.sum())} of {len(frame)} are not days from the start, first at "
                f"row {int(odd.argmax()) + 1}. Give whole numbers, empty for never."
            )
        columns[name] = np.where(np.isinf(number), np.nan, number)
    if problems:
        raise DataError(*problems)
    days = pd.DataFrame(columns, frame.index)
    return days, _competing(frame) & days["end_day"].notna()


def _competing(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Whose end rules the outcome out; nobody's where the frame does not say."""
    given = frame["competing"] if "competing" in frame else pd.Series(False, frame.index)
    try:
        return given.astype("boolean").fillna(False).astype(bool)
    except (TypeError, ValueError):
        raise DataError(
            "competing: some values are neither true nor false. Give true where the end rules the "
            "outcome out, such as a death."
        ) from None


def _followed_to(days: Floats, cause: np.ndarray) -> float:
    """The last day to which a group can be followed well; infinite where nobody was lost."""
    lost = days[cause == 0]
    if not len(lost):
        return np.inf
    enough = max(FEWEST_PEOPLE, int(np.ceil(FOLLOWED * len(days))))
    still = np.sort(days)[-enough] if len(days) >= enough else 0.0
    return float(max(lost.min(), still))


def incidence_by(days: Floats, cause: np.ndarray, horizon: float) -> tuple[float, Pair]:
    """The incidence of the outcome by the horizon and its 95 % interval."""
    share, error = cumulative_incidence(days, cause).at(horizon, EVENT)
    known = int(((cause > 0) | (days >= horizon)).sum())
    if known == len(days) or share in (0.0, 1.0):
        low, high = wilson_interval(share * known, known)
    else:
        low, high = incidence_interval(share, error)
    return share, (float(low), float(high))


def _logrank(days: Floats, happened: np.ndarray, early: np.ndarray) -> LogRank | None:
    """None where it cannot be told: one group only, no event, groups never followed together."""
    if not happened.any() or early.all() or not early.any():
        return None
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            chi2, p = survdiff(days, happened.astype(int), early.astype(int))
    except np.linalg.LinAlgError:
        return None
    return LogRank(float(chi2), float(p)) if np.isfinite(chi2) else None
