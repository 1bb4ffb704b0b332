"""Small shared pieces of statistics: intervals, exact limits, several questions at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from workbench.errors import DataError

Floats = NDArray[np.float64]

#: The share of a normal distribution beyond three, and beyond two, standard deviations on one side.
BEYOND_THREE_SIGMA = float(stats.norm.sf(3))
BEYOND_TWO_SIGMA = float(stats.norm.sf(2))


def wilson_interval(
    successes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """How uncertain a proportion is: the range that its true value probably lies in.

    Returns the lower and upper end, each 0 to 1, in the shape of `successes`; NaN where n is 0.
    Raises DataError where successes are fewer than 0 or more than n, or the level is not a share.
    Source: Wilson (1927), the score interval; recommended for small n by Brown, Cai and
    DasGupta (2001).
    """
    count, size = np.asarray(successes, float), np.asarray(n, float)
    problems = []
    impossible = int(np.sum((count < 0) | (count > size)))
    if impossible:
        problems.append(
            f"successes: {impossible} below 0 or above n. Count the successes among the n people."
        )
    if not 0 < level < 1:
        problems.append(f"level: {level} is not between 0 and 1. Give 0.95 for a 95 % interval.")
    if problems:
        raise DataError(*problems)

    z2 = stats.norm.isf((1 - level) / 2) ** 2
    n_known = np.where(size > 0, size, np.nan)
    share = count / n_known
    middle = (share + z2 / (2 * n_known)) / (1 + z2 / n_known)
    spread = share * (1 - share) / n_known + z2 / (4 * n_known**2)
    half = np.sqrt(z2 * spread) / (1 + z2 / n_known)
    lower = np.where(count == 0, np.where(size > 0, 0.0, np.nan), middle - half)
    upper = np.where((count == size) & (size > 0), 1.0, middle + half)
    return lower, upper


def binomial_limits(
    n: ArrayLike, share: ArrayLike, tail: float = BEYOND_THREE_SIGMA
) -> tuple[Floats, Floats]:
    """The counts, of n people each with the same chance, that are still unsurprising.

    Returns the lowest and highest such count; either side beyond them has at most `tail`
    probability (default: that of three standard deviations, 0.00135).
    Source: the probability limits of a p chart (Montgomery, Introduction to Statistical Quality
    Control, section 7.2), from the exact binomial distribution.
    """
    size, chance = np.asarray(n, float), np.asarray(share, float)
    return stats.binom.ppf(tail, size, chance), stats.binom.isf(tail, size, chance)


def difference_interval(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], level: float = 0.95
) -> tuple[Floats, Floats]:
    """How uncertain the difference of two proportions is, first less second.

    Each is (successes, n), numbers or arrays of one shape. Returns the lower and upper end, from −1
    to 1; NaN where an n is 0. Raises DataError as `wilson_interval` does.
    Source: Newcombe (1998), method 10: Wilson's intervals of both, put together by `mover`.
    """
    shares = [
        np.asarray(x, float) / np.where(np.asarray(n) > 0, n, np.nan) for x, n in (first, second)
    ]
    limits = [wilson_interval(x, n, level) for x, n in (first, second)]
    return mover(shares[0], limits[0], shares[1], limits[1])


def mover(
    first: ArrayLike,
    first_limits: tuple[ArrayLike, ArrayLike],
    second: ArrayLike,
    second_limits: tuple[ArrayLike, ArrayLike],
) -> tuple[Floats, Floats]:
    """The interval of a difference of two independent estimates, from the interval of each.

    Source: Zou and Donner (2008), the method of variance estimates recovery, eq. 3 and 4.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    (a_low, a_high), (b_low, b_high) = np.asarray(first_limits), np.asarray(second_limits)
    lower = a - b - np.sqrt((a - a_low) ** 2 + (b_high - b) ** 2)
    upper = a - b + np.sqrt((a_high - a) ** 2 + (b - b_low) ** 2)
    return lower, upper


def e_value(ratio: float) -> float:
    """How strong something unrecorded would have to be to explain a risk ratio away.

    As a risk ratio with both the group and the outcome; 1 explains nothing away. NaN for NaN.
    Source: VanderWeele and Ding (2017), eq. 1.
    """
    if np.isnan(ratio) or ratio <= 0:
        return float("inf") if ratio == 0 else float("nan")
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def holm(p: ArrayLike) -> Floats:
    """P values made larger for the number of questions asked; missing ones stay missing.

    Source: Holm (1979).
    """
    values = np.atleast_1d(np.asarray(p, float))
    adjusted, known = values.copy(), ~np.isnan(values)
    if known.any():
        adjusted[known] = multipletests(values[known], method="holm")[1]
    return adjusted
