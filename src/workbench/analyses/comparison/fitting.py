"""Logistic regressions, one and a thousand at once: what adjusting for case mix is made of."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import DataError
from workbench.statistics import Floats

MOST_STEPS, MOST_STEPS_A_DRAW = 40, 6
NEAR_ENOUGH = 2e-3  # the last step of a draw, in log odds: what is left after it is far less
LARGEST_STEP = 4.0
MOST_CELLS = 400_000_000  # people times columns squared: about 2 GB
RIDGE = 1e-8  # of the number of people: keeps a separated draw finite, moves nothing else


@dataclass(frozen=True, eq=False)
class Design:
    """The rows that logistic regressions are fitted to: columns, a constant first, and outcome.

    Rows are fitted many times over, each time counted differently (a draw of people), and many of
    those at once; `across`, `pairs` and `centred` are what that needs again and again.
    """

    x: Floats
    y: Floats
    across: Floats
    pairs: Floats
    centred: Floats


def design(x: Floats, y: ArrayLike) -> Design:
    """The rows of a logistic regression of `y` (1 or 0) on the columns of `x`.

    Raises DataError for more than can be worked with.
    """
    outcome = np.asarray(y, float)
    if x.shape[0] * x.shape[1] ** 2 > MOST_CELLS:
        raise DataError(
            f"case mix: {x.shape[0]:,} different people in {x.shape[1]} columns are too many to "
            "adjust for. Put values together, or leave some out."
        )
    first, second = np.triu_indices(x.shape[1])
    pairs = np.ascontiguousarray(x[:, first] * x[:, second])
    return Design(x, outcome, np.ascontiguousarray(x.T), pairs, (outcome - 0.5)[:, None] * x)


def fit(rows: Design, counts: Floats) -> Floats:
    """One row of coefficients, with each row counted as often as `counts` says.

    Where a column tells the outcome without fail, its coefficient is large and finite.
    Source: Newton's method (iteratively reweighted least squares), McCullagh and Nelder (1989),
    section 4.4.
    """
    start = np.zeros((1, rows.x.shape[1]))
    return _newton(rows, counts[None, :], start, MOST_STEPS, 1e-9)


def fit_draws(rows: Design, counts: Floats, start: Floats) -> Floats:
    """One row of coefficients for each row of `counts`, in few steps from those of everyone.

    The first two steps share the second derivatives at the start, which are the same sum for every
    draw; in most draws that is near enough, and in the others Newton's method goes on.
    """
    at_start = np.tanh(start @ rows.across / 2)
    bent = ((1 - at_start**2) / 4).T * rows.pairs
    curvature = _square(rows, counts @ bent) + _ridge(rows, counts)
    slope = counts @ ((rows.y - 0.5 - at_start / 2).T * rows.x)
    coefficients = start + _step(curvature, slope)
    t = coefficients @ (rows.across / 2)
    np.tanh(t, out=t)
    t *= counts
    slope = counts @ rows.centred - t @ rows.x / 2
    step = _step(curvature, slope)
    coefficients += step
    far = _moved(step, slope, counts) > NEAR_ENOUGH
    if far.any():
        on = _newton(rows, counts[far], coefficients[far], MOST_STEPS_A_DRAW, NEAR_ENOUGH)
        coefficients[far] = on
    return coefficients


def _newton(
    rows: Design, counts: Floats, start: Floats, most_steps: int, near_enough: float
) -> Floats:
    """Newton's method for several draws, each from its own start.

    With p = 1/2 + t/2, t = tanh(log odds / 2), p(1 − p) is (1 − t²)/4.
    """
    coefficients, ridge = start.copy(), _ridge(rows, counts)
    towards = counts @ rows.centred
    for _ in range(most_steps):
        t = np.tanh(coefficients @ rows.across / 2)
        counted = counts * t
        slope = towards - counted @ rows.x / 2
        curvature = _square(rows, (counts - counted * t) @ rows.pairs / 4) + ridge
        step = _step(curvature, slope)
        coefficients += step
        if (_moved(step, slope, counts) < near_enough).all():
            break
    return coefficients


def _square(rows: Design, above: Floats) -> Floats:
    """Symmetric matrices from their entries on and above the diagonal."""
    size = rows.x.shape[1]
    first, second = _above(size)
    whole = np.empty((len(above), size, size))
    whole[:, first, second] = whole[:, second, first] = above
    return whole


@lru_cache
def _above(size: int) -> tuple[NDArray[np.intp], ...]:
    return np.triu_indices(size)


def _ridge(rows: Design, counts: Floats) -> Floats:
    return RIDGE * counts.sum(1)[:, None, None] * np.eye(rows.x.shape[1])


def _step(curvature: Floats, slope: Floats) -> Floats:
    step = np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    return np.clip(step, -LARGEST_STEP, LARGEST_STEP)


def _moved(step: Floats, slope: Floats, counts: Floats) -> Floats:
    """How far a step moved the log odds, over people: the root of the mean square."""
    return np.sqrt(np.maximum((step * slope).sum(1), 0) / counts.sum(1))


def chances(log_odds: Floats) -> Floats:
    """The chances that belong to log odds, without ever running over."""
    return np.tanh(log_odds / 2) / 2 + 0.5
