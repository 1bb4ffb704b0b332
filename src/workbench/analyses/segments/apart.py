"""Each of several groups against all the others: is its share apart by more than chance?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from workbench.statistics import Floats, difference_interval, holm

STANDS = 0.05
FEWEST = 10  # people in a group, and in all the others
WIDEST = 0.2  # half of an interval: wider, nothing can be told


@dataclass(frozen=True, eq=False)
class Apart:
    """Each group less all the others: `difference` of shares, its interval, and `p`.

    `p`: how often chance alone would do this, corrected for the number of groups (Holm 1979). NaN
    where a group has nobody, or its numbers are missing.
    """

    difference: Floats
    lower: Floats
    upper: Floats
    p: Floats

    @property
    def wide(self) -> "np.ndarray":
        """Whose difference may be anything within more than 20 points to either side."""
        return ~((self.upper - self.lower) / 2 <= WIDEST)


def each_apart(count: ArrayLike, size: ArrayLike) -> Apart:
    """Set each group against all the others that have numbers.

    `count` of `size` people in each group. Two groups are one comparison, seen from both sides.
    Sources: Fisher (1935), the exact test, two-sided; Newcombe (1998), method 10, the interval.
    """
    x, n = np.atleast_1d(np.asarray(count, float)), np.atleast_1d(np.asarray(size, float))
    known = ~np.isnan(x) & ~np.isnan(n) & (n > 0)
    x, n = np.where(known, x, np.nan), np.where(known, n, np.nan)
    other_x, other_n = np.nansum(x) - x, np.nansum(n) - n
    asked = known & (other_n > 0)
    other_n = np.where(asked, other_n, np.nan)
    nothing = np.full(len(x), np.nan)
    difference, lower, upper, p = nothing.copy(), nothing.copy(), nothing.copy(), nothing.copy()
    if asked.any():
        mine, others = (x[asked], n[asked]), (other_x[asked], other_n[asked])
        difference[asked] = mine[0] / mine[1] - others[0] / others[1]
        lower[asked], upper[asked] = difference_interval(mine, others)
        tables = np.stack([mine[0], mine[1] - mine[0], others[0], others[1] - others[0]], axis=1)
        chances = np.array([stats.fisher_exact(each.reshape(2, 2)).pvalue for each in tables])
        p[asked] = chances if asked.sum() == 2 else holm(chances)
    return Apart(difference, lower, upper, p)


def against_plan(count: ArrayLike, size: ArrayLike, planned: ArrayLike) -> Floats:
    """How often chance alone would bring shares as far from those planned, corrected (Holm 1979).

    Source: the exact binomial test, two-sided (Clopper and Pearson 1934). NaN where missing.
    """
    given = (np.asarray(each, float) for each in (count, size, planned))
    each = zip(*np.broadcast_arrays(*given), strict=True)
    chances = [
        stats.binomtest(int(x), int(n), share).pvalue
        if n > 0 and not np.isnan(x) and not np.isnan(share)
        else np.nan
        for x, n, share in each
    ]
    return holm(chances) if chances else np.zeros(0)
