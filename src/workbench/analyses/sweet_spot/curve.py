"""The curve of success against exposure: where it is highest, whether it falls on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analyses.sweet_spot.regression import Fit, fit
from workbench.statistics import Floats

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)  # quantiles of log(1 + exposure)
MORE_KNOTS = (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975)
INNER = (0.05, 0.95)  # quantiles of exposure between which curves are looked at
STEPS = 200  # places at which the curve is looked at, between the outer knots
FALLS = 1.96  # standard errors by which the peak exceeds an end that the curve has fallen to
AS_GOOD = -1.645  # standard errors below the peak that still count as good as best


@dataclass(frozen=True)
class Curve:
    """A fitted curve over the middle 90 % of exposures, with everybody's case mix at its average.

    `at`: exposures; `fitted`, `error` there; `peak`: the place in `at` of the highest. `behind` and
    `behind_error`: how far each place lies under the peak. Both falls are in standard errors.
    """

    at: Floats
    fitted: Floats
    error: Floats
    peak: int
    behind: Floats
    behind_error: Floats
    columns: Floats
    result: Fit

    @property
    def interior(self) -> bool:
        """Whether the peak is at neither end."""
        return 0 < self.peak < len(self.at) - 1

    @property
    def falls(self) -> tuple[float, float]:
        """By how many standard errors the peak exceeds the low end and the high end."""
        ends = [0, -1]
        return tuple(_ratio(self.behind[ends], self.behind_error[ends]).tolist())

    @property
    def drops(self) -> bool:
        """Whether the curve falls to both sides of an interior peak."""
        return self.interior and min(self.falls) > FALLS

    @property
    def as_good_as_best(self) -> tuple[int, int]:
        """The first and last place that may be as good as the peak."""
        good = _ratio(-self.behind, self.behind_error) > AS_GOOD
        good[self.peak] = True
        places = np.flatnonzero(good)
        return int(places[0]), int(places[-1])


def curve(x: Floats, y: Floats, others: Floats, knots: Sequence[float] = KNOTS) -> Curve:
    """A restricted cubic spline of y on log(1 + x), least squares, errors HC3.

    `others`: further columns (case mix), centred. `knots`: at which quantiles. It is looked at
    between the 5th and the 95th percentile of exposure.
    Source: Harrell (2015), Regression modeling strategies, table 2.3 (5 and 7 knots at these
    quantiles); MacKinnon and White (1985).
    """
    places = knots_of(x, knots)
    low, high = np.quantile(x, INNER)
    at = np.linspace(low, high, STEPS + 1)
    columns = spline(np.log1p(at), places)
    design = np.column_stack([np.ones(len(x)), spline(np.log1p(x), places), others])
    result = fit(design, y)
    rows = np.zeros((len(at), design.shape[1]))
    rows[:, 0], rows[:, 1 : 1 + columns.shape[1]] = 1, columns
    fitted, error = result.contrast(rows)
    peak = int(np.argmax(fitted)) if np.isfinite(fitted).all() else 0
    behind, behind_error = result.contrast(rows[peak] - rows)
    return Curve(at, fitted, error, peak, behind, behind_error, columns, result)


def knots_of(x: Floats, quantiles: Sequence[float] = KNOTS) -> Floats:
    """The knots of these exposures, on the scale of log(1 + x); fewer where some fall together."""
    return np.unique(np.quantile(np.log1p(x), quantiles))


def spline(values: Floats, knots: Floats) -> Floats:
    """The values, and for each knot but the last two a cubic that is straight beyond the ends."""
    columns = [values]
    if len(knots) > 2:
        last, before = knots[-1], knots[-2]
        scale = (last - knots[0]) ** 2
        for knot in knots[:-2]:
            cubic = _cube(values - knot)
            cubic -= _cube(values - before) * (last - knot) / (last - before)
            cubic += _cube(values - last) * (before - knot) / (last - before)
            columns.append(cubic / scale)
    return np.column_stack(columns)


def _cube(values: Floats) -> Floats:
    return np.maximum(values, 0) ** 3


def _ratio(values: Floats, errors: Floats) -> Floats:
    return np.divide(values, errors, out=np.zeros(len(values)), where=errors > 0)
