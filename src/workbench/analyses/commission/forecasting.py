"""How many starts and outcomes to expect, with an interval that says how little is certain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from workbench import definitions, disclosure
from workbench.analyses.commission.claims import achieved, why_no_claims
from workbench.errors import DataError
from workbench.measures import counting
from workbench.periods import Period
from workbench.published import numbers
from workbench.statistics import Floats
from workbench.store import Workspace
from workbench.words import commission as said

YEAR = 12  # months that a forecast rests on, and that a season goes round in
MOST_YEARS = 3  # of the same month, where there is a season
TOO_MANY_HIDDEN = 1 / 3  # of the months: then quarters are forecast
MOST_WIDE = 3  # times what is expected: an interval that is wider tells nobody anything
DIGITS = 2  # of the scatter, which is about everyone together
UNITS = {"month": 1, "quarter": 3}


@dataclass(frozen=True)
class Prediction:
    """What to expect of counts to come, and the whole numbers that 95 % of them lie between."""

    expected: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Forecast:
    """One number and what is expected of it.

    `table`: protected, one row an interval, those to come last: interval, value, expected, lower,
    upper, rests_on (the count that the forecast rests on), note. `interval`: "month" or "quarter".
    `seasonal`: each month rests on the same month of the years before. `scatter`: how much more
    than by chance alone the months differed (1: no more).
    """

    name: str
    interval: str
    seasonal: bool
    scatter: float
    table: pd.DataFrame
    sentence: str

    @property
    def title(self) -> str:
        """What a chart of it is called."""
        return f"{self.name[:1].upper()}{self.name[1:]} in each {self.interval}"


def predict(
    total: ArrayLike, seen: ArrayLike, ahead: int = 1, scatter: float = 1.0, level: float = 0.95
) -> Prediction:
    """What a count will be, after `total` things in `seen` intervals, over `ahead` intervals.

    `scatter`: the variance of the counts, in multiples of their mean; below 1 it counts as 1.
    The mean and variance are those of Menssen et al. (2025), prediction intervals for quasi-Poisson
    data: mean λ·ahead, variance scatter·λ·ahead·(1 + ahead/seen); the limits are quantiles of the
    negative binomial with both, so that they are whole and never below 0. With a scatter of 1 and
    λ = (total + ½)/seen it is the predictive distribution under Jeffreys' prior (Bejleri and
    Nandram 2018). Coverage is simulated in tests/test_commission.py.
    Raises DataError for fewer than one interval, or a total below 0.
    """
    count, size = np.asarray(total, float), np.asarray(seen, float)
    if (size < 1).any() or (count < 0).any():
        raise DataError("forecast: it needs at least one interval, and a total of 0 or more.")
    expected = (count + 0.5) / size * ahead
    variance = max(scatter, 1.0) * expected * (1 + ahead / size)
    share = expected / variance
    shape = expected * share / (1 - share)
    tail = (1 - level) / 2
    lower = stats.nbinom.ppf(tail, shape, share)
    return Prediction(expected, lower, stats.nbinom.isf(tail, shape, share))


def dispersion(counts: ArrayLike, by: ArrayLike | None = None) -> float:
    """How much more than by chance counts differ from their mean (1: as a Poisson count does).

    `by`: compare only counts that share this label, such as the month of the year.
    Pearson's statistic over its degrees of freedom. Source: McCullagh and Nelder (1989), section
    6.2. NaN for too few counts.
    """
    values = pd.Series(np.asarray(counts, float))
    label = np.zeros(len(values)) if by is None else np.asarray(by)
    mean = values.groupby(label).transform("mean")
    free = len(values) - len(np.unique(label))
    if free < 1:
        return float("nan")
    squares = (values - mean) ** 2 / mean.where(mean > 0)
    return float(squares.sum() / free)


def forecasts(
    data: Workspace, season: Callable[..., Any]
) -> tuple[tuple[Forecast, ...], tuple[str, ...]]:
    """What is expected of starts and of outcomes claimed; and why one is not there.

    `season`: `signals.season`, which is shown released numbers. See `forecast`.
    """
    found, missing = [], []
    for name in (said.STARTS, said.OUTCOMES):
        reason = why_no_claims(data) if name == said.OUTCOMES else ""
        made = said.no_forecast(name, reason) if reason else forecast(data, name, season)
        if isinstance(made, Forecast):
            found.append(made)
        else:
            missing.append(made)
    return tuple(found), tuple(missing)


def forecast(data: Workspace, name: str, season: Callable[..., Any]) -> Forecast | str:
    """How many "starts" or "outcomes claimed" to expect, as many intervals ahead as settings say.

    It goes on as the last 12 complete months went; where 24 months or more show a season, as the
    same months of the last years (at most 3). Quarters where a third of the months would be hidden.
    Returns in words why not, where fewer than 12 months are complete, too few people are behind
    them, or months differ so much that the interval would be wider than 3 times what it is about.
    Worked out from released numbers. Source: `predict`.
    """
    rows = _starts(data) if name == said.STARTS else achieved(data)
    months = _counted(data, rows, "month")
    complete = months[months["complete"]]
    if len(complete) < YEAR:
        return said.no_forecast(name, said.TOO_SHORT)
    interval, seasonal = _way(data, complete, season)
    scatter = _scatter(complete, seasonal)
    history = months if interval == "month" else _counted(data, rows, interval)
    history = history.tail(data.settings.reporting.history + 1)
    until = history[history["complete"]]
    if until.empty:
        return said.no_forecast(name, said.TOO_SHORT)
    future = _future(data, rows, complete, until["interval"].iloc[-1], interval, seasonal)
    table = _released(data, pd.concat([until.assign(rests_on=np.nan), future]))
    seen = table["seen"].to_numpy()
    known = table["rests_on"].notna().to_numpy()
    if not known.any():
        return said.no_forecast(name, said.TOO_FEW)
    made = predict(numbers(table["rests_on"])[known], seen[known], UNITS[interval], scatter)
    if ((made.upper - made.lower) > MOST_WIDE * made.expected).all():
        return said.no_forecast(name, said.too_wide(float(made.lower[0]), float(made.upper[0])))
    columns = {
        column: _placed(np.round(values, 1), known, table) for column, values in vars(made).items()
    }
    table = disclosure.extend(table, columns)
    shown = table[["interval", "value", *columns, "rests_on", "note"]]
    sentence = said.forecast(name, interval, table[known], seasonal, scatter)
    return Forecast(name, interval, seasonal, scatter, shown, sentence)


def _starts(data: Workspace) -> pd.DataFrame:
    rows = definitions.starts(data).select("client_id", day="start_date").to_pandas()
    return rows.assign(day=pd.to_datetime(rows["day"]))


def _counted(data: Workspace, rows: pd.DataFrame, interval: str) -> pd.DataFrame:
    """Things by the interval of their day: interval, value, clients, complete. Not to publish."""
    times = counting.calendar(data, interval)
    grid = times.intervals(rows["day"].min() if len(rows) else pd.NaT)
    starts = grid["interval"].to_numpy()
    place = np.searchsorted(starts, rows["day"].to_numpy(), side="right") - 1
    at = starts[place] if len(grid) else rows["day"]
    each = rows.assign(interval=at).groupby("interval")["client_id"].agg(["size", "nunique"])
    each = each.reindex(grid["interval"], fill_value=0)
    known = pd.Timestamp(min(data.as_of, data.complete_to))
    begun = grid["interval"] >= pd.Timestamp(data.complete_from)
    return pd.DataFrame(
        {
            "interval": grid["interval"],
            "value": each["size"].to_numpy(dtype=float),
            "clients": each["nunique"].to_numpy(dtype=float),
            "complete": ((grid["end"] <= known) & begun).to_numpy(dtype=bool),
        }
    )


def _future(
    data: Workspace,
    rows: pd.DataFrame,
    complete: pd.DataFrame,
    last: pd.Timestamp,
    interval: str,
    seasonal: bool,
) -> pd.DataFrame:
    """The intervals to come, and the count that each rests on. Not to publish."""
    year_starts = data.settings.organisation.year_starts
    period = Period.containing(last.date(), UNITS[interval], year_starts)
    through = complete[complete["interval"] <= pd.Timestamp(period.end)]
    month = rows["day"].dt.to_period("M").dt.start_time
    future = []
    for _ in range(data.settings.commission.forecast):
        period = Period.containing(_after(period), UNITS[interval], year_starts)
        like = through.tail(YEAR)
        if seasonal:
            same = through["interval"].dt.month == period.start.month
            like = through[same].tail(MOST_YEARS)
        behind = rows[month.isin(like["interval"])]
        future.append(
            {
                "interval": pd.Timestamp(period.start),
                "rests_on": float(like["value"].sum()),
                "seen": len(like),
                "clients": float(behind["client_id"].nunique()),
            }
        )
    return pd.DataFrame(future)


def _after(period: Period) -> date:
    return period.end + timedelta(days=1)


def _way(data: Workspace, complete: pd.DataFrame, season: Callable[..., Any]) -> tuple[str, bool]:
    """The interval that is forecast, and whether by the season."""
    values = _released(data, complete.assign(rests_on=np.nan)).set_index("interval")["value"]
    if data.settings.reporting.interval == "quarter":
        return "quarter", False
    if len(values) >= 2 * YEAR and season(values.astype("float64")).verdict == "season":
        return "month", True
    return "quarter" if float(values.isna().mean()) > TOO_MANY_HIDDEN else "month", False


def _scatter(complete: pd.DataFrame, seasonal: bool) -> float:
    """How much more than by chance the months differ, from those that the forecast rests on."""
    rows = complete.tail(MOST_YEARS * YEAR if seasonal else YEAR)
    by = rows["interval"].dt.month if seasonal else None
    found = dispersion(rows["value"], by)
    return max(1.0, float(f"{found:.{DIGITS}g}")) if np.isfinite(found) else 1.0


def _released(data: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.assign(seen=rows.get("seen", np.nan))
    table = table[["interval", "value", "rests_on", "seen", "clients"]].reset_index(drop=True)
    return disclosure.protect(
        table,
        people=["clients"],
        events={"value": "clients", "rests_on": "clients"},
        plain=["seen"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def _placed(values: Floats, known: "np.ndarray[Any, Any]", table: pd.DataFrame) -> "pd.Series[Any]":
    column = np.full(len(table), np.nan)
    column[known] = values
    return pd.Series(column, table.index, dtype="Float64")
