"""The registered question: did the middle band do better than the low one and the high one?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from workbench.analyses.sweet_spot.regression import fit
from workbench.statistics import Floats

Flags = NDArray[np.bool_]
FEWEST = 20  # people a band
Band = tuple[float, float]


@dataclass(frozen=True)
class Bands:
    """Low, middle and high band: people and mean outcome in each, and the two questions.

    `p_low`, `p_high`: one-sided, that the middle is no better than the low or the high band; NaN
    where a band has fewer than 20 people.
    """

    bands: tuple[Band, Band, Band]
    n: tuple[int, int, int]
    means: tuple[float, float, float]
    p_low: float
    p_high: float

    @property
    def enough(self) -> bool:
        """Whether every band has people enough."""
        return min(self.n) >= FEWEST


def compare_bands(
    x: Floats, y: Floats, others: Floats, bands: Sequence[Band], binary: bool
) -> Bands:
    """Whether the middle of three bands, fixed beforehand, did better than both others.

    `bands`: from, to, both inside; the last may end at infinity. With further columns (`others`,
    centred) the bands are compared at the average case mix.
    Source: Agresti and Caffo (2000), two successes and failures added to each comparison; with
    case mix, least squares with HC3 errors (MacKinnon and White 1985).
    """
    inside = np.column_stack([(x >= low) & (x <= high) for low, high in bands])
    inside[:, 1] &= ~inside[:, 0]
    inside[:, 2] &= ~inside[:, 1]
    n = inside.sum(axis=0)
    means = np.array([y[each].mean() if each.any() else np.nan for each in inside.T])
    p = (float("nan"), float("nan"))
    if n.min() >= FEWEST:
        p = _adjusted(y, others, inside) if others.shape[1] or not binary else _plain(n, means)
    shown = (tuple(map(int, n)), tuple(map(float, means)))
    return Bands(tuple(bands), *shown, *p)  # type: ignore[arg-type]


def _plain(n: Floats, means: Floats) -> tuple[float, float]:
    size, share = n + 2, (n * means + 1) / (n + 2)
    spread = share * (1 - share) / size
    z = [(share[1] - share[k]) / np.sqrt(spread[1] + spread[k]) for k in (0, 2)]
    return float(stats.norm.sf(z[0])), float(stats.norm.sf(z[1]))


def _adjusted(y: Floats, others: Floats, inside: Flags) -> tuple[float, float]:
    chosen = inside.any(axis=1)
    result = fit(np.column_stack([inside[chosen].astype(float), others[chosen]]), y[chosen])
    weights = np.zeros((2, len(result.beta)))
    weights[:, 1], weights[0, 0], weights[1, 2] = 1, -1, -1
    better, error = result.contrast(weights)
    p = np.where(error > 0, stats.norm.sf(better / np.where(error > 0, error, 1)), np.nan)
    return float(p[0]), float(p[1])
