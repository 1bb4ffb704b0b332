"""Does this measure have a season, and what to chart when it has."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analyses.signals import notes as say
from workbench.analyses.signals.inputs import read_values, stop_on
from workbench.analyses.signals.rules import Floats
from workbench.errors import DataError

YEAR = 12
ENOUGH = 2 * YEAR  # recorded months
HALF_A_YEAR = 6  # recorded months that a year needs to tell its own slope from its season
LEVEL = 0.05
DRAWS = 4999
ROUNDING = 1e-9  # of the largest value: less than this off the line is on it


@dataclass(frozen=True, eq=False)
class Season:
    """Whether the same months are high and low in each year.

    table: one row per month of the year: month (of the calendar; the place in the year where the
        index has no dates), difference from the line through its own year, in units of the values,
        years that it is the mean of.
    p: how often so much agreement between years comes about by chance; None when not tested.
    """

    verdict: Literal["season", "no season", "cannot tell"]
    p: float | None
    months: int
    table: pd.DataFrame
    notes: tuple[str, ...]


def season(values: pd.Series) -> Season:
    """Is this measure high and low in the same months every year?

    values: monthly, in time order, NA for a month without a value. Tested from 24 recorded months.
    Raises DataError for input that cannot be charted or is not monthly.

    Each year (twelve months back from the last) is freed of its own level and slope, so that
    neither a trend nor a single shift passes for a season; the years are then compared by the mean
    correlation between them. The p value comes from random series that miss the same months.
    Two years find a strong season only: one of 1.5 standard deviations in about half of cases.
    Source: Kendall and Babington Smith (1939), concordance as a mean correlation, here of values
    and not of ranks; Monte Carlo p value: Barnard (1963).
    """
    value, months = _monthly(values)
    recorded = int(value.notna().sum())
    starts = (months[-1] + 1) % YEAR  # the calendar month, from 0, that a year starts with
    year, place = np.divmod(months - months[-1] - 1, YEAR)
    grid = np.full((-year[0], YEAR), np.nan)
    grid[year, place] = value.to_numpy()
    off = _off_line(grid[np.isfinite(grid).sum(axis=1) >= HALF_A_YEAR])
    table = _profile(off, starts)
    if recorded < ENOUGH or len(off) < 2:
        why = say.short_years(recorded, len(off))
        return Season("cannot tell", None, recorded, table, (why,))

    by_chance = _by_chance(np.isfinite(off).tobytes(), off.shape)
    as_often = np.count_nonzero(by_chance >= _agreement(off))
    p = (1 + as_often) / (1 + DRAWS)
    return Season("season" if p < LEVEL else "no season", p, recorded, table, ())


def year_on_year(values: pd.Series) -> pd.Series:
    """How each month differs from the same month a year before: chart this when there is a season.

    Returns one value per month that has a month a year before it in the series, in the units of
    the values; NA where either is missing. A lasting shift shows in it for twelve months.
    Raises DataError for input that cannot be charted, is not monthly, or covers a year or less.
    """
    value, months = _monthly(values)
    before = pd.Series(value.to_numpy(), months).reindex(months - YEAR).to_numpy()
    comparable = months - YEAR >= months[0]
    if not comparable.any():
        raise DataError(
            f"values: {len(value)} months hold no month a year apart. "
            "Give more than 12, or chart them as they are."
        )
    return (value - before)[comparable]


def _monthly(values: pd.Series) -> tuple[pd.Series, NDArray[np.int_]]:
    """The values and the month each stands for, counted on from year 0."""
    problems: list[str] = []
    value = read_values(values, "values", problems)
    stop_on(problems)
    index = value.index
    if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        return value, np.arange(len(index))
    months = np.asarray(index.year * YEAR + index.month - 1)
    if isinstance(index, pd.PeriodIndex) and not index.freqstr.startswith("M"):
        stop_on([f"values: periods of {index.freqstr!r}, not months. Give one value a month."])
    if (repeated := int((np.diff(months) == 0).sum())) > 0:
        stop_on([f"values: {repeated} values share a month with another. Give one value a month."])
    return value, months


def _off_line(years: Floats) -> Floats:
    """What each month differs by from the straight line through its own year (the last axis)."""
    seen = np.isfinite(years)
    count = np.maximum(seen.sum(axis=-1, keepdims=True), 1)
    place = np.where(seen, np.arange(YEAR), np.nan)
    place = place - np.nansum(place, axis=-1, keepdims=True) / count
    off = years - np.nansum(years, axis=-1, keepdims=True) / count
    slope = np.nansum(place * off, axis=-1, keepdims=True)
    off = off - place * slope / np.nansum(place**2, axis=-1, keepdims=True)
    rounding = ROUNDING * np.nanmax(np.abs(years), initial=0.0)
    return np.where(np.abs(off) <= rounding, 0.0, off)


def _agreement(off: Floats) -> Floats:
    """How alike years are: grows with the mean correlation between them; 0 for years on a line."""
    off = np.nan_to_num(off)
    length = np.sqrt(np.sum(off**2, axis=-1, keepdims=True))
    alike = np.divide(off, length, out=np.zeros_like(off), where=length > 0)
    return np.sum(alike.sum(axis=-2) ** 2, axis=-1)


@lru_cache(maxsize=64)
def _by_chance(recorded: bytes, shape: tuple[int, int]) -> Floats:
    """The agreement between years of pure noise that miss the same months."""
    seen = np.frombuffer(recorded, dtype=bool).reshape(shape)
    noise = np.random.default_rng(0).normal(size=(DRAWS, *shape))
    return _agreement(_off_line(np.where(seen, noise, np.nan)))


def _profile(off: Floats, starts: int) -> pd.DataFrame:
    years = np.isfinite(off).sum(axis=0)
    table = pd.DataFrame(
        {
            "month": (np.arange(YEAR) + starts) % YEAR + 1,
            "difference": np.nansum(off, axis=0) / np.where(years > 0, years, np.nan),
            "years": years,
        }
    )
    return table.sort_values("month", ignore_index=True)
