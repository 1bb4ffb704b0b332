"""Survival curves and the log-rank test on plain columns: the sums behind retention."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError

Z_95 = float(stats.norm.isf(0.025))


@dataclass(frozen=True)
class LogRank:
    """Whether curves differ by more than chance: chi-square, its p and its degrees of freedom."""

    chi2: float
    p: float
    groups: int


@dataclass(frozen=True)
class Survival:
    """Survival curves (`table`) and the test between them (`logrank`, None with one group)."""

    table: pd.DataFrame
    logrank: LogRank | None


def survival(duration: ArrayLike, event: ArrayLike, by: ArrayLike | None = None) -> Survival:
    """How many are still there after so long, counting those we could not follow to the end.

    `duration`: time until the event or until we lost sight, in any unit; `event`: 1 where the
    event happened, 0 where it had not; `by`: a group each.
    `.table` has one row a group and time at which something happened: [by,] time, at_risk (just
    before), events, survival (0 to 1), lower, upper (95 %, on the log-log scale). The figures are
    exact: for publication use `survival_table`.
    Raises DataError where a duration is missing or below 0, or an event is not 0 or 1.
    Source: Kaplan and Meier (1958); Greenwood (1926); Kalbfleisch and Prentice (1980), eq. 1.13;
    log-rank test, Mantel (1966).
    """
    time, happened = _checked(duration, event)
    if by is None:
        return Survival(_curve(time, happened), None)
    group = pd.Series(np.asarray(by, dtype=object)).fillna(NOT_RECORDED).to_numpy()
    if len(group) != len(time):
        raise DataError(f"by: {len(group)} groups for {len(time)} durations. Give one for each.")
    names = list(pd.unique(pd.Series(group)))
    names.sort(key=str)
    curves = [_curve(time[group == name], happened[group == name]) for name in names]
    labelled = [curve.assign(by=name) for name, curve in zip(names, curves, strict=True)]
    table = pd.concat(labelled, ignore_index=True)
    return Survival(table[["by", *curves[0].columns]], logrank(time, happened, group))


def logrank(duration: ArrayLike, event: ArrayLike, by: ArrayLike) -> LogRank | None:
    """Whether survival differs between groups by more than chance.

    None where that cannot be told: one group only, no event, or groups never followed together.
    Raises DataError where a duration is missing or below 0, or an event is not 0 or 1.
    Source: Mantel (1966); Peto and Peto (1972).
    """
    time, happened = _checked(duration, event)
    codes, names = pd.factorize(np.asarray(by, dtype=object))
    if len(names) < 2 or not happened.any():
        return None
    try:
        chi2, _ = survdiff(time, happened, codes)
    except np.linalg.LinAlgError:
        return None
    return LogRank(float(chi2), float(stats.chi2.sf(chi2, len(names) - 1)), len(names))


def log_log_interval(
    share: NDArray[np.float64], variance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % interval of survival that stays between 0 and 1; NaN where survival is 0 or 1.

    `variance`: Greenwood's sum, the relative variance of survival.
    Source: Kalbfleisch and Prentice (1980), eq. 1.13.
    """
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    spread = Z_95 * np.sqrt(variance) / np.abs(np.log(inside))
    return inside ** np.exp(spread), inside ** np.exp(-spread)


def _curve(time: NDArray[np.float64], happened: NDArray[np.int64]) -> pd.DataFrame:
    fitted = SurvfuncRight(time, happened)
    share = np.asarray(fitted.surv_prob, float)
    error = np.asarray(fitted.surv_prob_se, float)
    relative = np.divide(error, share, out=np.full(len(share), np.nan), where=share > 0)
    lower, upper = log_log_interval(share, relative**2)
    return pd.DataFrame(
        {
            "time": fitted.surv_times,
            "at_risk": np.asarray(fitted.n_risk).astype(int),
            "events": np.asarray(fitted.n_events).astype(int),
            "survival": share,
            "lower": lower,
            "upper": upper,
        }
    )


def _checked(
    duration: ArrayLike, event: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    time = pd.to_numeric(pd.Series(np.asarray(duration)), errors="coerce").to_numpy(float)
    happened = pd.to_numeric(pd.Series(np.asarray(event)), errors="coerce").to_numpy(float)
    problems = []
    if not len(time):
        problems.append("duration: there are none. Give one for each client.")
    if len(time) != len(happened):
        problems.append(f"event: {len(happened)} for {len(time)} durations. Give one for each.")
    if missing := int(np.isnan(time).sum()):
        problems.append(
            f"duration: {missing} of {len(time)} are missing or not numbers, first at row "
            f"{int(np.isnan(time).argmax()) + 1}. Leave those out, and say how many they are."
        )
    if negative := int((time < 0).sum()):
        problems.append(
            f"duration: {negative} of {len(time)} are below 0, first at row "
            f"{int((time < 0).argmax()) + 1}. The event must not come before the start."
        )
    odd = ~np.isin(happened, [0, 1])
    if odd.any():
        problems.append(
            f"event: {int(odd.sum())} of {len(happened)} are neither 1 (it happened) nor 0 "
            f"(it had not), first at row {int(odd.argmax()) + 1}."
        )
    if problems:
        raise DataError(*problems)
    return time, happened.astype(np.int64)
