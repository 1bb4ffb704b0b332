"""Before and after: by how much a series moved at a known change, with its interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from workbench.errors import DataError

Numbers = NDArray[np.floating[Any]]

LEFT_OUT = 2  # intervals before a change: what prompted it is among them
MOST_CARRIED_OVER = 0.8  # correlation of one interval with the next
ALLOWANCE = 0.1  # added to the correlation found: few intervals show too little of it
FEWEST_BEFORE, FEWEST_AFTER = 12, 6
FEWEST_FREEDOM = 3
SMALLEST = 1e-9  # of the values: a smaller error is the noise of computing


@dataclass(frozen=True)
class Effect:
    """How far a series lies from where its own course would have led.

    `difference` (in the units of the series) with `lower` and `upper`, 95 %; `before`, `after`:
    the intervals it rests on; `carried_over`: the correlation of neighbours that was allowed for.
    """

    difference: float
    lower: float
    upper: float
    before: int
    after: int
    carried_over: float


def effect(
    values: "pd.Series[float]", first_after: int, left_out: int = LEFT_OUT, season: bool = False
) -> Effect:
    """By how much a series moved for good at a change, beyond its trend.

    `values`: one an interval, in time order, missing where nothing is known; `first_after`: the
    place of the first interval after the change; `left_out`: so many intervals before it take no
    part, because a change tends to follow a bad month, and the next would be better anyway.
    `season`: allow for a yearly wave of monthly values.

    Interrupted time series with one trend and one step (Lopez Bernal, Cummins and Gasparrini 2017,
    Interrupted time series regression, model with a level change), fitted by generalised least
    squares with errors of which each carries over to the next; that correlation is corrected for
    what fitting takes from it, and raised by 0.1. Raises DataError for fewer than 12 intervals
    before or 6 after.
    """
    known = np.array(values.notna())
    known[max(0, first_after - left_out) : first_after] = False
    time = np.flatnonzero(known).astype(float)
    after = time >= first_after
    if (~after).sum() < FEWEST_BEFORE or after.sum() < FEWEST_AFTER:
        raise DataError(
            f"before and after: {int((~after).sum())} intervals before and {int(after.sum())} "
            f"after are too few; {FEWEST_BEFORE} and {FEWEST_AFTER} are needed."
        )
    y = values.to_numpy(dtype=float, na_value=np.nan)[known]
    columns = [np.ones(len(y)), time, after.astype(float)]
    if season:
        columns += [np.sin(2 * np.pi * time / 12), np.cos(2 * np.pi * time / 12)]
    design = np.column_stack(columns)
    carried = _carried_over(y, design, time)
    step, error = _fitted(y, design, time, carried)
    freedom = (len(y) - design.shape[1]) * (1 - carried) / (1 + carried)
    half = float(stats.t.ppf(0.975, max(freedom, FEWEST_FREEDOM))) * error
    return Effect(step, step - half, step + half, int((~after).sum()), int(after.sum()), carried)


def _carried_over(y: Numbers, design: Numbers, time: Numbers) -> float:
    """How far each interval's error goes over to the next, corrected for the fitting."""
    n = len(y)
    kept = np.eye(n) - design @ np.linalg.pinv(design)
    error = kept @ y
    if not np.square(error).sum() > 1e-12 * max(1.0, float(np.square(y).sum())):
        return ALLOWANCE
    pairs = np.flatnonzero(np.diff(time) == 1)
    scale = n / len(pairs)
    found = scale * (error[pairs] @ error[pairs + 1]) / (error @ error)
    neighbours = np.zeros((n, n))
    neighbours[pairs, pairs + 1] = 1
    by_fitting = scale * np.trace(kept @ neighbours @ kept) / np.trace(kept)
    return float(np.clip(found - by_fitting + ALLOWANCE, 0, MOST_CARRIED_OVER))


def _fitted(y: Numbers, design: Numbers, time: Numbers, carried: float) -> tuple[float, float]:
    """The step and its standard error, by generalised least squares."""
    inverse = np.linalg.inv(carried ** np.abs(time[:, None] - time[None, :]))
    spread = np.linalg.inv(design.T @ inverse @ design)
    fitted = spread @ design.T @ inverse @ y
    rest = y - design @ fitted
    variance = rest @ inverse @ rest / (len(y) - design.shape[1])
    error = np.sqrt(max(variance, 0) * spread[2, 2])
    return float(fitted[2]), float(max(error, SMALLEST * np.abs(y).max()))
