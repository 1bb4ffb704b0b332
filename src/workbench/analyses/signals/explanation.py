"""Why a flagged month differs: more people, other people, or another rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench.analyses.signals.inputs import stop_on
from workbench.analyses.signals.notes import are, have
from workbench.analyses.signals.rules import Floats

PARTS = ["volume", "mix", "rate"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """A change split into parts that add up to it.

    total = volume + mix + rate: more or fewer of everything, another make-up of the groups, and
    groups doing differently.
    table: one row per group: the columns of `by`, volume, mix, rate, change (their sum); the groups
    that moved the figure most come first. Each column adds up to its part.
    """

    total: float
    volume: float
    mix: float
    rate: float
    table: pd.DataFrame


def explain(
    now: pd.DataFrame,
    before: pd.DataFrame,
    by: Sequence[str],
    of: Literal["ratio", "count"] | None = None,
) -> Explanation:
    """Which groups moved the figure between a flagged month and its reference period, and how.

    now, before: one row per group (rows of the same group are added up): the columns of `by`,
        numerator, and denominator unless the measure is a plain count. For a count give `before`
        per month too, for example the mean month.
    by: the columns that name a group.
    of: "ratio" (numerator / denominator; the default where there is a denominator) or "count" (the
        numerator itself; with a denominator its change is split into all three parts).

    Parts are in the units of the measure. A ratio has no volume part. A count without denominator
    has no rate part: volume is a group's share of the overall change, mix what it moved beyond
    that. Explain flagged months only: ordinary variation has no explanation.
    Raises DataError for missing columns, empty periods, and counts that are negative, not finite or
    without a denominator.
    Source: Kitagawa (1955), Components of a difference between two rates, with symmetric weights;
    volume by the same weights for a product of size and rate (Das Gupta 1993).
    """
    names = list(by)
    groups = _groups(now, before, names, of)
    parts = _parts(groups, ratio=of != "count" and "denominator_now" in groups)
    parts["change"] = parts.sum(axis=1)
    table = pd.concat([groups[names], parts], axis=1)
    table = table.sort_values("change", key=np.abs, ascending=False, kind="stable")
    sums = {part: float(parts[part].sum()) for part in PARTS}
    return Explanation(sum(sums.values()), **sums, table=table.reset_index(drop=True))


def _parts(groups: pd.DataFrame, ratio: bool) -> pd.DataFrame:
    """The contribution of each group to each part.

    With size D, group share s and group rate r a count is the sum of D s r, and a ratio that of
    s r. Between two periods a product of two changes by (mean of one) x (change of the other), both
    ways round; so do the three of a count, in two steps.
    """
    numerator = _pair(groups, "numerator")
    if "denominator_now" in groups:
        size = _pair(groups, "denominator")
        rate = _known(numerator, size)
    else:
        size, rate = numerator, np.ones_like(numerator)
    totals = size.sum(axis=1, keepdims=True)
    share = _known(size, np.broadcast_to(totals, size.shape))

    if ratio:  # a growing group moves a ratio only so far as its rate differs from the overall one
        overall = (share * rate).sum(axis=1).mean()
        mix, volume, scale = _change(share) * (_mean(rate) - overall), 0.0 * _mean(rate), 1.0
    else:
        volume, scale = (totals[1, 0] - totals[0, 0]) * _mean(share * rate), totals.mean()
        mix = scale * _change(share) * _mean(rate)
    return pd.DataFrame(
        {"volume": volume, "mix": mix, "rate": scale * _mean(share) * _change(rate)}
    )


def _pair(groups: pd.DataFrame, count: str) -> Floats:
    """A count of every group: the first row before, the second now."""
    return groups[[f"{count}_before", f"{count}_now"]].to_numpy().T


def _known(part: Floats, whole: Floats) -> Floats:
    """The ratio; where there is no whole in one period, as in the other, so without a change."""
    ratio = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return np.nan_to_num(np.where(np.isnan(ratio), ratio[::-1], ratio))


def _mean(pair: Floats) -> Floats:
    return (pair[0] + pair[1]) / 2


def _change(pair: Floats) -> Floats:
    return pair[1] - pair[0]


def _groups(now: pd.DataFrame, before: pd.DataFrame, by: list[str], of: str | None) -> pd.DataFrame:
    """One row per group: its counts now and before, 0 where it is not there."""
    counted = ["numerator"]
    if of == "ratio" or "denominator" in now or "denominator" in before:
        counted.append("denominator")
    periods = {"now": now, "before": before}
    problems = [] if by else ["by: no column named. Give at least one that names a group."]
    if of not in ("ratio", "count", None):
        problems.append(f"of: {of!r} is no kind of measure. Give 'ratio' or 'count'.")
    for period, frame in periods.items():
        problems += _problems(period, frame, by, counted)
    stop_on(problems)
    both = [
        frame[by].assign(**{f"{count}_{period}": frame[count].astype(float) for count in counted})
        for period, frame in periods.items()
    ]
    groups = pd.concat(both, ignore_index=True).groupby(by, dropna=False, observed=True)
    return groups.sum().reset_index()


def _problems(period: str, frame: pd.DataFrame, by: list[str], counted: list[str]) -> list[str]:
    absent = [column for column in (*by, *counted) if column not in frame]
    if absent:
        return [f"{period}: no column {', '.join(absent)}. Give one row per group, with it."]
    if frame.empty:
        return [f"{period}: no rows. Give one row per group."]
    problems = []
    numbers = frame[counted].apply(pd.to_numeric, errors="coerce").astype(float)
    for count in counted:
        if wrong := int((~np.isfinite(numbers[count]) | (numbers[count] < 0)).sum()):
            problems.append(
                f"{period}: {count}: {wrong} {are(wrong)} missing, infinite, negative or no "
                "number. Give counts from 0."
            )
    if "denominator" in counted and not problems:
        if bare := int(((numbers["denominator"] == 0) & (numbers["numerator"] > 0)).sum()):
            problems.append(
                f"{period}: {bare} {have(bare)} a numerator but denominator 0. "
                "Check how the measure counts."
            )
        if numbers["denominator"].sum() == 0:
            problems.append(f"{period}: all denominators are 0. Choose a period with people in it.")
    return problems
