"""Whether the answer differs between groups of clients, and what it is in each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from workbench import case_mix, disclosure, groups, words
from workbench.analyses.sweet_spot.curve import knots_of, spline
from workbench.analyses.sweet_spot.finding import SweetSpot, find
from workbench.analyses.sweet_spot.regression import fit
from workbench.analyses.sweet_spot.study import Study
from workbench.statistics import Floats, holm

FEWEST = 100  # people of known outcome in a group
SILENT = ("cannot tell", "less is better")  # verdicts without a range


@dataclass(frozen=True)
class Groups:
    """The answer in each group that is large enough, and whether the shapes of the curves differ.

    `results`: by group, verdicts that stand when all groups are counted as one question (Holm).
    `p`: that curves differ by chance alone; None with fewer than two groups. `small`: how many
    groups are too small.
    """

    by: str
    results: dict[str, SweetSpot]
    stands: dict[str, bool]
    p: float | None
    small: int
    sentence: str


def by_group(of: Study, by: str) -> Groups:
    """The question of a study within each group of `by`, an attribute of clients or enrolments.

    Groups of at least 100 people of known outcome are asked. "Sweet spot" stands in a group only
    after correction for the number of groups asked (Holm 1979); the shapes are compared by a Wald
    test of spline by group, with errors HC3.
    Raises DataError where people cannot be grouped by `by`.
    """
    people = groups.labelled(of.data, of.people.reset_index(names="place"), by)
    people = people.sort_values("place", ignore_index=True)
    known = people[people["success"].notna()]
    sizes = known["group"].value_counts()
    large = sorted(str(each) for each in sizes.index[sizes >= FEWEST])
    results = {name: _asked(of, people[people["group"] == name], by) for name in large}
    adjusted = dict(zip(results, holm([each.p for each in results.values()]), strict=True))
    stands = {
        name: result.verdict != "sweet spot" or bool(adjusted[name] < 0.05)
        for name, result in results.items()
    }
    p = _shapes_differ(of, known[known["group"].isin(large)], by) if len(large) > 1 else None
    sentence = words.sweet_spot.shapes_differ(p, by, len(large))
    return Groups(by, results, stands, p, len(sizes) - len(large), sentence)


def groups_table(of: Study, found: Groups) -> pd.DataFrame:
    """The verdict of each group: group, people, verdict, best (contacts a week). Protected."""
    rows = []
    for name, result in found.results.items():
        verdict = result.verdict if found.stands[name] else "cannot tell"
        low, high = result.best_range or (0.0, None)
        best = words.sweet_spot.range_of((low, high if verdict == "sweet spot" else None))
        rows.append((name, result.n, verdict, "" if verdict in SILENT else best))
    columns: dict[str, Any] = {"group": "str", "people": int, "verdict": "str", "best": "str"}
    return disclosure.protect(
        pd.DataFrame(rows, columns=[*columns]).astype(columns),
        people=["people"],
        within=[()],
        profile=of.data.settings.disclosure.profile,
        basis=of.data.settings.disclosure.basis,
    )


def _asked(of: Study, people: pd.DataFrame, by: str) -> SweetSpot:
    mix = people[[name for name in of.case_mix if name != by]]
    held = people["caseworker_id"] if people["caseworker_id"].notna().any() else None
    return find(
        people["contacts"], people["success"], mix if len(mix.columns) else None,
        margin=of.asked.margin, cluster=held, weeks=of.asked.weeks,
    )  # fmt: skip


def _shapes_differ(of: Study, people: pd.DataFrame, by: str) -> float | None:
    """P of the curves of all groups being parallel."""
    x = people["contacts"].to_numpy(float)
    y = people["success"].to_numpy(float)
    mix = case_mix.columns(people[[name for name in of.case_mix if name != by]]).centred
    curve = spline(np.log1p(x), knots_of(x))
    names = sorted(people["group"].unique())
    marks: Floats = np.column_stack([people["group"] == name for name in names[1:]]).astype(float)
    crossed = np.column_stack([marks[:, [g]] * curve for g in range(marks.shape[1])])
    result = fit(np.column_stack([np.ones(len(x)), crossed, curve, marks, mix]), y)
    terms = slice(1, 1 + crossed.shape[1])
    beta, covariance = result.beta[terms], result.covariance[terms, terms]
    if not np.isfinite(beta).all():
        return None
    wald = float(beta @ np.linalg.pinv(covariance) @ beta)
    return float(stats.chi2.sf(wald, len(beta)))
