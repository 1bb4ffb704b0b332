"""Funnel: do teams, sites or organisations differ by more than chance, given their size?

For units that may be shown to each other, never for workers, and never as a ranking.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from workbench.errors import DataError
from workbench.statistics import Floats

Kind = Literal["ratio", "proportion"]
TAILS = {"95": 0.025, "998": 0.001}
LEAST_EXPECTED = 10.0  # events of a ratio under which nothing can be said
FEW = 5.0  # expected successes, or failures, of a proportion under which nothing can be said
WINSORISED = (0.1, 0.9)
CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Funnel:
    """Units against the limits that chance allows for their size.

    `table`: one row a unit (its index): value (observed over expected, or the share), lower_95,
    upper_95, lower_998, upper_998 (around `centre`), outlier ("95", "99.8", "cannot tell": too
    small; NA: within). `phi`: how much more units scatter than chance (1: as much); `tau2`: the
    variance between units on the transformed scale that the limits allow for; 0: plain limits.
    """

    table: pd.DataFrame
    kind: Kind
    centre: float
    phi: float
    tau2: float


def funnel(
    observed: "pd.Series[Any]",
    expected: "pd.Series[Any]",
    kind: Kind = "ratio",
    overdispersion: bool = True,
) -> Funnel:
    """Which units lie outside what chance, and ordinary differences between units, would do.

    `observed`: events, or people with the outcome, one a unit. `expected`: events to be expected by
    case mix, for a ratio (the centre is 1); people observed, for a proportion (the centre is the
    share of all). `overdispersion`: allow for units that differ anyway, where they do by more than
    chance; else plain limits: exact Poisson for ratios, normal for proportions.

    Under 10 expected events, or 5 successes or failures, a unit reads "cannot tell". Plain ratios
    are judged by the quantiles of a Poisson of what was expected: the limits drawn are intervals of
    the ratio, which flag small units too often. Where units differ anyway and none stands out (a
    normal spread), about 11 in 100 lie outside the 95 % limits and 1.5 outside the 99.8 %: the
    spread is measured without the outer tenths, so that one odd unit cannot hide itself.
    Raises DataError for input that is not counts, or not of the same units.
    Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance; handling
    over-dispersion: winsorised at a tenth, additive random effects (sections 3 and A.3).
    """
    count, base = _read(observed, expected, kind)
    centre = 1.0 if kind == "ratio" else float(count.sum() / base.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        value = count / np.where(base > 0, base, np.nan)
        enough = _enough(base, centre, kind)
        score, error = _transformed(value, base, centre, kind)
    phi, tau2 = _scatter(score[base > 0] / error[base > 0], error[base > 0])
    if not overdispersion:
        tau2 = 0.0
    table = pd.DataFrame({"value": value}, index=observed.index)
    for name, tail in TAILS.items():
        limits = _wide(base, centre, kind, tau2, tail) if tau2 else _plain(base, centre, kind, tail)
        table[f"lower_{name}"], table[f"upper_{name}"] = limits
    beyond = [
        _beyond(count, base, table, score, error, kind, tau2, name, tail)
        for name, tail in TAILS.items()
    ]
    said = np.select([~enough, beyond[1], beyond[0]], [CANNOT_TELL, "99.8", "95"], default="")
    outlier = pd.Series(said, table.index, dtype="str")
    return Funnel(table.assign(outlier=outlier.mask(outlier == "")), kind, centre, phi, tau2)


def _read(observed: Any, expected: Any, kind: str) -> tuple[Floats, Floats]:
    problems = []
    if kind not in ("ratio", "proportion"):
        problems.append(f"kind: {kind!r} is neither 'ratio' nor 'proportion'.")
    first, second = pd.Series(observed), pd.Series(expected)
    if not first.index.equals(second.index):
        problems.append(
            f"observed and expected: not the same units ({len(first)} and {len(second)}), or in "
            "another order. Give both for every unit."
        )
    if not len(first):
        problems.append("observed: empty, there is no unit to look at.")
    read = []
    for name, series in (("observed", first), ("expected", second)):
        numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        wrong = ~np.isfinite(numbers) | (numbers < 0)
        if wrong.any():
            problems.append(
                f"{name}: {int(wrong.sum())} of {len(numbers)} are no counts from 0, first at row "
                f"{int(wrong.argmax()) + 1}. Leave out units without a figure, and say so."
            )
        read.append(numbers)
    if not problems and kind == "proportion" and (more := int((read[0] > read[1]).sum())):
        problems.append(
            f"observed: {more} of {len(read[0])} above the people observed. A part of a whole is "
            "needed."
        )
    if not problems and not read[1].sum() > 0:
        problems.append("expected: 0 in all units, so nothing could be observed.")
    if problems:
        raise DataError(*problems)
    return read[0], read[1]


def _enough(base: Floats, centre: float, kind: str) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    if kind == "ratio":
        return base >= LEAST_EXPECTED
    return base * min(centre, 1 - centre) >= FEW


def _transformed(value: Floats, base: Floats, centre: float, kind: str) -> tuple[Floats, Floats]:
    """How far each unit is from the centre on a scale of steady variance, and its error there."""
    if kind == "ratio":
        return np.sqrt(value) - 1, 1 / (2 * np.sqrt(base))
    return np.arcsin(np.sqrt(value)) - np.arcsin(np.sqrt(centre)), 1 / (2 * np.sqrt(base))


def _scatter(z: Floats, error: Floats) -> tuple[float, float]:
    """Over-dispersion: phi, and the variance between units (Spiegelhalter 2005)."""
    n = len(z)
    if n < 2:
        return float("nan"), 0.0
    z = np.clip(z, *np.quantile(z, WINSORISED))
    phi = float((z**2).sum() / n)
    weight = 1 / error**2
    spare = weight.sum() - (weight**2).sum() / weight.sum()
    return phi, max(0.0, float((n * phi - (n - 1)) / spare))


def _plain(base: Floats, centre: float, kind: str, tail: float) -> tuple[Floats, Floats]:
    """Exact Poisson limits of a ratio; normal limits of a share, within 0 and 1."""
    size = np.where(base > 0, base, np.nan)
    if kind == "ratio":
        lower = stats.chi2.ppf(tail, 2 * size) / (2 * size)
        return lower, stats.chi2.isf(tail, 2 * (size + 1)) / (2 * size)
    half = stats.norm.isf(tail) * np.sqrt(centre * (1 - centre) / size)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def _wide(
    base: Floats, centre: float, kind: str, tau2: float, tail: float
) -> tuple[Floats, Floats]:
    """Limits that allow for units that differ anyway, brought back from the transformed scale."""
    size = np.where(base > 0, base, np.nan)
    half = stats.norm.isf(tail) * np.sqrt(1 / (4 * size) + tau2)
    if kind == "ratio":
        return np.maximum(1 - half, 0) ** 2, (1 + half) ** 2
    middle = np.arcsin(np.sqrt(centre))
    low, high = np.clip(middle - half, 0, None), np.clip(middle + half, None, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def _beyond(
    count: Floats,
    base: Floats,
    table: pd.DataFrame,
    score: Floats,
    error: Floats,
    kind: str,
    tau2: float,
    name: str,
    tail: float,
) -> Any:
    """Which units lie outside the limits of one level."""
    if tau2:
        return np.abs(score) > stats.norm.isf(tail) * np.sqrt(error**2 + tau2)
    if kind == "ratio":
        return (stats.poisson.cdf(count, base) < tail) | (stats.poisson.sf(count - 1, base) < tail)
    return (table["value"] < table[f"lower_{name}"]) | (table["value"] > table[f"upper_{name}"])
