"""The U-test for readers who expect it: shown beside the verdict, which does not rest on it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from workbench.statistics import Floats

ENDS = (0.05, 0.95)


@dataclass(frozen=True)
class UTest:
    """Slopes of a quadratic at both ends, the test that they differ in sign, and its vertex.

    `fieller`: the 95 % interval of the vertex. `kind` says what it is: "interval"; "two half-lines"
    (everything below the first and above the second number); or "whole line". `z_squared`: of the
    squared term, which shortcuts look at.
    """

    slope_low: float
    slope_high: float
    t: float
    p: float
    vertex: float
    fieller: tuple[float, float]
    kind: str
    z_squared: float


NAN = float("nan")
NO_TEST = UTest(NAN, NAN, NAN, NAN, NAN, (float("-inf"), float("inf")), "whole line", NAN)


def u_test(x: Floats, y: Floats, others: Floats, ends: tuple[float, float] | None = None) -> UTest:
    """Whether a quadratic rises at one end of the data and falls at the other.

    `ends`: exposures; by default the 5th and 95th percentile. `others`: further columns, centred.
    t is that of the end with the less clear slope, p one-sided; NaN where both have one sign.
    Source: Lind and Mehlum (2010), With or without U?, eq. 5 and 7; Fieller (1954).
    """
    design = np.column_stack([np.ones(len(x)), x, x**2, others])
    free = len(x) - design.shape[1]
    if free < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        return NO_TEST
    beta, *_ = np.linalg.lstsq(design, y, rcond=None)
    rest = y - design @ beta
    covariance: Floats = np.linalg.inv(design.T @ design) * float(rest @ rest) / free
    low, high = ends or (float(each) for each in np.quantile(x, ENDS))
    slopes = np.array([beta[1] + 2 * end * beta[2] for end in (low, high)])
    errors = np.sqrt([_variance(covariance, end) for end in (low, high)])
    if beta[2] == 0 or not (errors > 0).all():
        return NO_TEST
    t, p = float("nan"), float("nan")
    if slopes[0] * slopes[1] < 0:
        t = float(np.min(np.abs(slopes) / errors))
        p = float(stats.t.sf(t, free))
    interval, kind = _fieller(beta, covariance, float(stats.t.isf(0.025, free)))
    return UTest(
        slope_low=float(slopes[0]),
        slope_high=float(slopes[1]),
        t=t,
        p=p,
        vertex=float(-beta[1] / (2 * beta[2])),
        fieller=interval,
        kind=kind,
        z_squared=float(beta[2] / np.sqrt(covariance[2, 2])),
    )


def quadratic(x: Floats, y: Floats, others: Floats, at: Floats) -> Floats:
    """What a quadratic would draw at some exposures, with everybody's case mix at its average."""
    beta = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x, x**2, others]), y, rcond=None)[0]
    return np.asarray(beta[0] + beta[1] * at + beta[2] * at**2, dtype=np.float64)


def _variance(covariance: Any, end: float) -> float:
    slope = np.array([1, 2 * end])
    return float(slope @ covariance[1:3, 1:3] @ slope)


def _fieller(beta: Any, covariance: Any, t: float) -> tuple[tuple[float, float], str]:
    """Every vertex v at which the slope b1 + 2 v b2 is not clearly different from 0."""
    square = 4 * (beta[2] ** 2 - t**2 * covariance[2, 2])
    linear = 4 * (beta[1] * beta[2] - t**2 * covariance[1, 2])
    constant = beta[1] ** 2 - t**2 * covariance[1, 1]
    inside = linear**2 - 4 * square * constant
    if inside <= 0 or square == 0:
        return (float("-inf"), float("inf")), "whole line"
    roots = sorted((-linear + side * np.sqrt(inside)) / (2 * square) for side in (-1, 1))
    kind = "interval" if square > 0 else "two half-lines"
    return (float(roots[0]), float(roots[1])), kind
