"""How far up a comparison comes: as counted, or adjusted for case mix, or refused and why."""

from dataclasses import dataclass

import pandas as pd

from workbench import case_mix, words
from workbench.analyses.comparison import adjusting, frames

Interval = tuple[float, float]
OUTCOMES_A_COLUMN = 10
NARROWEST = 1e-4  # of an interval that chance had a part in


@dataclass(frozen=True, eq=False)
class Ladder:
    """How far the adjustment came: `found` and its interval, or why not.

    `balance`: as `adjusting.balance`; `adjusted_for`: the case mix; `too_different`: in words;
    `apart`: the covariates in which weighing left the groups apart.
    """

    balance: pd.DataFrame
    found: tuple[float, Interval] | None = None
    adjusted_for: tuple[str, ...] = ()
    too_different: str = ""
    apart: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def balance_before(people: frames.Compared) -> pd.DataFrame:
    """How far apart the groups are as they came."""
    known = people.known
    marked = people.marked[known]
    if not people.traits.columns.size or marked.all() or not marked.any():
        numbers = ("before", "after", "having", "having_not_marked")
        kinds = {"covariate": "str", **dict.fromkeys(numbers, "float64")}
        return pd.DataFrame(columns=[*kinds]).astype(kinds)
    mix = case_mix.columns(people.traits[known])
    return adjusting.balance(mix.traits, marked)


def climb(people: frames.Compared, seed: int) -> Ladder:
    """Adjust for case mix, where it was asked for and there are enough outcomes."""
    if not people.traits.columns.size:
        return Ladder(balance_before(people))
    known = people.known
    marked, outcome = people.marked[known], people.outcome[known]
    mix = case_mix.columns(people.traits[known])
    before = adjusting.balance(mix.traits, marked)
    if not mix.width:
        return Ladder(before, notes=(*mix.notes, words.comparison.NO_CASE_MIX))
    rarer = int(min(outcome.sum(), (1 - outcome).sum()))
    if rarer < OUTCOMES_A_COLUMN * (mix.width + 1):
        note = words.comparison.not_enough_outcomes(mix.width)
        return Ladder(before, notes=(*mix.notes, note))
    weighing = adjusting.weigh(mix.design, mix.traits, marked)
    if not weighing.comparable:
        apart = tuple(weighing.apart)
        why = words.comparison.too_different(apart, weighing.too_few_alike, weighing.too_unlike)
        return Ladder(weighing.balance, too_different=why, apart=apart, notes=mix.notes)
    cluster = None if people.cluster is None else people.cluster[known]
    found, interval = adjusting.adjusted(mix.design, marked, outcome, weighing, cluster, seed)
    if interval[1] - interval[0] < NARROWEST:  # nothing varies that a range could be made of
        if abs(found) < NARROWEST:
            return Ladder(weighing.balance, too_different=words.comparison.SAID, notes=mix.notes)
        return Ladder(weighing.balance, notes=(*mix.notes, words.comparison.ALL_THE_SAME))
    return Ladder(weighing.balance, (found, interval), mix.names, notes=mix.notes)
