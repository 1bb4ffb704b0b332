"""Two groups of people set side by side: counted, adjusted for case mix, or refused.

The steps of the ladder, and where it ends early: fewer than 10 in a group, or a range of more than
20 points to either side, is too few to tell; too many outcomes not known is said as bounds; groups
that are not alike even after weighing are too different to compare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from workbench import words
from workbench.analyses.comparison import clustering, frames
from workbench.analyses.comparison.ladder import Interval, Ladder, balance_before, climb
from workbench.statistics import difference_interval, e_value

Verdict = Literal[
    "higher",
    "lower",
    "no clear difference",
    "too few to tell",
    "too different to compare",
    "too much not known",
]
FEWEST = 10  # people in a group
WIDEST = 0.2  # half of the interval
MOST_NOT_KNOWN, FURTHEST_NOT_KNOWN = 0.10, 0.05  # of all; between the groups
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a comparison of two groups came to. Pairs are: with the group's mark, without it.

    `n`: people; `known`: those whose outcome is known; `successes`: those of them who achieved it.
    `difference`: of the shares of the known, with Newcombe's `interval`, wider for clusters; both
    None where nothing is known of a group. `adjusted_difference`, `adjusted_interval`: for those
    with the mark; None where it is not adjusted, else the verdict rests on them. `balance`:
    covariate, before, after; `having`: in its rows, how many of each group have it. `bounds`: the
    lowest and the highest difference that the outcomes not known could make; None where all are
    known. `e_value`, and `e_value_limit` for the end of the interval nearer to none.
    `design_effect`: how many times more people the interval seems to rest on than it does;
    `quantile`: how many standard errors it reaches. `left_out`: people by reason.
    `adjusted_for`: names of the case mix; `apart`: covariates in which the groups are not alike
    even after weighing. `reason`: why there is no verdict, if so. `notes`: what else to know;
    `remarks`: those of them without numbers of people.
    """

    verdict: Verdict
    n: tuple[int, int]
    known: tuple[int, int]
    successes: tuple[int, int]
    difference: float | None
    interval: Interval | None
    adjusted_difference: float | None
    adjusted_interval: Interval | None
    balance: pd.DataFrame
    having: pd.DataFrame
    bounds: Interval | None
    e_value: float
    e_value_limit: float
    design_effect: float
    quantile: float
    left_out: Mapping[str, int]
    adjusted_for: tuple[str, ...]
    apart: tuple[str, ...]
    reason: str
    remarks: tuple[str, ...]
    notes: tuple[str, ...]
    sentence: str

    @property
    def not_known(self) -> tuple[int, int]:
        """How many outcomes of each group are not known."""
        return self.n[0] - self.known[0], self.n[1] - self.known[1]

    @property
    def rests_on(self) -> tuple[float, Interval] | None:
        """The difference and interval that the verdict rests on: the adjusted, where there is."""
        if self.adjusted_difference is not None and self.adjusted_interval is not None:
            return self.adjusted_difference, self.adjusted_interval
        if self.difference is None or self.interval is None:
            return None
        return self.difference, self.interval


def compare(
    frame: pd.DataFrame,
    group: str,
    outcome: str,
    case_mix: Sequence[str] | None = (),
    cluster: frames.Clusters = None,
    client: frames.Clusters = None,
    seed: int = 0,
) -> Comparison:
    """Whether an outcome is more or less frequent among those with a mark than among the others.

    `frame`: one row a client; `group` and `outcome`: columns of 1 and 0, the outcome empty where
    it is not known; `case_mix`: columns of numbers or words to adjust for. `cluster`, `client`: a
    column, or a value for each row: who chose the group (a caseworker), and who a row is about
    (the first row of each client counts). Differences are shares, from −1 to 1.
    Raises DataError for missing columns and for values that are neither 1 nor 0 nor empty.
    Source: interval, Newcombe (1998), method 10; adjustment, `adjusting.adjusted`; E-value,
    VanderWeele and Ding (2017); ten of the rarer outcome a column, Peduzzi and others (1996).
    """
    people = frames.compared(frame, group, outcome, case_mix, cluster, client)
    labels = words.comparison.with_and_without(str(group))
    return compare_people(people, words.comparison.quoted([str(outcome)]), labels, seed)


def compare_people(
    people: frames.Compared, outcome: str, labels: tuple[str, str], seed: int = 0
) -> Comparison:
    """The same for people who are checked: `outcome` and `labels` are what sentences call them."""
    sides = [people.outcome[people.marked], people.outcome[~people.marked]]
    n = len(sides[0]), len(sides[1])
    known = [each[~np.isnan(each)] for each in sides]
    sizes = len(known[0]), len(known[1])
    recorded = int(known[0].sum()), int(known[1].sum())
    crude = _crude(people, recorded, sizes)
    few = min(n) < FEWEST
    unknown = _much_not_known(n, sizes)
    ladder = climb(people, seed) if not (few or unknown) else Ladder(balance_before(people))
    verdict, reason = _verdict(crude, ladder, few, unknown)
    found = ladder.found or crude.found
    values = _e_values(found, recorded, sizes)
    bounds = _bounds(n, sizes, recorded) if n != sizes and min(n) else None
    said = _sentence(verdict, reason, outcome, labels, recorded, sizes, found, ladder.adjusted_for)
    if verdict == "too much not known":
        said = words.comparison.much_not_known(bounds)
    left_out = words.comparison.left_out(people.left_out)
    not_known = words.comparison.outcomes_not_known(n[0] - sizes[0], n[1] - sizes[1])
    remarks = (*crude.notes, *ladder.notes)
    return Comparison(
        verdict=verdict,
        n=n,
        known=sizes,
        successes=recorded,
        difference=crude.found[0] if crude.found else None,
        interval=crude.found[1] if crude.found else None,
        adjusted_difference=ladder.found[0] if ladder.found else None,
        adjusted_interval=ladder.found[1] if ladder.found else None,
        balance=ladder.balance[["covariate", "before", "after"]],
        having=ladder.balance[["having", "having_not_marked"]],
        bounds=bounds,
        e_value=values[0],
        e_value_limit=values[1],
        design_effect=crude.effect,
        quantile=crude.quantile,
        left_out=people.left_out,
        adjusted_for=ladder.adjusted_for,
        apart=ladder.apart,
        reason=reason,
        remarks=remarks,
        notes=tuple(each for each in (left_out, not_known, *remarks) if each),
        sentence=said,
    )


