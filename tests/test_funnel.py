"""Funnels: units against chance, given their size, and what cannot be told of small ones."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workbench.analyses import signals
from workbench.errors import DataError


def units(*values):
    return pd.Series(values, [f"unit {i}" for i in range(len(values))], dtype=float)


def test_a_unit_far_from_what_was_expected_stands_out_and_a_small_one_cannot_be_told():
    found = signals.funnel(
        units(20, 40, 60, 9, 0), units(20, 20, 20, 3, 4), overdispersion=False
    ).table
    assert list(found["value"].round(2)) == [1.0, 2.0, 3.0, 3.0, 0.0]
    assert found["outlier"].isna().tolist() == [True, False, False, False, False]
    assert found["outlier"].dropna().tolist() == ["99.8", "99.8", "cannot tell", "cannot tell"]
    assert found.loc["unit 4", "lower_95"] == pytest.approx(
        stats.chi2.ppf(0.025, 8) / 8
    )  # nothing observed has limits all the same


def test_ratios_are_judged_by_what_a_poisson_would_do_and_not_by_the_interval():
    """At 15 expected, 25 lies outside the interval's upper end and within the Poisson's."""
    found = signals.funnel(units(25, 24), units(15, 15), overdispersion=False).table
    assert found["value"].iloc[0] > found["upper_95"].iloc[0]
    assert stats.poisson.sf(24, 15) < 0.025 < stats.poisson.sf(22, 15)
    assert found["outlier"].iloc[0] == "95"
    inside = signals.funnel(units(23, 15), units(15, 15), overdispersion=False).table
    assert inside["outlier"].isna().all()


def test_how_often_chance_alone_flags_a_unit():
    dice = np.random.default_rng(2025)
    expected = pd.Series(np.tile([12.0, 20.0, 40.0, 80.0], 2500))
    flagged = signals.funnel(pd.Series(dice.poisson(expected)), expected, overdispersion=False)
    said = flagged.table["outlier"]
    assert 0.02 < said.notna().mean() < 0.05  # at most 5 %, less for whole numbers
    assert (said == "99.8").mean() < 0.003


def test_shares_against_the_share_of_all():
    found = signals.funnel(
        units(50, 30, 5), units(100, 100, 8), kind="proportion", overdispersion=False
    )
    assert found.centre == pytest.approx(85 / 208)
    half = stats.norm.isf(0.025) * np.sqrt(found.centre * (1 - found.centre) / 100)
    assert found.table["upper_95"].iloc[0] == pytest.approx(found.centre + half)
    assert found.table["outlier"].fillna("").tolist() == ["", "95", "cannot tell"]
    everyone = signals.funnel(units(20, 30), units(20, 30), kind="proportion")
    assert (everyone.table["outlier"] == "cannot tell").all()
    assert everyone.table["upper_998"].tolist() == [1.0, 1.0]


def test_units_that_differ_anyway_are_allowed_for():
    """Spiegelhalter (2005): with a spread of 20 % between units plain limits flag half of them."""
    dice = np.random.default_rng(7)
    expected = pd.Series(dice.uniform(100, 400, 60))
    observed = pd.Series(dice.poisson(expected * np.exp(dice.normal(0, 0.2, 60))))
    plain = signals.funnel(observed, expected, overdispersion=False)
    wide = signals.funnel(observed, expected)
    assert plain.phi == wide.phi > 3
    assert plain.tau2 == 0 and 0.05**2 < wide.tau2 < 0.15**2  # half of 0.2 on the scale of roots
    assert plain.table["outlier"].notna().mean() > 0.3
    assert wide.table["outlier"].notna().mean() < 0.2  # about 11 %: the spread is winsorised
    assert (wide.table["outlier"] == "99.8").mean() < 0.05
    assert (wide.table["upper_95"] > plain.table["upper_95"]).all()
    calm = signals.funnel(pd.Series(dice.poisson(expected)), expected)
    assert calm.phi < 2


def test_phi_and_tau2_by_hand():
    observed, expected = units(30, 10, 20, 25), units(20, 20, 20, 20)
    z = (np.sqrt(observed / expected) - 1) * 2 * np.sqrt(expected)
    z = z.clip(z.quantile(0.1), z.quantile(0.9))
    weight = 4 * expected
    phi = (z**2).mean()
    tau2 = (4 * phi - 3) / (weight.sum() - (weight**2).sum() / weight.sum())
    found = signals.funnel(observed, expected)
    assert (found.phi, found.tau2) == (pytest.approx(phi), pytest.approx(tau2))
    half = stats.norm.isf(0.025) * np.sqrt(1 / 80 + tau2)
    assert found.table["upper_95"].iloc[0] == pytest.approx((1 + half) ** 2)


@pytest.mark.parametrize(
    ("observed", "expected", "kind", "said"),
    [
        (units(1, 2), units(1, 2, 3), "ratio", r"not the same units \(2 and 3\)"),
        (units(), units(), "ratio", "there is no unit to look at"),
        (units(1, -2), units(1, 2), "ratio", "observed: 1 of 2 are no counts from 0, first at row"),
        (units(1, np.nan), units(1, 2), "ratio", "observed: 1 of 2 are no counts"),
        (units(1, 2), units(np.inf, 2), "ratio", "expected: 1 of 2 are no counts"),
        (units(3, 2), units(2, 2), "proportion", "observed: 1 of 2 above the people observed"),
        (units(0, 0), units(0, 0), "ratio", "expected: 0 in all units"),
        (units(1), units(1), "share", "'share' is neither 'ratio' nor 'proportion'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(observed, expected, kind, said):
    with pytest.raises(DataError, match=said):
        signals.funnel(observed, expected, kind=kind)


def test_one_unit_alone_and_a_unit_of_nobody():
    alone = signals.funnel(units(12), units(10))
    assert np.isnan(alone.phi) and alone.tau2 == 0
    found = signals.funnel(units(12, 0), units(12, 0)).table
    assert found["value"].isna().tolist() == [False, True]
    assert found["outlier"].fillna("").tolist() == ["", "cannot tell"]
