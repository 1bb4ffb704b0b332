"""How many have had an event by a time, where some leave before it and others can never have it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight

from workbench.errors import DataError
from workbench.statistics import Floats

Z_95 = float(stats.norm.isf(0.025))


@dataclass(frozen=True)
class CumulativeIncidence:
    """The share who have had each kind of event by a time: `table`."""

    table: pd.DataFrame

    def at(self, time: float, cause: int = 1) -> tuple[float, float]:
        """The incidence of a cause by a time, and its standard error."""
        known = self.table[(self.table["cause"] == cause) & (self.table["time"] <= time)]
        if known.empty:
            return 0.0, 0.0
        return float(known["incidence"].iloc[-1]), float(known["se"].iloc[-1])


def cumulative_incidence(duration: ArrayLike, cause: ArrayLike) -> CumulativeIncidence:
    """How many have had each kind of event by a time, when one kind rules the others out.

    `duration`: time until the event or until we lost sight, in any unit; `cause`: 0 where the
    person was still here then, else which event it was (1, 2, ...).
    `.table` has one row a cause and time at which any event happened: time, cause, incidence (0 to
    1), se. It is never one minus Kaplan-Meier, which counts those as still to come who cannot.
    Raises DataError where a duration is missing or below 0, or a cause is not 0, 1, 2, ...
    Source: Aalen and Johansen (1978); standard error by the delta method, Marubini and Valsecchi
    (1995), section 10.3, which is finite to the last time, unlike that of statsmodels.
    """
    time, kind = _checked(duration, cause)
    causes = np.unique(kind[kind > 0])
    times, place = np.unique(time, return_inverse=True)
    at_risk = np.cumsum(np.bincount(place, minlength=len(times))[::-1])[::-1].astype(float)
    any_event = np.bincount(place, weights=kind > 0, minlength=len(times)).astype(float)
    ranks = np.searchsorted(causes, kind) + 1
    with np.errstate(divide="ignore", invalid="ignore"):  # in its standard errors, not used here
        fitted = CumIncidenceRight(time, np.where(kind > 0, ranks, 0)) if len(causes) else None
    tables = [pd.DataFrame(columns=["time", "cause", "incidence", "se"], dtype=float)]
    for number, each in enumerate(causes):
        own = np.bincount(place, weights=kind == each, minlength=len(times)).astype(float)
        columns: dict[str, Any] = {"time": times, "cause": int(each)}
        columns["incidence"] = fitted.cinc[number] if fitted is not None else np.nan
        columns["se"] = from_counts(at_risk, any_event, own)[1]
        tables.append(pd.DataFrame(columns)[any_event > 0])
    table = pd.concat(tables[1:] or tables, ignore_index=True)
    return CumulativeIncidence(table.astype({"cause": "int64"}))


def incidence_interval(share: ArrayLike, error: ArrayLike) -> tuple[Floats, Floats]:
    """95 % interval of an incidence that stays between 0 and 1; NaN where it is 0 or 1.

    Source: on the scale of log(−log(1 − incidence)), as Kalbfleisch and Prentice (1980), eq. 1.13,
    for survival; delta method.
    """
    incidence, se = np.asarray(share, float), np.asarray(error, float)
    left = 1 - np.where((incidence > 0) & (incidence < 1), incidence, np.nan)
    spread = Z_95 * se / (left * np.abs(np.log(left)))
    return 1 - left ** np.exp(-spread), 1 - left ** np.exp(spread)


def from_counts(at_risk: Floats, any_event: Floats, own: Floats) -> tuple[Floats, Floats]:
    """The incidence of one cause and its standard error, from counts at each time in order.

    `at_risk`: who could still have an event; `any_event`: who had one of any kind; `own`: of this.
    Source: as `cumulative_incidence`.
    """
    n, d = np.asarray(at_risk, float), np.asarray(own, float)
    before = np.concatenate([[1.0], np.cumprod(1 - any_event / n)[:-1]])[: len(n)]
    share = np.cumsum(before * d / n)
    stay = n - any_event  # where nobody stays, the incidence moves no more
    first = np.divide(any_event, n * stay, out=np.zeros(len(n)), where=stay > 0)
    second = before**2 * (n - d) * d / n**3
    third = before * d / n**2
    variance = (
        share**2 * np.cumsum(first)
        - 2 * share * np.cumsum(share * first)
        + np.cumsum(share**2 * first)
        + np.cumsum(second)
        - 2 * share * np.cumsum(third)
        + 2 * np.cumsum(share * third)
    )
    return share, np.sqrt(np.clip(variance, 0, None))


def _number(given: ArrayLike) -> Floats:
    values = np.atleast_1d(np.asarray(given))
    if values.ndim > 1:
        raise DataError("duration, cause: give one of each a client, not a table.")
    if values.dtype.kind in "Mmc":  # dates and times would become numbers
        return np.full(len(values), np.nan)
    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(float)


def _checked(duration: ArrayLike, cause: ArrayLike) -> tuple[Floats, np.ndarray]:
    time, kind = _number(duration), _number(cause)
    problems = []
    if not len(time):
        problems.append("duration: there are none. Give one for each client.")
    if len(time) != len(kind):
        problems.append(f"cause: {len(kind)} for {len(time)} durations. Give one for each.")
    if missing := int((~np.isfinite(time)).sum()):
        problems.append(
            f"duration: {missing} of {len(time)} are missing or not numbers, first at row "
            f"{int((~np.isfinite(time)).argmax()) + 1}. Leave those out, and say how many they are."
        )
    if negative := int((time < 0).sum()):
        problems.append(
            f"duration: {negative} of {len(time)} are below 0, first at row "
            f"{int((time < 0).argmax()) + 1}. The event must not come before the start."
        )
    odd = ~((kind >= 0) & (kind % 1 == 0))
    if odd.any():
        problems.append(
            f"cause: {int(odd.sum())} of {len(kind)} are neither 0 (still here) nor 1, 2, ... "
            f"(which event), first at row {int(odd.argmax()) + 1}."
        )
    if problems:
        raise DataError(*problems)
    return time, kind.astype(np.int64)
