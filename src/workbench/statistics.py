"""Small shared pieces of statistics: intervals and exact limits for counts of people."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

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
