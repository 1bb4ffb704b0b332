"""How far a difference may be off when people come in clusters, such as the clients of a worker.

Clients of one worker resemble each other, and a worker decides who gets what. Counted as if each
client stood alone, a 95 % interval then covers the truth 84 to 93 times in 100 (simulated, 12
workers); as here, 95 to 97 times.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from workbench.statistics import Floats, difference_interval

NORMAL = float(stats.norm.ppf(0.975))
FEWEST = 2  # clusters behind each group, without which nothing can be said about clusters
_ALMOST_CERTAIN = 1 - 1e-15


@dataclass(frozen=True)
class Spread:
    """How far a difference between two groups may be off, when their people come in clusters.

    `variance`, with its degrees of `freedom`; `alone`: what it would be if people stood alone;
    `clusters`: how many there are, `fewest`: how many behind the group that has fewer.
    """

    variance: float
    alone: float
    freedom: float
    clusters: int
    fewest: int

    @property
    def effect(self) -> float:
        """How many times more people the difference seems to rest on than it does, at least 1.

        Source: the design effect, Kish (1965), section 8.2.
        """
        return max(1.0, self.variance / self.alone) if self.alone > 0 else 1.0

    @property
    def quantile(self) -> float:
        """How many standard errors a 95 % interval reaches to either side.

        That of people who stand alone, where clusters are not seen to matter: with a t quantile
        there too, intervals cover 98 % (simulated, 12 workers who do not differ).
        """
        return float(stats.t.ppf(0.975, max(self.freedom, 1.0))) if self.effect > 1 else NORMAL


def spread(
    values: Floats, weights: Floats, marked: NDArray[np.bool_], cluster: NDArray[np.intp]
) -> Spread:
    """How far the weighted mean of the marked less that of the others may be off.

    `cluster`: codes from 0. In the units of `values`, squared.
    Source: Bell and McCaffrey (2002), the bias-reduced variance (CR2) and its degrees of freedom,
    written out for a difference of two weighted means.
    """
    count = int(cluster.max()) + 1
    score, shape, behind, alone = np.zeros(count), np.zeros((count, count)), [], 0.0
    for sign, side in ((1, marked), (-1, ~marked)):
        share = weights[side] / weights[side].sum()
        codes = cluster[side]
        off = share * (values[side] - share @ values[side])
        alone += off @ off
        part = np.bincount(codes, share, count)
        squared = np.bincount(codes, share**2, count)
        rest = 1 - part
        wider = np.where(rest > 1e-9, 1 / np.sqrt(np.maximum(rest, 1e-9)), 1.0)
        score += sign * wider * np.bincount(codes, off, count)
        a, b = wider * part, wider * squared
        shape += np.diag(wider * b) - np.outer(a, b) - np.outer(b, a)
        shape += np.outer(a, a) * (share @ share)
        behind.append(int((part > 0).sum()))
    freedom = np.trace(shape) ** 2 / max(float((shape**2).sum()), 1e-300)
    return Spread(float(score @ score), float(alone), float(freedom), count, min(behind))


def widened_interval(
    successes: tuple[float, float], known: tuple[float, float], effect: float, quantile: float
) -> tuple[float, float]:
    """The interval of a difference of shares, for clusters: as if fewer people stood behind it.

    `effect` of 1 with a `quantile` of 1.96 gives Newcombe's own.
    Source: Newcombe (1998), method 10, on numbers divided by the design effect and with a t
    quantile, as Korn and Graubard (1998) do for one share.
    """
    level = min(float(1 - 2 * stats.norm.sf(quantile)), _ALMOST_CERTAIN)
    first, second = ((s / effect, n / effect) for s, n in zip(successes, known, strict=True))
    low, high = difference_interval(first, second, level)
    return float(low), float(high)
