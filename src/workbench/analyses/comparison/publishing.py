"""What of a comparison may be published: counts rounded, small ones hidden, the rest from those.

Difference and interval are worked out from released counts; an adjusted difference is given in
whole points or coarser, its ends moved outwards. A verdict stands only if it still does in the
numbers that are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.comparison.clustering import widened_interval
from workbench.analyses.comparison.comparing import Comparison, Verdict
from workbench.analyses.comparison.ladder import Interval
from workbench.profiles import named
from workbench.settings import Disclosure
from workbench.statistics import Floats, e_value

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)  # as coarse as lets three counts of people be behind one
REFUSED = ("too different to compare", "too much not known", "too few to tell")
ALL_AND_NONE = 2.0  # standard deviations between all of one half of people and none of the other
_EFFECT = 10  # design effects are rounded up to a tenth


@dataclass(frozen=True)
class Released:
    """A comparison as it may be told. Pairs are: with the group's mark, without.

    `known`, `recorded`: released counts, None where hidden; `found`: what the verdict rests on.
    """

    verdict: Verdict
    known: tuple[int | None, int | None]
    recorded: tuple[int | None, int | None]
    found: tuple[float, Interval] | None
    bounds: Interval | None = None
    e_value: float = float("nan")


def counts_table(
    found: Comparison, groups: tuple[str, str], rules: Disclosure, not_known: bool = True
) -> pd.DataFrame:
    """The counts of both groups.

    One row a group, with its mark first: group, known (people whose outcome is known), recorded
    (with the outcome on record), not_known (people), note, share (recorded of known), lower, upper
    (95 %), share_of_all (recorded of all), share_not_known. Protected.
    """
    table = pd.DataFrame(
        {
            "group": pd.Series(groups, dtype="str"),
            "known": found.known,
            "recorded": found.successes,
            "not_known": found.not_known,
        }
    )
    protected = disclosure.protect(
        table if not_known else table.drop(columns="not_known"),
        people=["known", "recorded", *(["not_known"] if not_known else [])],
        ratios={"share": ("recorded", "known")},
        intervals={("lower", "upper"): ("recorded", "known")},
        plain=["group"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )
    if not not_known:
        return protected
    everyone = (protected["known"] + protected["not_known"]).astype("Float64")
    shown = everyone.where((everyone > 0) & protected["share"].notna())
    return disclosure.extend(
        protected,
        {
            "share_of_all": protected["recorded"] / shown,
            "share_not_known": protected["not_known"] / shown,
        },
    )


def adjusted_table(found: Comparison, rules: Disclosure) -> pd.DataFrame:
    """The adjusted difference, one row: people (in the smaller group), difference, lower, upper.

    In steps that three counts of people in the smaller group fit in, the ends moved outwards.
    Protected.
    """
    people = min(found.known)
    difference, (low, high) = found.rests_on or (np.nan, (np.nan, np.nan))
    if step := _step(people, rules):
        low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    columns = ["people", "difference", "lower", "upper"]
    return disclosure.protect(
        pd.DataFrame([(people, difference, low, high)], columns=columns),
        people=["people"],
        estimates=dict.fromkeys(columns[1:], "people"),
        profile=rules.profile,
        basis=rules.basis,
    )


def released(
    found: Comparison, rules: Disclosure, verdict: Verdict, counts: pd.DataFrame
) -> Released:
    """A comparison as it may be told, with a verdict that stands in the numbers that are shown.

    `verdict`: that of the comparison, or what several questions at once leave of it; `counts`: its
    `counts_table`, or its two rows of a table that was protected as a whole.
    """
    known, recorded = _pair(counts["known"]), _pair(counts["recorded"])
    if counts["share"].isna().any() or None in (*known, *recorded):
        return Released("too few to tell", known, recorded, None)
    sizes, counted = (known[0] or 0, known[1] or 0), (recorded[0] or 0, recorded[1] or 0)
    if verdict in REFUSED:
        return Released(verdict, known, recorded, None, _bounds(counts, sizes, counted))
    rests_on = _counted(found, sizes, counted)
    if found.adjusted_difference is not None:
        rests_on = as_adjusted(found, rules)
    difference, (low, high) = rests_on
    if verdict == "no clear difference" or low <= 0 <= high:
        verdict, low, high = "no clear difference", min(low, 0.0), max(high, 0.0)
    share = counted[0] / sizes[0]
    other = min(max(share - difference, 0.0), 1.0)
    ratio = share / other if other > 0 else float("inf")
    return Released(
        verdict, known, recorded, (difference, (low, high)), None, e_value(max(ratio, 0.0))
    )


def as_counted(
    found: Comparison, rules: Disclosure, counts: pd.DataFrame
) -> tuple[float, Interval] | None:
    """The difference of released shares and its interval; None where a count is hidden."""
    told = released(found, rules, "no clear difference", counts)
    (a, b), (c, d) = told.known, told.recorded
    if told.found is None or None in (a, b, c, d):
        return None
    return _counted(found, (a or 0, b or 0), (c or 0, d or 0))


def as_adjusted(found: Comparison, rules: Disclosure) -> tuple[float, Interval]:
    """The adjusted difference and its interval, as coarse as they may be told."""
    row = adjusted_table(found, rules).iloc[0]
    return float(row["difference"]), (float(row["lower"]), float(row["upper"]))


def _counted(
    found: Comparison, sizes: tuple[int, int], counted: tuple[int, int]
) -> tuple[float, Interval]:
    """The difference of released shares, with an interval as wide for clusters as the exact one."""
    effect = np.ceil(found.design_effect * _EFFECT) / _EFFECT if found.design_effect > 1 else 1.0
    interval = widened_interval(counted, sizes, float(effect), found.quantile)
    return counted[0] / sizes[0] - counted[1] / sizes[1], interval


def balance_table(found: Comparison, rules: Disclosure) -> pd.DataFrame:
    """How far apart the groups are in each covariate, before and after weighing.

    One row a covariate value: covariate, people (in the smaller group), before, after (standardised
    differences, 0 or more; missing where not weighed), note. Protected: nothing is shown of a group
    too small for a rate, nor of a trait that few of a group have, or have not. What people have or
    have not is worked out from released counts: a rare trait moves the exact difference by more
    than a step with each person who has it.
    """
    having, (first, second) = found.having, found.known
    yes_or_no = having["having"].notna().to_numpy()
    table = pd.DataFrame(
        {
            "covariate": [str(each).replace("_", " ") for each in found.balance["covariate"]],
            "people": min(first, second),
            "_before": found.balance["before"].mask(yes_or_no),
            "_after": found.balance["after"],
            "_having": having["having"],
            "_having_not_marked": having["having_not_marked"],
            "_of": np.where(yes_or_no, first, np.nan),
            "_of_not_marked": np.where(yes_or_no, second, np.nan),
        }
    )
    ratios = {"_share": ("_having", "_of"), "_share_not": ("_having_not_marked", "_of_not_marked")}
    protected = disclosure.protect(
        table.astype({"covariate": "str"}),
        people=["people", *(name for pair in ratios.values() for name in pair)],
        ratios=ratios,
        estimates={"_before": "people", "_after": "people"},
        profile=rules.profile,
        basis=rules.basis,
    )
    apart = _apart(*(protected[name].to_numpy(float, na_value=np.nan) for name in ratios))
    before = protected["_before"].where(~yes_or_no, pd.Series(apart, protected.index))
    after = protected["_after"].mask(before.isna())
    shown = disclosure.extend(protected, {"before": before, "after": after})
    return shown[["covariate", "people", "before", "after", "note"]]


def _apart(first: Floats, second: Floats) -> Floats:
    """How far two shares are apart, in standard deviations. Source: Austin (2009), eq. 2."""
    apart = np.abs(first - second)
    scale = np.sqrt((first * (1 - first) + second * (1 - second)) / 2)
    return np.divide(apart, scale, out=np.where(apart > 0, ALL_AND_NONE, apart), where=scale > 0)


def dropped_table(dropped: Mapping[str, int], rules: Disclosure) -> pd.DataFrame:
    """Who is not in a comparison: one row a reason, reason and stays. Protected."""
    rows = [(reason, count) for reason, count in dropped.items() if count]
    table = pd.DataFrame(rows, columns=["reason", "stays"])
    return disclosure.protect(
        table.astype({"reason": "str", "stays": int}),
        people=["stays"],
        profile=rules.profile,
        basis=rules.basis,
    )


def _pair(column: "pd.Series[Any]") -> tuple[int | None, int | None]:
    first, second = (None if pd.isna(each) else int(each) for each in column)
    return first, second


def _bounds(
    table: pd.DataFrame, sizes: tuple[int, int], counted: tuple[int, int]
) -> Interval | None:
    """The lowest and the highest difference that released outcomes not known could make."""
    if "not_known" not in table or table["not_known"].isna().any():
        return None
    missing = [int(each) for each in table["not_known"]]
    n = [size + each for size, each in zip(sizes, missing, strict=True)]
    low = [count / each for count, each in zip(counted, n, strict=True)]
    high = [(count + each) / all_ for count, each, all_ in zip(counted, missing, n, strict=True)]
    return low[0] - high[1], high[0] - low[1]


def _step(people: int, rules: Disclosure) -> float:
    """What an adjusted difference of so many people is rounded to; 0: not at all."""
    if named(rules.profile).base == 1:
        return 0.0
    return next((step for step in STEPS if step * people >= 3), STEPS[-1])
