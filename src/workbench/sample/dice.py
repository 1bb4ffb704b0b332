"""Draws and dates: uniform numbers only, so that a seed means the same on every machine."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.sample.plan import DAYS, FIRST_DAY


class Dice:
    """The draws of one table; tables do not share a stream, so changing one leaves the rest."""

    def __init__(self, seed: int, table: str) -> None:
        self._generator = np.random.Generator(np.random.PCG64([seed, *table.encode()]))

    def uniform(self, *shape: int) -> NDArray[np.float64]:
        """Numbers from 0 up to, not including, 1."""
        return self._generator.random(shape)

    def chance(self, probability: ArrayLike, count: int) -> NDArray[np.bool_]:
        """True with the probability given, one for all or one each."""
        return self.uniform(count) < np.asarray(probability, dtype=float)

    def whole(self, low: int, high: int, count: int) -> NDArray[np.int64]:
        """Whole numbers from low to high, both included."""
        return low + (self.uniform(count) * (high - low + 1)).astype(np.int64)

    def pick(
        self, values: Sequence[str], count: int, shares: Sequence[float] | None = None
    ) -> NDArray[np.object_]:
        """One of the values each, in the shares given or equally often."""
        return np.array(values, dtype=object)[self.position(len(values), count, shares)]

    def position(
        self, length: int, count: int, shares: Sequence[float] | None = None
    ) -> NDArray[np.int64]:
        """Positions 0 to length - 1, in the shares given or equally often."""
        if shares is None:
            return self.whole(0, length - 1, count)
        ends = np.cumsum(shares)[:-1]
        return np.searchsorted(ends, self.uniform(count), side="right")

    def along(self, quantiles: Mapping[float, float], count: int) -> NDArray[np.float64]:
        """Draws from the distribution with these quantiles, straight lines between them."""
        return curve(quantiles, self.uniform(count))

    def shuffled(self, count: int) -> NDArray[np.int64]:
        """The positions 0 to count - 1 in a drawn order."""
        return np.argsort(self.uniform(count), kind="stable")

    def waits(self, *shape: int) -> NDArray[np.float64]:
        """Exponential waiting times with mean 1."""
        return -np.log1p(-self.uniform(*shape))


def curve(points: Mapping[float, float], at: ArrayLike) -> NDArray[np.float64]:
    """The value at each place of a curve given by points joined with straight lines."""
    return np.interp(np.asarray(at, dtype=float), list(points), list(points.values()))


def _working_days() -> NDArray[np.int64]:
    """Day numbers of Mondays to Fridays without Christmas and New Year, well past the export."""
    days = np.arange(DAYS + 2000)
    dates = FIRST_DAY + days
    holidays = [f"{y}-{d}" for y in range(2023, 2034) for d in ("12-25", "12-26", "01-01")]
    return days[np.is_busday(dates, holidays=np.array(holidays, dtype="datetime64[D]"))]


WORKING = _working_days()


def to_working(day: ArrayLike) -> NDArray[np.int64]:
    """The position among working days of each day, or of the next working day."""
    return np.searchsorted(WORKING, day)


def from_working(moment: ArrayLike) -> NDArray[np.int64]:
    """The day number on which a moment in working time falls."""
    return WORKING[np.floor(moment).astype(np.int64)]


def next_working(day: ArrayLike) -> NDArray[np.int64]:
    """The day itself, or the next working day."""
    return WORKING[to_working(day)]


def day_number(date: np.datetime64) -> int:
    """Days from the first day of the charity's records."""
    return int((date - FIRST_DAY).astype(int))


def dates(day: ArrayLike, minute: ArrayLike = 0) -> pd.Series:
    """Day numbers (and minutes of the day) as dates; a missing number is a missing date."""
    days = pd.Series(np.asarray(day, dtype=float))
    seconds = days * 86_400 + np.asarray(minute, dtype=float) * 60
    stamps = FIRST_DAY.astype("datetime64[s]") + seconds.fillna(0).to_numpy().astype(np.int64)
    return pd.Series(stamps).where(days.notna())
