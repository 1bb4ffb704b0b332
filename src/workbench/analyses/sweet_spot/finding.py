"""The verdict on how often to see people, and all that it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from workbench import words
from workbench.analyses.sweet_spot.bands import Band, Bands, compare_bands
from workbench.analyses.sweet_spot.curve import MORE_KNOTS, Curve, curve
from workbench.analyses.sweet_spot.inputs import FEWEST, Inputs, checked
from workbench.analyses.sweet_spot.quadratic import NO_TEST, UTest, quadratic, u_test
from workbench.analyses.sweet_spot.regression import fit
from workbench.analyses.sweet_spot.two_lines import NO_LINES, TwoLines, two_lines
from workbench.statistics import Floats, e_value

TWO_SIDED, ONE_SIDED = float(stats.norm.isf(0.025)), float(stats.norm.isf(0.05))
EITHER = 0.025  # a link is claimed when the trend, or the curve as a whole, is clearer than this
WEAK_RISE, WEAK_FALL = 0.10, 0.05  # of success per weekly contact: the peak that `power` is about
MOST_UNKNOWN = 0.10  # of outcomes; beyond it the verdict has to stand whatever they were


@dataclass(frozen=True)
class SweetSpot:
    """What the data tell about contact frequency; see `find`.

    `verdict`: "sweet spot", "more is better", "less is better", "levels off" or "cannot tell", with
    the `reason` for the last. `best_range`: exposures that may be as good as the best (low, high),
    high None where that reaches the top of the data; None where there is no curve. `curve`: one row
    an exposure: exposure, fitted, lower, upper (95 %), quadratic. `shares`: success at the fewest
    contacts, at the best, at the most. `p`: of the claim of a sweet spot. `power`:
    the chance that a weak peak (10 points up, 5 points down per weekly contact) would have been
    found. `e_value`: how strong something unrecorded would have to be; None where nothing is
    claimed. `n` people; `dropped` rows by reason; `procedure`: "exploratory" or "confirmatory".
    `adjusted_for`: the covariates; `workers`: whether caseworkers were compared within themselves.
    """

    verdict: str
    reason: str
    best_range: tuple[float, float | None] | None
    two_lines: TwoLines
    u_test: UTest
    curve: pd.DataFrame
    shares: tuple[float, float, float] | None
    bands: Bands | None
    p: float
    power: float | None
    e_value: float | None
    n: int
    dropped: Mapping[str, int]
    procedure: str
    adjusted_for: tuple[str, ...]
    workers: int
    sentence: str


def find(
    exposure: Any,
    outcome: Any,
    covariates: pd.DataFrame | None = None,
    bands: Sequence[Sequence[float | None]] | None = None,
    margin: float = 0.02,
    cluster: Any = None,
    client: Any = None,
    seed: int = 0,  # noqa: ARG001
    *,
    weeks: int | None = None,
) -> SweetSpot:
    """Whether some contact frequency goes with the best outcomes, or the data cannot tell.

    One value a person: `exposure` (contacts a week, 0 or more), `outcome` (1, 0, or missing: not
    known; other numbers are taken as they are), `covariates` (a frame: what people were like
    before), `cluster` (their caseworker: people are then compared within each caseworker), `client`
    (who they are: only the first row of each counts). `bands`: low, middle and high, fixed before
    outcomes were looked at: ((0, 1.25), (2, 3), (5, None)). `margin`: success per weekly contact
    that makes no difference. `weeks`: over how many weeks contacts were counted, for the sentence.
    Nothing in it is drawn at random, so `seed` changes nothing.

    "Sweet spot" without bands: the two-lines test finds a rise and a fall (each p < .05, two-sided)
    and a spline falls on both sides of its peak. With bands: the middle band beats both others
    (each one-sided .05, 20 people a band) and two-lines agrees (one-sided .05).
    Raises DataError where lengths differ, or exposures are negative or not numbers.
    Source: Simonsohn (2018); Lind and Mehlum (2010); error rates: docs/methods.md, `make simulate`.
    """
    given = checked(exposure, outcome, covariates, cluster, client, bands, margin)
    if given.reason:
        return _nothing(given, bands)
    x, y, others = given.x, given.y, given.others
    lines, shape = two_lines(x, y, others), curve(x, y, others)
    compared = compare_bands(x, y, others, given.bands, given.binary) if given.bands else None
    verdict, reason = _verdict(lines, shape, compared, given, margin)
    doubtful = verdict != "cannot tell" and given.unknown > MOST_UNKNOWN
    if doubtful and not _stands(verdict, shape, given, margin):
        verdict, reason = "cannot tell", "too much not known"
    best, shares = _best(verdict, shape, given), _shares(shape) if given.binary else None
    return SweetSpot(
        verdict=verdict,
        reason=reason,
        best_range=best,
        two_lines=lines,
        u_test=u_test(x, y, others),
        curve=_table(shape, given),
        shares=shares,
        bands=compared,
        p=_p(lines, shape, compared),
        power=_power(lines) if given.binary else None,
        e_value=_e_value(verdict, shape) if given.binary else None,
        n=len(x),
        dropped=given.dropped,
        procedure="confirmatory" if given.bands else "exploratory",
        adjusted_for=given.adjusted_for,
        workers=given.workers,
        sentence=words.sweet_spot.found(
            verdict,
            reason,
            best=best,
            shares=shares,
            rising_on=lines.z_high > TWO_SIDED,
            weeks=weeks,
            adjusted=bool(given.adjusted_for),
            n=len(x),
        ),
    )


def _verdict(
    lines: TwoLines, shape: Curve, bands: Bands | None, given: Inputs, margin: float
) -> tuple[str, str]:
    """The verdict, and the reason where it is "cannot tell"."""
    if bands is not None:
        agree = lines.z_low > ONE_SIDED and lines.z_high < -ONE_SIDED
        if max(bands.p_low, bands.p_high) < 0.05 and agree:
            return "sweet spot", ""
    elif lines.z_low > TWO_SIDED and lines.z_high < -TWO_SIDED and shape.drops:
        return "sweet spot", ""
    trend = _trend(given)
    if not (2 * stats.norm.sf(abs(trend)) < EITHER or _any_shape(shape) < EITHER):
        return "cannot tell", "no clear link"
    up, down = lines.z_low > TWO_SIDED, lines.z_low < -TWO_SIDED
    if up or (trend > TWO_SIDED and lines.z_high > -TWO_SIDED and not down):
        reach = abs(lines.slope_high) + TWO_SIDED * lines.error_high
        return ("levels off" if up and reach < margin else "more is better"), ""
    if trend < -TWO_SIDED and lines.z_high < TWO_SIDED:
        return "less is better", ""
    return "cannot tell", "no clear shape"


def _trend(given: Inputs) -> float:
    """The z value of a straight line through everything."""
    result = fit(np.column_stack([np.ones(given.n), given.x, given.others]), given.y)
    error = result.errors[1]
    return float(result.beta[1] / error) if error > 0 else 0.0


def _any_shape(shape: Curve) -> float:
    """P of the curve being flat (Wald)."""
    terms = slice(1, 1 + shape.columns.shape[1])
    beta, covariance = shape.result.beta[terms], shape.result.covariance[terms, terms]
    if not np.isfinite(beta).all():
        return 1.0
    wald = float(beta @ np.linalg.pinv(covariance) @ beta)
    return float(stats.chi2.sf(wald, len(beta)))


def _stands(verdict: str, shape: Curve, given: Inputs, margin: float) -> bool:
    """Whether the verdict is the same however the unknown came out.

    All failed, all succeeded, and the worst for it: those where the curve is high failed, those
    where it is low succeeded.
    """
    high = np.interp(given.everyone[0], shape.at, shape.fitted) > shape.fitted.mean()
    worst, best = float(given.y.min()), float(given.y.max())
    for value in (worst, best, np.where(high, worst, best)):
        told = given.with_unknown(value)
        other = curve(told.x, told.y, told.others)
        lines = two_lines(told.x, told.y, told.others)
        bands = None
        if told.bands:
            bands = compare_bands(told.x, told.y, told.others, told.bands, told.binary)
        if _verdict(lines, other, bands, told, margin)[0] != verdict:
            return False
    return True


def _best(verdict: str, shape: Curve, given: Inputs) -> tuple[float, float | None] | None:
    """What may be as good as the best, by this curve or by one that can bend more.

    One curve alone misses the top of a sharp peak too often (docs/methods.md). A sweet spot has
    fallen at both ends, so there the second curve does not reach them.
    """
    if not np.isfinite(shape.fitted).all():
        return None
    (low, high), last = shape.as_good_as_best, len(shape.at) - 1
    freer = curve(given.x, given.y, given.others, MORE_KNOTS)
    if np.isfinite(freer.fitted).all():
        reach = freer.as_good_as_best
        inside = verdict != "sweet spot"
        low = min(low, reach[0]) if inside or reach[0] > 0 else low
        high = max(high, reach[1]) if inside or reach[1] < last else high
    return float(shape.at[low]), None if high == last else float(shape.at[high])


def _shares(shape: Curve) -> tuple[float, float, float]:
    """Success at the fewest contacts, at the best, at the most."""
    low, best, high = np.clip(shape.fitted[[0, shape.peak, -1]], 0, 1)
    return float(low), float(best), float(high)


def _table(shape: Curve, given: Inputs) -> pd.DataFrame:
    half = TWO_SIDED * shape.error
    return pd.DataFrame(
        {
            "exposure": shape.at,
            "fitted": shape.fitted,
            "lower": shape.fitted - half,
            "upper": shape.fitted + half,
            "quadratic": quadratic(given.x, given.y, given.others, shape.at),
        }
    )


def _p(lines: TwoLines, shape: Curve, bands: Bands | None) -> float:
    """P of the claim that there is a sweet spot: that of its weakest part."""
    if bands is not None:
        z = [lines.z_low, -lines.z_high]
        parts = [bands.p_low, bands.p_high, *(float(stats.norm.sf(each)) for each in z)]
    else:
        z = [lines.z_low, -lines.z_high, *(shape.falls if shape.interior else (0.0, 0.0))]
        parts = [min(2 * float(stats.norm.sf(each)), 1.0) for each in z]
    return 1.0 if any(np.isnan(parts)) else max(parts)


def _power(lines: TwoLines) -> float | None:
    """The chance of seeing both sides of a weak peak, from how well the slopes could be seen."""
    if not (lines.error_low > 0 and lines.error_high > 0):
        return None
    sides = (WEAK_RISE / lines.error_low, WEAK_FALL / lines.error_high)
    return min(float(stats.norm.sf(TWO_SIDED - side)) for side in sides)


def _e_value(verdict: str, shape: Curve) -> float | None:
    """For the smallest of the differences that are claimed."""
    low, best, high = _shares(shape)
    claimed = {
        "sweet spot": max(low, high),
        "more is better": low,
        "levels off": low,
        "less is better": high,
    }
    if verdict not in claimed or claimed[verdict] <= 0:
        return None
    return e_value(best / claimed[verdict])


def _nothing(given: Inputs, bands: Any) -> SweetSpot:
    """The answer where no curve can be drawn."""
    empty: Floats = np.zeros(0)
    columns = ("exposure", "fitted", "lower", "upper", "quadratic")
    return SweetSpot(
        verdict="cannot tell",
        reason=given.reason,
        best_range=None,
        two_lines=NO_LINES,
        u_test=NO_TEST,
        curve=pd.DataFrame(dict.fromkeys(columns, empty)),
        shares=None,
        bands=None,
        p=1.0,
        power=None,
        e_value=None,
        n=given.n,
        dropped=given.dropped,
        procedure="confirmatory" if bands else "exploratory",
        adjusted_for=given.adjusted_for,
        workers=given.workers,
        sentence=words.sweet_spot.found("cannot tell", given.reason, n=given.n),
    )


__all__ = ["FEWEST", "TWO_SIDED", "Band", "SweetSpot", "find"]
