"""Charts of people and events counted: limits follow from how many there were."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from workbench.analyses.signals import notes as say
from workbench.analyses.signals.charts import Chart, Rows, around, build, mean_moving_range
from workbench.analyses.signals.inputs import (
    Better,
    Plan,
    read_plan,
    read_share,
    read_values,
    stop_on,
)
from workbench.analyses.signals.rules import Floats, Limits
from workbench.statistics import BEYOND_TWO_SIGMA, binomial_limits

FEW = 5  # expected counts under this are too small for limits from the normal distribution
RANGE_TO_SIGMA = 1.128  # mean moving range to standard deviation (d2 of pairs)

Interval = Literal["month", "quarter", "longer"]


@dataclass(frozen=True)
class Family:
    """How counts of one kind scatter: each function takes the pooled mean and the sizes."""

    sigma: Callable[[Floats, Floats], Floats]
    expected: Callable[[Floats, Floats], Floats]  # the count that must not be small
    median: Callable[[Floats, Floats], Floats]
    exact: bool  # small numbers get exact limits
    most: float  # the largest value that can be


SHARES = Family(
    sigma=lambda mean, size: np.sqrt(mean * (1 - mean) / size),
    expected=lambda mean, size: size * np.minimum(mean, 1 - mean),
    median=lambda mean, size: stats.binom.median(size, mean) / size,
    exact=True,
    most=1.0,
)
RATES = Family(
    sigma=lambda mean, size: np.sqrt(mean / size),
    expected=lambda mean, size: size * mean,
    median=lambda mean, size: stats.poisson.median(size * mean) / size,
    exact=False,
    most=np.inf,
)


def p_chart(
    numerator: pd.Series,
    denominator: pd.Series,
    better: Better = None,
    target: float | None = None,
    baseline: int | None = None,
    rebase_at: Sequence[Hashable] = (),
    exclude: Sequence[Hashable] = (),
    prime: bool = False,
) -> Chart:
    """Is this month's share of people different, given how many there were?

    numerator, denominator: whole counts per month, the part never more than the whole; a month
        with denominator 0 has no value. Values and limits are shares, 0 to 1.
    prime: Laney's limits, for thousands of people a month, where ordinary ones flag nearly all.
    Other arguments and the result as for `xmr`. Raises DataError for input that cannot be charted.

    Where fewer than 5 are expected in the numerator or its complement, limits are exact binomial
    and runs are counted from the exact median (not with prime); a note says so.
    Source: Montgomery, Introduction to Statistical Quality Control, section 7.2; Laney (2002),
    Improved control charts for attributes.
    """
    problems: list[str] = []
    part, whole = read_share(numerator, denominator, problems, people=True)
    plan = read_plan(part.index, better, target, baseline, rebase_at, exclude, problems)
    stop_on(problems)
    return _chart("p'" if prime else "p", part, whole, plan, SHARES)


def u_chart(
    count: pd.Series,
    exposure: pd.Series,
    better: Better = None,
    target: float | None = None,
    baseline: int | None = None,
    rebase_at: Sequence[Hashable] = (),
    exclude: Sequence[Hashable] = (),
    prime: bool = False,
) -> Chart:
    """Is this month's rate of events different, given the time or people exposed to them?

    count: events per month; exposure: for example client-weeks, above 0. Values and limits are
    events per unit of exposure. Other arguments and the result as for `xmr` and `p_chart`.
    Raises DataError for input that cannot be charted.
    Source: Montgomery, Introduction to Statistical Quality Control, section 7.3; Laney (2002).
    """
    problems: list[str] = []
    events, exposed = read_share(count, exposure, problems, people=False)
    plan = read_plan(events.index, better, target, baseline, rebase_at, exclude, problems)
    stop_on(problems)
    return _chart("u'" if prime else "u", events, exposed, plan, RATES)


def c_chart(
    count: pd.Series,
    better: Better = None,
    target: float | None = None,
    baseline: int | None = None,
    rebase_at: Sequence[Hashable] = (),
    exclude: Sequence[Hashable] = (),
) -> Chart:
    """Is this month's number of events different, where about as many could happen each month?

    count: events per month; limits are in events. Other arguments and the result as for `xmr`.
    Raises DataError for input that cannot be charted.
    Source: Montgomery, Introduction to Statistical Quality Control, section 7.3.
    """
    problems: list[str] = []
    events = read_values(count, "count", problems, count=True)
    plan = read_plan(events.index, better, target, baseline, rebase_at, exclude, problems)
    stop_on(problems)
    return _chart("c", events, pd.Series(1.0, events.index), plan, RATES)


def interval_advised(numerator: pd.Series, denominator: pd.Series) -> Interval:
    """Whether a share is better charted by month, by quarter or by something longer.

    "month" when at least 5 are expected in the numerator and in its complement in the typical
    (median) month; "quarter" when that holds for three such months; otherwise "longer".
    Raises DataError for input that cannot be charted. Source: Montgomery, section 7.2, choice of
    the sample size of a p chart.
    """
    problems: list[str] = []
    part, whole = read_share(numerator, denominator, problems, people=True)
    stop_on(problems)
    counted = (part.notna() & whole.notna()).to_numpy()
    size = whole.to_numpy()[counted]
    share = part.to_numpy()[counted].sum() / size.sum()
    typical = float(np.median(SHARES.expected(share, size)))
    if typical >= FEW:
        return "month"
    return "quarter" if 3 * typical >= FEW else "longer"


def _chart(
    kind: Literal["p", "p'", "u", "u'", "c"],
    part: pd.Series,
    whole: pd.Series,
    plan: Plan,
    family: Family,
) -> Chart:
    """A chart of part / whole, phase by phase; its notes tell of small numbers."""
    value = part / whole.where(whole > 0)
    count, size = part.to_numpy(), whole.where(value.notna()).to_numpy()
    prime = kind.endswith("'")
    factors: list[float] = []

    def limits_of(rows: Rows, base: Rows) -> Limits:
        counted = base[~np.isnan(size[base])]
        mean = np.full(size.size, count[counted].sum() / size[counted].sum())
        sigma = family.sigma(mean, size)
        if prime:
            z = (value.to_numpy() - mean) / sigma
            factors.append(mean_moving_range(z[base]) / RANGE_TO_SIGMA)
            return _within(around(mean, factors[-1] * sigma).at(rows), family)
        return _small_numbers(_within(around(mean, sigma), family), size, family).at(rows)

    chart = build(kind, value, plan, limits_of)
    few = int((family.expected(chart.table["mean"].to_numpy(), size) < FEW).sum())
    said = []
    if empty := int((whole == 0).sum()):
        said.append(say.empty_denominator(empty, len(whole)))
    if prime:
        said.append(say.widened(factors))
    elif few:
        said.append((say.exact if family.exact else say.sparse)(few, len(value)))
    return replace(chart, notes=(*chart.notes, *said))


def _within(limits: Limits, family: Family) -> Limits:
    """Limits no lower and no higher than a value can be; the near limits only serve a rule."""
    lower, upper = np.maximum(limits.lower, 0.0), np.minimum(limits.upper, family.most)
    return limits._replace(lower=lower, upper=upper)


def _small_numbers(limits: Limits, size: Floats, family: Family) -> Limits:
    """Exact lines where the expected count is small, for the normal ones are wrong there."""
    few = family.expected(limits.mean, size) < FEW
    if not few.any():
        return limits
    centre = np.where(few, family.median(limits.mean, size), limits.centre)
    if not family.exact:
        return limits._replace(centre=centre)
    far = [count / size for count in binomial_limits(size, limits.mean)]
    near = [count / size for count in binomial_limits(size, limits.mean, BEYOND_TWO_SIGMA)]
    usual = (limits.lower, limits.upper, limits.near_lower, limits.near_upper)
    exact = (np.where(few, new, old) for new, old in zip((*far, *near), usual, strict=True))
    lower, upper, near_lower, near_upper = exact
    return Limits(limits.mean, lower, upper, near_lower, near_upper, centre)
