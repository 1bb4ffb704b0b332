"""Charts with limits: how far a month may stray before it means something."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analyses.signals import notes as say
from workbench.analyses.signals.inputs import Better, Plan, read_plan, read_values, stop_on
from workbench.analyses.signals.rules import Floats, Limits, flat, judge, mean_only

Rows = NDArray[np.intp]
LimitsOf = Callable[[Rows, Rows], Limits]  # (rows of a phase, rows its limits rest on) -> its lines

MEAN_TO_LIMIT = 2.66  # 3 / 1.128: mean moving range to three standard deviations (Wheeler)
RANGE_LIMIT = 3.267  # moving ranges from this many times their mean on are screened (Nelson 1982)

READINGS = {
    ("up", 1): "improvement",
    ("up", -1): "concern",
    ("down", 1): "concern",
    ("down", -1): "improvement",
    (None, 1): "high",
    (None, -1): "low",
}


@dataclass(frozen=True)
class Phase:
    """The limits in force over a stretch of the chart, and how many points they rest on."""

    first: Hashable
    last: Hashable
    points: int
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Chart:
    """A measure over time, with what is noise and what is not.

    table: one row per point: value, mean, lower, upper, rule (NA, "outside limits", "trend",
        "two of three", "shift"), reading (NA, "improvement", "concern", "high", "low").
    variation: of the latest recorded point: a reading, "common cause" or "does not vary"; None
        where nothing can be said (no limits and no rule).
    assurance: "pass", "fail" or "hit or miss": whether the process as it is now can be relied on
        to meet the target; None without target, direction or limits.
    provisional: the latest limits rest on fewer than 13 points.
    """

    kind: Literal["XmR", "p", "p'", "u", "u'", "c", "plain"]
    table: pd.DataFrame
    variation: str | None
    assurance: str | None
    provisional: bool
    notes: tuple[str, ...]
    phases: tuple[Phase, ...]
    better: Better
    target: float | None


def xmr(
    values: pd.Series,
    better: Better = None,
    target: float | None = None,
    baseline: int | None = None,
    rebase_at: Sequence[Hashable] = (),
    exclude: Sequence[Hashable] = (),
    screen: bool = True,
) -> Chart:
    """Is this month different, or is it noise? For flows and rates, one value a month.

    values: in time order, NA for a month without a value (give it a row: a month that has none is
        not seen to be missing). A moving range needs two neighbouring months; runs pass over a gap.
    baseline: limits rest on the first so many recorded points of each phase; None: on all of them.
    rebase_at: labels at which a new phase starts. exclude: labels of points that are shown but take
        no part in the mean, the limits and the runs. screen: leave out extreme moving ranges, once.

    Limits are in the units of the values. Raises DataError for input that cannot be charted.
    Source: Wheeler (1993), Understanding Variation; NHS England, Making Data Count; screening:
    Nelson (1982); as in NHSRplotthedots.
    """
    problems: list[str] = []
    value = read_values(values, "values", problems)
    plan = read_plan(value.index, better, target, baseline, rebase_at, exclude, problems)
    stop_on(problems)
    observed = value.to_numpy()

    def limits_of(rows: Rows, base: Rows) -> Limits:
        reach = MEAN_TO_LIMIT * mean_moving_range(observed[base], screen)
        return around(np.full(rows.size, np.nanmean(observed[base])), reach / 3)

    return build("XmR", value, plan, limits_of)


def plain(values: pd.Series) -> Chart:
    """A stock, such as a caseload, as it is: no limits, no rules, and a note why.

    Raises DataError for input that cannot be charted. Source: a stock carries over from month to
    month, and limits that take neighbours for independent then raise false alarms (Montgomery,
    Introduction to Statistical Quality Control, section 10.4: autocorrelated process data).
    """
    problems: list[str] = []
    value = read_values(values, "values", problems)
    stop_on(problems)
    none = np.full(len(value), np.nan)
    unruled = np.full(len(value), None, dtype=object)
    table = _table(value, mean_only(np.nan, len(value)), unruled, none, None)
    said = (*missing_notes(value), say.STOCK)
    return Chart("plain", table, None, None, False, said, (), None, None)


def build(
    kind: Literal["XmR", "p", "p'", "u", "u'", "c"],
    value: pd.Series,
    plan: Plan,
    limits_of: LimitsOf,
) -> Chart:
    """Any chart from its values and the way its limits are computed, phase by phase."""
    observed = value.to_numpy()
    recorded = ~np.isnan(observed)
    lines, phases, said = [], [], list(missing_notes(value))
    rule, direction = np.full(observed.size, None, dtype=object), np.zeros(observed.size)
    for first, end in pairwise((*plan.starts, observed.size)):
        rows = np.arange(first, end)
        base = _base(rows, recorded, plan)
        limits, why = _phase_limits(observed, rows, base, limits_of)
        rule[rows], direction[rows] = judge(observed[rows], limits, plan.kept[rows])
        lines.append(limits)
        points = int(recorded[base].sum())
        shown = _latest(recorded[rows])
        edges = (float(line[shown]) for line in limits[:3])
        phases.append(Phase(value.index[first], value.index[end - 1], points, *edges))
        said += why
    if not plan.kept.all():
        said.append(say.left_out(value.index[~plan.kept]))
    provisional = phases[-1].points < say.FIRM
    if provisional and not np.isnan(phases[-1].upper):
        said.append(say.provisional(phases[-1].points))

    table = _table(
        value, Limits(*map(np.concatenate, zip(*lines, strict=True))), rule, direction, plan.better
    )
    return Chart(
        kind=kind,
        table=table,
        variation=_variation(table, plan),
        assurance=_assurance(plan, phases[-1]),
        provisional=provisional,
        notes=tuple(dict.fromkeys(said)),
        phases=tuple(phases),
        better=plan.better,
        target=plan.target,
    )


def around(mean: Floats, sigma: Floats | float) -> Limits:
    """Lines at three and, near, two standard deviations on either side of the mean."""
    return Limits(
        mean, mean - 3 * sigma, mean + 3 * sigma, mean - 2 * sigma, mean + 2 * sigma, mean
    )


def mean_moving_range(observed: Floats, screen: bool = True) -> float:
    """The mean difference between neighbours; without the extreme ones when screened.

    NaN when no two neighbours are recorded. When screening would leave nothing but zeros, it is
    not done. Source: Nelson (1982).
    """
    ranges = np.abs(np.diff(observed))
    ranges = ranges[~np.isnan(ranges)]
    if not ranges.size:
        return float("nan")
    usual = ranges[ranges < RANGE_LIMIT * ranges.mean()]
    return float(usual.mean() if screen and usual.any() else ranges.mean())


def missing_notes(value: pd.Series) -> list[str]:
    """What to say about months without a value."""
    gone = int(value.isna().sum())
    said = [say.missing(gone, len(value))] if gone else []
    if gone and pd.isna(value.iloc[-1]):
        said.append(say.last_missing(value.index[-1], value.last_valid_index()))
    return said


def _base(rows: Rows, recorded: NDArray[np.bool_], plan: Plan) -> Rows:
    """The rows that a phase's limits rest on; missing ones stay, as gaps."""
    if plan.baseline is not None:
        rows = rows[np.cumsum(recorded[rows]) <= plan.baseline]
    return rows[plan.kept[rows]]