@dataclass(frozen=True)
class _Crude:
    """The difference as counted; `one_worker`: all of a group come from one cluster."""

    found: tuple[float, Interval] | None
    effect: float = 1.0
    quantile: float = clustering.NORMAL
    one_worker: bool = False
    notes: tuple[str, ...] = ()


def _crude(people: frames.Compared, recorded: tuple[int, int], sizes: tuple[int, int]) -> _Crude:
    """The difference of shares and its interval, wider where people come in clusters."""
    if not min(sizes):
        return _Crude(None)
    found = recorded[0] / sizes[0] - recorded[1] / sizes[1]
    plain = difference_interval((recorded[0], sizes[0]), (recorded[1], sizes[1]))
    interval = float(plain[0]), float(plain[1])
    if people.cluster is None:
        return _Crude((found, interval))
    known = people.known
    cluster = np.unique(people.cluster[known], return_inverse=True)[1]
    if cluster.max() == 0:
        return _Crude((found, interval), notes=(words.comparison.ONE_CLUSTER,))
    ones = np.ones(len(cluster))
    off = clustering.spread(people.outcome[known], ones, people.marked[known], cluster)
    if off.effect > 1:
        interval = clustering.widened_interval(recorded, sizes, off.effect, off.quantile)
    alone = off.fewest < clustering.FEWEST
    return _Crude((found, interval), off.effect, off.quantile, alone, (words.comparison.CLUSTERED,))


def _much_not_known(n: tuple[int, int], sizes: tuple[int, int]) -> bool:
    shares = [1 - known / each if each else 0.0 for known, each in zip(sizes, n, strict=True)]
    of_all = 1 - sum(sizes) / max(sum(n), 1)
    apart = abs(shares[0] - shares[1])
    return of_all > MOST_NOT_KNOWN + _ROUNDING or apart > FURTHEST_NOT_KNOWN + _ROUNDING


def _bounds(n: tuple[int, int], sizes: tuple[int, int], recorded: tuple[int, int]) -> Interval:
    """The lowest and the highest difference that the outcomes not known could make."""
    lowest = [count / each for count, each in zip(recorded, n, strict=True)]
    highest = [
        (count + each - known) / each for count, each, known in zip(recorded, n, sizes, strict=True)
    ]
    return lowest[0] - highest[1], highest[0] - lowest[1]


def _verdict(crude: _Crude, ladder: Ladder, few: bool, unknown: bool) -> tuple[Verdict, str]:
    """The verdict, and why there is none where there is none."""
    found = ladder.found or crude.found
    if few:
        return "too few to tell", words.comparison.TOO_FEW
    if unknown or found is None:
        return "too much not known", words.comparison.MUCH_NOT_KNOWN
    low, high = found[1]
    if crude.one_worker:
        return "too few to tell", words.comparison.ONE_WORKER
    if (high - low) / 2 > WIDEST:
        return "too few to tell", words.comparison.TOO_WIDE
    if ladder.too_different:
        return "too different to compare", ladder.too_different
    if low <= 0 <= high:
        return "no clear difference", ""
    return ("higher" if low > 0 else "lower"), ""


def _e_values(
    found: tuple[float, Interval] | None, recorded: tuple[int, int], sizes: tuple[int, int]
) -> tuple[float, float]:
    """E-values of the difference and of the end of its interval nearer to none."""
    if found is None:
        return float("nan"), float("nan")
    share, (low, high) = recorded[0] / sizes[0], found[1]
    near = 0.0 if low <= 0 <= high else low if low > 0 else high
    ratios = [_risk_ratio(share, each) for each in (found[0], near)]
    return e_value(ratios[0]), 1.0 if near == 0 else e_value(ratios[1])


def _risk_ratio(share: float, difference: float) -> float:
    """The share with the mark over what it would be less the difference."""
    other = min(max(share - difference, 0.0), 1.0)
    if share == other:
        return 1.0
    return share / other if other > 0 else float("inf")


def _sentence(
    verdict: Verdict,
    reason: str,
    outcome: str,
    labels: tuple[str, str],
    recorded: tuple[int, int],
    sizes: tuple[int, int],
    found: tuple[float, Interval] | None,
    adjusted_for: Sequence[str],
) -> str:
    """The comparison in plain words, with the exact numbers."""
    if verdict == "too few to tell" or found is None:
        return f"{words.comparison.counted_out(outcome, labels, recorded, sizes)} {reason}".strip()
    said = words.comparison.counted(outcome, labels, recorded, sizes)
    if reason:
        return f"{said} {reason}"
    weaker = "" if adjusted_for else f" {words.comparison.NOT_ADJUSTED}"
    return f"{said} {words.comparison.difference(*found, adjusted_for)}{weaker}"
