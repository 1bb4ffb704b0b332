"""What a page shows of an answer: tables that may be published, and what else to ask."""

import numpy as np
import pandas as pd

from workbench import disclosure, exposures, words
from workbench.analyses.comparison import publishing
from workbench.analyses.comparison.answers import Answer
from workbench.analyses.comparison.ladder import Interval
from workbench.settings import Disclosure
from workbench.store import Workspace


def answer_table(answer: Answer) -> pd.DataFrame:
    """The counts behind an answer.

    One row a group: group, known (people whose outcome is known), recorded (with the outcome on
    record), not_known, note, share (recorded of known), lower, upper (95 %), share_of_all,
    share_not_known. Shares from 0 to 1. Protected.
    """
    return answer.counts.copy()


def difference_table(answer: Answer, data: Workspace) -> pd.DataFrame:
    """How far apart the groups are: as counted, and adjusted for case mix.

    One row a way of counting: counted, people (in both groups), unit, note, difference, lower,
    upper (shares; missing where a count behind them is hidden). Worked out from released counts,
    or as coarse as they may be told. Where too much is not known there is one row only, without a
    difference: how far the outcomes not known could move it. Protected.
    """
    found, rules = answer.comparison, data.settings.disclosure
    rows = _differences(answer, rules)
    names = [name for name, *_ in rows]
    table = pd.DataFrame({"counted": names, "people": sum(found.known), "unit": "points"})
    protected = disclosure.protect(
        table.astype({"counted": "str", "people": int, "unit": "str"}),
        people=["people"],
        profile=rules.profile,
        basis=rules.basis,
    )
    shown = np.array([(value, *ends) for _, value, ends in rows], dtype=float)
    columns = {
        name: pd.Series(shown[:, place], protected.index, dtype="Float64")
        for place, name in enumerate(("difference", "lower", "upper"))
    }
    return disclosure.extend(protected, columns)


def _differences(answer: Answer, rules: Disclosure) -> list[tuple[str, float, Interval]]:
    """The rows of a table of differences: how counted, the difference, its interval."""
    found, nothing = answer.comparison, (np.nan, np.nan)
    if answer.verdict == "too much not known":
        bounds = publishing.released(found, rules, answer.verdict, answer.counts).bounds
        return [(words.comparison.WHATEVER_IS_MISSING, np.nan, bounds or nothing)]
    crude = publishing.as_counted(found, rules, answer.counts)
    value, ends = crude or (np.nan, nothing)
    rows = [(words.comparison.AS_COUNTED, value, ends)]
    if crude and found.adjusted_difference is not None:
        rows.append((words.comparison.ADJUSTED, *publishing.as_adjusted(found, rules)))
    return rows


def balance_table(answer: Answer, data: Workspace) -> pd.DataFrame:
    """How alike the groups are in each covariate, before and after weighing.

    One row a value of a covariate: covariate, people (in the smaller group), before, after
    (standardised differences, 0 or more; missing where not weighed), note. Protected: nothing is
    shown of a group too small for a rate.
    """
    return publishing.balance_table(answer.comparison, data.settings.disclosure)


def dropped_table(answer: Answer, data: Workspace) -> pd.DataFrame:
    """Whose stays are not in an answer: one row a reason, reason, stays, note. Protected."""
    said = {exposures.ACHIEVED: words.comparison.BY_THEN}
    dropped = {said.get(reason, reason): count for reason, count in answer.dropped.items()}
    return publishing.dropped_table(dropped, data.settings.disclosure)


def other_half(answer: Answer) -> tuple[str, ...]:
    """What the records cannot answer, as questions to the clients and to those who work there."""
    return words.comparison.other_half(answer.question.kind)


def cannot_tell(answer: Answer) -> tuple[str, ...]:
    """What an answer leaves open, in sentences."""
    return words.comparison.cannot_tell(answer.question.kind, answer.happens)


def told_apart(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `compare_each` or `compare_values` in which something can be told. Protected."""
    return table[table["reading"] != "too few to tell"]


def how_many(table: pd.DataFrame) -> str:
    """How many comparisons `compare_each` or `compare_values` made, and in how many parts none."""
    made = int(table["comparisons"].iloc[0]) if len(table) else 0
    few = int((table["reading"] == "too few to tell").sum())
    said = words.comparison
    some = said.how_many(made) if few < len(table) or not few else ""
    return f"{some} {said.too_few_in(few, len(table))}".strip()