def _phase_limits(
    observed: Floats, rows: Rows, base: Rows, limits_of: LimitsOf
) -> tuple[Limits, list[str]]:
    """The lines of one phase, and why there are no limits where there are none."""
    used = observed[base][~np.isnan(observed[base])]
    mean = float(used.mean()) if used.size else float("nan")
    if used.size < 2:
        return mean_only(mean, rows.size), [say.ONE_POINT if used.size else say.NO_POINTS]
    if flat(used):
        steady = flat(observed[rows][~np.isnan(observed[rows])])
        return mean_only(mean, rows.size), [say.CONSTANT if steady else say.FLAT_BASELINE]
    limits = limits_of(rows, base)
    return limits, [say.NO_NEIGHBOURS] if np.isnan(limits.upper).all() else []


def _latest(recorded: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(recorded)[-1]) if recorded.any() else recorded.size - 1


def _table(
    value: pd.Series, limits: Limits, rule: NDArray[np.object_], direction: Floats, better: Better
) -> pd.DataFrame:
    reading = [READINGS.get((better, way)) for way in direction]
    columns: dict[str, Any] = {
        "value": value.to_numpy(),
        "mean": limits.mean,
        "lower": limits.lower,
        "upper": limits.upper,
        "rule": pd.array(rule, dtype="str"),
        "reading": pd.array(reading, dtype="str"),
    }
    return pd.DataFrame(columns, index=value.index)


def _variation(table: pd.DataFrame, plan: Plan) -> str | None:
    value = table["value"].to_numpy()
    row = _latest(~np.isnan(value))
    phase = value[max(start for start in plan.starts if start <= row) : row + 1]
    phase = phase[~np.isnan(phase)]
    if phase.size > 1 and flat(phase):
        return "does not vary"
    reading = table["reading"].iloc[row]
    if not pd.isna(reading):
        return str(reading)
    return None if np.isnan(table["upper"].iloc[row]) else "common cause"


def _assurance(plan: Plan, phase: Phase) -> str | None:
    if plan.target is None or plan.better is None or np.isnan(phase.upper):
        return None
    if phase.lower <= plan.target <= phase.upper:
        return "hit or miss"
    return "fail" if (plan.target > phase.upper) == (plan.better == "up") else "pass"
