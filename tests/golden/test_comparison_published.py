"""Differences and pooled odds against published values; each test names its source."""

import numpy as np
import pandas as pd
import pytest

from workbench.analyses import comparison

# Newcombe (1998), Interval estimation for the difference between independent proportions,
# Statistics in Medicine 17, 873-890, table II, method 10
NEWCOMBE = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
]

# Bickel, Hammel and O'Connell (1975), Sex bias in graduate admissions: data from Berkeley, Science
# 187, 398-404; R 4, datasets::UCBAdmissions: men admitted, rejected, women admitted, rejected
BERKELEY = {
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}


@pytest.mark.parametrize(("first", "second", "published"), NEWCOMBE)
def test_the_interval_of_a_difference(first, second, published):
    rows = [(1, 1)] * first[0] + [(1, 0)] * (first[1] - first[0])
    rows += [(0, 1)] * second[0] + [(0, 0)] * (second[1] - second[0])
    frame = pd.DataFrame(rows, columns=["residential", "success"])
    found = comparison.compare(frame, group="residential", outcome="success")
    assert np.round(found.interval, 4).tolist() == list(published)
    assert (found.n, found.successes) == ((first[1], second[1]), (first[0], second[0]))


def applicants():
    rows = [
        (department, man, admitted)
        for department, counts in BERKELEY.items()
        for (man, admitted), count in zip(((1, 1), (1, 0), (0, 1), (0, 0)), counts, strict=True)
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["department", "man", "admitted"])


def test_odds_pooled_over_departments_turn_the_crude_comparison_round():
    people = applicants()
    pooled = comparison.pooled_odds_ratio(people, "man", "admitted", strata="department")
    assert pooled.odds_ratio == pytest.approx(0.9046968, abs=5e-8)
    assert pooled.interval == pytest.approx((0.77191, 1.06033), abs=5e-6)
    assert (pooled.strata, pooled.people, pooled.notes) == (6, 4526, ())
    assert comparison.compare(people, "man", "admitted").verdict == "higher"


def test_men_and_women_applied_to_departments_too_different_for_a_single_adjusted_figure():
    found = comparison.compare(applicants(), "man", "admitted", case_mix=["department"])
    assert found.difference == pytest.approx(0.1416, abs=5e-5)
    assert found.verdict == "too different to compare"
