"""The same question asked several times: within each programme, or of each value of an attribute.

The more often one asks, the more often chance alone looks like a difference; so a difference counts
only if it stands after correction for the number of questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from workbench import disclosure, groups
from workbench.analyses.comparison import publishing
from workbench.analyses.comparison.answers import Names, Outcome, adjusted_for, outcomes_of
from workbench.analyses.comparison.comparing import Comparison, Verdict, compare_people
from workbench.analyses.comparison.gathering import (
    MARK,
    Gathered,
    compared,
    gather,
    labels_of,
    marks,
    narrowed,
)
from workbench.analyses.comparison.questions import EVERYONE, Question, Who, clients_of
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError
from workbench.settings import Disclosure, nearest
from workbench.statistics import holm
from workbench.store import Workspace

STANDS = 0.05
_COUNTS = ("people", "recorded", "other_people", "other_recorded")
_FIGURES = ("difference", "lower", "upper")


def compare_each(
    data: Workspace,
    by: str,
    group: str,
    outcome: Outcome = None,
    who: Who = EVERYONE,
    case_mix: Names = None,
    landmark_days: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """The same question within each programme, team or site.

    One row a value of `by`: that column, reading (a verdict; "higher" and "lower" only where they
    stand after correction for the number of comparisons), difference, lower, upper (adjusted where
    `adjusted` is "yes"), people, share (with the group's mark; of those whose outcome is known),
    other_people, other_share (without it), recorded, other_recorded, unit, comparisons (how many
    were made), note.
    Protected. Raises DataError where clients cannot be told apart by `by`, and as
    `compare_clients`. Source: Holm (1979).
    """
    question, by = Question.parse(group, data), _told_apart(data, by)
    if by == question.name:
        raise DataError(f"by: {by!r} is what the groups are made of. Ask by another attribute.")
    asked = clients_of(who, data)
    gathered = narrowed(gather(data, question, outcomes_of(outcome), landmark_days), data, asked)
    values = sorted(set(labels_of(data, gathered.people, by)))
    found = {
        value: _compared(
            data, narrowed(gathered, data, {by: value}), {**asked, by: value}, case_mix, seed
        )
        for value in values
    }
    return _table(found, by, data.settings.disclosure)


def compare_values(
    data: Workspace,
    attribute: str,
    outcome: Outcome = None,
    who: Who = EVERYONE,
    case_mix: Names = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Each value of an attribute set against all other recorded ones.

    One row a value (of two values, the first only): as `compare_each`, the others being those with
    another value. Protected. Raises as `compare_each`.
    """
    by, asked = _told_apart(data, attribute), clients_of(who, data)
    first = Question("attribute", "", by)
    gathered = narrowed(gather(data, first, outcomes_of(outcome), None), data, asked)
    values = sorted(set(labels_of(data, gathered.people, by)) - {NOT_RECORDED})
    found = {}
    for value in values[: 1 if len(values) == 2 else None] if len(values) > 1 else []:
        question = replace(first, values=(value,))
        people = gathered.people.assign(**{MARK: marks(data, question, gathered.people)})
        of_value = replace(gathered, question=question, people=people)
        found[value] = _compared(data, of_value, asked, case_mix, seed)
    return _table(found, by, data.settings.disclosure)


def _told_apart(data: Workspace, by: str) -> str:
    known = groups.attributes(data)
    if by not in known:
        raise DataError(f"by: clients cannot be told apart by {by!r}{nearest(by, known)}")
    return by


def _compared(
    data: Workspace, gathered: Gathered, who: Mapping[str, str], case_mix: Names, seed: int
) -> Comparison:
    names = adjusted_for(data, gathered.question, who, case_mix)
    people, _ = compared(gathered, data, names)
    return compare_people(people, "", ("", ""), seed)


def chance(found: Comparison) -> float:
    """How often chance alone would bring a difference as large; NaN where there is no verdict.

    Source: the normal approximation, from the end of the interval that is nearer to none.
    """
    if found.verdict in publishing.REFUSED or found.rests_on is None:
        return float("nan")
    difference, (low, high) = found.rests_on
    half = difference - low if difference > 0 else high - difference
    quantile = found.quantile if found.adjusted_difference is None else stats.norm.isf(0.025)
    return float(2 * stats.norm.sf(abs(difference) / (half / quantile))) if half > 0 else 1.0


def _table(found: Mapping[str, Comparison], by: str, rules: Disclosure) -> pd.DataFrame:
    """A protected row for each comparison, with what is left of its verdict."""
    each = list(found.values())
    corrected = holm([chance(one) for one in each]) if each else np.zeros(0)
    counts = [
        (*(x for pair in zip(one.known, one.successes, strict=True) for x in pair),) for one in each
    ]
    raw = pd.DataFrame(counts, columns=list(_COUNTS)).astype(int)
    raw.insert(0, by, pd.Series(list(found), dtype="str"))
    table = disclosure.protect(
        raw.assign(
            unit=pd.Series("points", raw.index, dtype="str"),
            comparisons=int(np.isfinite(corrected).sum()),
        ),
        people=_COUNTS,
        ratios={"share": ("recorded", "people"), "other_share": ("other_recorded", "other_people")},
        plain=["comparisons", by],
        within=[()],
        parts=[("people", "other_people"), ("recorded", "other_recorded")],
        profile=rules.profile,
        basis=rules.basis,
    )
    told = [
        publishing.released(one, rules, _left(one, p), _as_counts(table.iloc[[place]]))
        for place, (one, p) in enumerate(zip(each, corrected, strict=True))
    ]
    names = [by, "reading", *_FIGURES, "people", "share", "other_people", "other_share"]
    table = disclosure.extend(table, _figures(told, each))
    return table[[*names, *(name for name in table if name not in names)]]


def _figures(
    told: Sequence[publishing.Released], exact: Sequence[Comparison]
) -> "dict[str, pd.Series[Any]]":
    """What is worked out from released numbers, a value a comparison."""
    shown = [one.found or (np.nan, (np.nan, np.nan)) for one in told]
    numbers = np.array([(found, *interval) for found, interval in shown]).reshape(-1, 3)
    adjusted = [
        "yes" if one.found and each.adjusted_difference is not None else "no"
        for one, each in zip(told, exact, strict=True)
    ]
    columns = {
        name: pd.Series(numbers[:, place], dtype="Float64") for place, name in enumerate(_FIGURES)
    }
    return {
        **columns,
        "adjusted": pd.Series(adjusted, dtype="str"),
        "reading": pd.Series([one.verdict for one in told], dtype="str"),
    }


def _left(found: Comparison, corrected: float) -> Verdict:
    """What correction for several questions leaves of a verdict."""
    if found.verdict in ("higher", "lower") and not corrected < STANDS:
        return "no clear difference"
    return found.verdict


def _as_counts(row: pd.DataFrame) -> pd.DataFrame:
    """A row of the table as the counts of its two groups."""
    names = {"known": ("people", "other_people"), "recorded": ("recorded", "other_recorded")}
    names["share"] = ("share", "other_share")
    return pd.DataFrame({name: [row[c].iloc[0] for c in pair] for name, pair in names.items()})
