"""Shares of several groups, drawn towards the whole as far as chance may have moved them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit

from workbench.statistics import Floats, wilson_interval

SPREADS = np.linspace(0.0, 4.0, 401)  # how far groups may truly differ, in log-odds
USUAL_SPREAD = 1.0  # log-odds: scale of what is thought likely before looking
Z = float(stats.norm.isf(0.025))


@dataclass(frozen=True, eq=False)
class Shrunken:
    """The share of each group as it is best judged from all of them, with its 95 % interval.

    `spread`: how far groups truly differ (a standard deviation in log-odds, as best judged).
    """

    share: Floats
    lower: Floats
    upper: Floats
    spread: float


def shrunken(count: ArrayLike, size: ArrayLike) -> Shrunken:
    """Draw each group's share towards the whole: small groups far, large groups hardly.

    `count` of `size` people in each group; NaN where they are missing. One group alone keeps its
    share (Wilson 1927). Log-odds are taken as normal around a common mean; every spread of the
    groups that the counts allow has a part in the answer, so that the interval holds how little is
    known of it. Sources: Rubin (1981), the model and the average over spreads; Gelman (2006) and
    Röver et al. (2021), a half-normal prior on the spread; Haldane (1956), a half added to counts.
    """
    x, n = np.atleast_1d(np.asarray(count, float)), np.atleast_1d(np.asarray(size, float))
    known = ~np.isnan(x) & ~np.isnan(n) & (n > 0)
    share, lower, upper = (np.full(len(x), np.nan) for _ in range(3))
    if known.sum() < 2:
        share[known] = x[known] / n[known]
        lower[known], upper[known] = wilson_interval(x[known], n[known])
        return Shrunken(share, lower, upper, float("nan"))
    yes, no = x[known] + 0.5, n[known] - x[known] + 0.5
    odds, variance = np.log(yes / no), 1 / yes + 1 / no
    middle, error, spread = _averaged(odds, variance)
    share[known] = expit(middle)
    lower[known], upper[known] = expit(middle - Z * error), expit(middle + Z * error)
    return Shrunken(share, lower, upper, spread)


def _averaged(odds: Floats, variance: Floats) -> tuple[Floats, Floats, float]:
    """Mean and standard error of each group over all spreads, and the mean spread."""
    tau2 = SPREADS[:, None] ** 2
    total = variance + tau2  # spreads, groups
    weight = 1 / total
    mean = (weight * odds).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    of_mean = 1 / weight.sum(axis=1, keepdims=True)
    log = -0.5 * (np.log(total) + (odds - mean) ** 2 / total).sum(axis=1)
    log += 0.5 * np.log(of_mean[:, 0]) - 0.5 * (SPREADS / USUAL_SPREAD) ** 2
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    pull = variance / total
    middle = pull * mean + (1 - pull) * odds
    square = (1 - pull) * variance + pull**2 * of_mean
    average = chance @ middle
    error = np.sqrt(chance @ (square + middle**2) - average**2)
    return average, error, float(chance @ SPREADS)
