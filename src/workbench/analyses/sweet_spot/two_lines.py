"""The two-lines test: does it really go up on one side and down on the other?"""

from dataclasses import dataclass

import numpy as np

from workbench.analyses.sweet_spot.regression import fit
from workbench.analyses.sweet_spot.smoothing import smooth
from workbench.statistics import Floats

INNER = (0.1, 0.9)  # the peak is looked for between these quantiles of exposure


@dataclass(frozen=True)
class TwoLines:
    """A straight line on each side of a break: slopes per unit of exposure, and their z values."""

    breakpoint: float
    slope_low: float
    slope_high: float
    z_low: float
    z_high: float
    error_low: float
    error_high: float


NO_LINES = TwoLines(*[float("nan")] * 7)


def two_lines(x: Floats, y: Floats, others: Floats) -> TwoLines:
    """Regression with a break set where both slopes can be seen best ("Robin Hood").

    `others`: further columns (case mix), centred, in every regression. The direction, a peak or a
    trough, is that of a quadratic. NaN throughout where one side cannot be estimated.
    Source: Simonsohn (2018), Two lines: a valid alternative to the invalid testing of U-shaped
    relationships with quadratic regressions.
    """
    low, high = np.quantile(x, INNER)
    middle = (x > low) & (x < high)
    if not middle.any():
        return NO_LINES
    bend = fit(np.column_stack([np.ones(len(x)), x, x**2, others]), y).beta[2]
    sign = -1.0 if bend > 0 else 1.0
    curve = smooth(x, y, others)
    fitted = sign * curve.fitted
    flat = np.sort(x[middle & (fitted + curve.error > fitted[middle].max())])
    first = _at(float(np.median(flat)), x, y, others)
    weight_low, weight_high = abs(first.z_low), abs(first.z_high)
    if not weight_low + weight_high > 0:
        return NO_LINES
    place = float(np.quantile(flat, weight_high / (weight_low + weight_high)))
    return _at(place, x, y, others)


def _at(place: float, x: Floats, y: Floats, others: Floats) -> TwoLines:
    """Both slopes, each from a regression in which the break itself belongs to its side."""
    found = []
    for column, low in ((1, x <= place), (2, x < place)):
        sides = [np.where(low, x - place, 0), np.where(low, 0, x - place), np.where(low, 0.0, 1.0)]
        result = fit(np.column_stack([np.ones(len(x)), *sides, others]), y)
        found.append((result.beta[column], result.errors[column]))
    (slope_low, error_low), (slope_high, error_high) = found
    z_low, z_high = (
        float(slope / error) if error > 0 else float("nan")
        for slope, error in ((slope_low, error_low), (slope_high, error_high))
    )
    return TwoLines(
        place, float(slope_low), float(slope_high), z_low, z_high, float(error_low),
        float(error_high),
    )  # fmt: skip
