"""Which chart fits a measure, and what to make of its flags."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workbench.analyses import signals
from workbench.analyses.signals.chance import FALSE_ALARMS, FALSE_ALARMS_UNFROZEN
from workbench.errors import DataError

ROTA = date(2024, 1, 15)


def monthly(values, start="2023-01"):
    index = pd.period_range(start, periods=len(values), freq="M")
    return pd.Series(values, index, dtype=float)


def problems_of(call, *args, **kwargs):
    with pytest.raises(DataError) as error:
        call(*args, **kwargs)
    return list(error.value.problems)


class TestCounts:
    few = pd.Series([1, 0, 2, 1, 0, 3, 1, 0, 1, 1, 2, 0, 1, 1])  # of 20 each: expected 1

    def test_small_numbers_get_exact_limits(self):
        chart = signals.p_chart(self.few, self.few * 0 + 20)
        tail = stats.norm.sf(3)
        assert chart.table.lower.iloc[0] == stats.binom.ppf(tail, 20, 0.05) / 20 == 0
        assert chart.table.upper.iloc[0] == stats.binom.isf(tail, 20, 0.05) / 20 == 5 / 20
        assert chart.notes == (
            "14 of 14 points are expected to have fewer than 5 in the numerator or its "
            "complement: limits there are exact binomial, and runs are counted from the exact "
            "median. Quarters instead of months would show more.",
        )

    def test_only_the_thin_months_get_them(self):
        part, whole = pd.Series([10, 12, 11, 1, 9]), pd.Series([50, 50, 50, 10, 50])
        table = signals.p_chart(part, whole).table
        sigma = np.sqrt(43 / 210 * (1 - 43 / 210) / 50)
        assert table.upper.iloc[0] == pytest.approx(43 / 210 + 3 * sigma)
        assert table.upper.iloc[3] == stats.binom.isf(stats.norm.sf(3), 10, 43 / 210) / 10

    def test_a_usual_run_of_zeros_is_no_shift(self):
        rare = pd.Series([1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
        assert signals.p_chart(rare, rare * 0 + 10).table["rule"].isna().all()
        assert signals.c_chart(rare).table["rule"].isna().all()

    def test_an_empty_denominator_is_missing(self):
        chart = signals.p_chart([0, 30, 32, 28], [0, 60, 60, 60])
        assert chart.table.loc[0, ["value", "lower", "rule"]].isna().all()
        assert chart.table["mean"].iloc[0] == 0.5
        assert chart.notes == (
            "1 of 4 points is missing; missing is not 0.",
            "The limits are provisional: they rest on 3 points, and 13 make them firm.",
            "1 of 4 points has a denominator of 0, so no value.",
        )

    def test_shares_that_never_vary(self):
        assert signals.p_chart([0, 0, 0], [9, 8, 7]).variation == "does not vary"

    def test_prime_limits_are_as_wide_as_the_months_scatter(self):
        count = pd.Series([300, 500, 300, 500, 300, 500])
        table = signals.u_chart(count, count * 0 + 1000, prime=True).table
        half = 3 * 0.2 / 1.128  # neighbours differ by 0.2 throughout
        assert table.upper.iloc[0] - 0.4 == pytest.approx(half)
        assert 0.4 - table.lower.iloc[0] == pytest.approx(min(half, 0.4))

    @pytest.mark.parametrize(
        ("share", "people", "advice"),
        [(0.5, 10, "month"), (0.1, 20, "quarter"), (0.95, 40, "quarter"), (0.1, 10, "longer")],
    )
    def test_interval_advised(self, share, people, advice):
        whole = pd.Series([people] * 20)
        part = pd.Series([round(share * people)] * 20)
        assert signals.interval_advised(part, whole) == advice

    def test_a_stock_is_shown_plain(self):
        chart = signals.plain(monthly([40, 41, 43, 44, 46, 47, 49, 90]))
        assert list(chart.table) == ["value", "mean", "lower", "upper", "rule", "reading"]
        assert chart.table.drop(columns="value").isna().all(axis=None)
        assert (chart.variation, chart.assurance) == (None, None)
        assert chart.notes == (
            "A stock (for example a caseload) carries over from one month to the next, so limits "
            "would raise false alarms. It is shown plain; chart what flows in and what flows out.",
        )


class TestRunChart:
    def test_the_median_is_the_line_and_points_on_it_drop_out(self):
        chart = signals.run_chart([1, 5, 3, np.nan, 3, 5, 1])
        assert (chart.median, chart.useful, chart.crossings) == (3, 4, 2)
        assert chart.table["median"].tolist() == [3] * 7

    def test_one_long_run_is_a_signal(self):
        chart = signals.run_chart([1, 2] * 5 + [8, 9] * 5)
        assert (chart.longest_run, chart.crossings) == (10, 1)
        assert chart.signal

    def test_a_constant_series_gives_none(self):
        chart = signals.run_chart([2, 2, 2])
        assert (chart.useful, chart.signal) == (0, False)
        assert chart.notes == (
            "0 points are off the median; with fewer than 10 a run chart can hardly give a signal.",
        )


class TestSeason:
    month = np.arange(36)
    summer = monthly(10 - 4 * np.isin(month % 12, (6, 7)) + 0.1 * np.sin(7.0 * month), "2022-01")

    def test_a_season_is_found_and_described(self):
        found = signals.season(self.summer)
        assert found.verdict == "season"
        assert found.p < 0.001
        assert found.table["month"].tolist() == list(range(1, 13))
        assert found.table.nsmallest(2, "difference")["month"].tolist() == [7, 8]

    def test_months_are_named_wherever_the_series_ends(self):
        found = signals.season(self.summer.iloc[3:-4])
        assert set(found.table.nsmallest(2, "difference")["month"]) == {7, 8}

    def test_too_short_to_tell(self):
        found = signals.season(self.summer.iloc[:23])
        assert (found.verdict, found.p) == ("cannot tell", None)
        assert found.notes == (
            "A season can be tested from 24 recorded months, in two years or more of which six "
            "months are recorded. Recorded months: 23; such years: 2.",
        )

    @pytest.mark.parametrize("values", [np.full(24, 3.0), 5.0 + 0.3 * np.arange(30)])
    def test_a_flat_line_and_a_straight_one_have_none(self, values):
        assert signals.season(monthly(values)).verdict == "no season"

    @pytest.mark.parametrize("months", [24, 30])
    @pytest.mark.parametrize("what", ["noise", "shift", "trend", "gaps"])
    def test_false_positives_are_about_nominal(self, months, what):
        random = np.random.default_rng(5)
        when = np.arange(months)
        added = {"shift": 2.0 * (when >= months // 2 + 3), "trend": 0.2 * when}
        found = 0
        for _ in range(400):
            values = random.normal(size=months) + added.get(what, 0)
            if what == "gaps" and months > 24:
                values[[3, 17]] = np.nan
            found += signals.season(pd.Series(values)).verdict == "season"
        assert stats.binom.cdf(found, 400, 0.05) > 0.001
        assert stats.binom.sf(found - 1, 400, 0.05) > 0.001

    def test_year_on_year_is_the_difference_to_the_same_month(self):
        values = monthly([*range(12), 3, np.nan, *range(12, 22)])
        difference = signals.year_on_year(values)
        assert difference.index.equals(values.index[12:])
        assert difference.iloc[0] == 3
        assert pd.isna(difference.iloc[1])
        assert (difference.iloc[2:] == 10).all()

    def test_year_on_year_goes_by_the_calendar(self):
        values = monthly(range(25)).drop(pd.Period("2023-06"))
        difference = signals.year_on_year(values)
        assert pd.isna(difference[pd.Period("2024-06")])
        assert (difference.dropna() == 12).all()

    def test_year_on_year_needs_more_than_a_year(self):
        assert problems_of(signals.year_on_year, monthly(range(12))) == [
            "values: 12 months hold no month a year apart. "
            "Give more than 12, or chart them as they are."
        ]

    def test_quarters_have_no_months(self):
        quarters = pd.Series(range(8), pd.period_range("2023Q1", periods=8, freq="Q"))
        assert problems_of(signals.season, quarters) == [
            "values: periods of 'Q-DEC', not months. Give one value a month."
        ]


class TestChangesProposed:
    shifted = monthly([3, 4] * 6 + [9, 8] * 6)  # up from 2024-01

    def test_a_shift_that_starts_at_a_logged_change(self):
        log = pd.DataFrame({"change_date": [ROTA], "description": ["new rota"]})
        proposed = signals.changes_proposed(self.shifted, log)
        assert proposed.to_dict("records") == [
            {
                "rebase_at": pd.Period("2024-01"),
                "change_date": ROTA,
                "description": "new rota",
                "side": "above",
                "points": 12,
                "mean_before": 3.5,
                "mean_after": 8.5,
            }
        ]
        rebased = signals.xmr(self.shifted, rebase_at=proposed["rebase_at"])
        assert signals.changes_proposed(rebased, log).empty

    @pytest.mark.parametrize("index", ["dates", "places"])
    def test_other_indexes(self, index):
        values, change = self.shifted.reset_index(drop=True), 12
        if index == "dates":
            values, change = self.shifted.set_axis(self.shifted.index.to_timestamp()), ROTA
        proposed = signals.changes_proposed(signals.xmr(values, baseline=12), [change])
        assert proposed["rebase_at"].tolist() == [values.index[12]]

    @pytest.mark.parametrize("when", [date(2023, 10, 1), date(2024, 3, 1), date(2021, 1, 1)])
    def test_a_change_at_another_time_proposes_nothing(self, when):
        assert signals.changes_proposed(self.shifted, [when]).empty

    def test_seven_points_propose_nothing(self):
        assert signals.changes_proposed(self.shifted.iloc[:19], [ROTA]).empty
        assert len(signals.changes_proposed(self.shifted.iloc[:20], [ROTA])) == 1

    def test_all_that_are_no_dates_are_told(self):
        remedy = "neither a date nor a label of the chart. Give dates, or labels of its index."
        assert problems_of(signals.changes_proposed, self.shifted, ["soon", None]) == [
            f"logged changes: soon is {remedy}",
            f"logged changes: None is {remedy}",
        ]


def groups(*rows):
    return pd.DataFrame(rows, columns=["site", "numerator", "denominator"])


counts = st.tuples(st.integers(0, 60), st.integers(0, 100)).map(sorted)
periods = st.dictionaries(st.sampled_from("ABCDE"), counts, min_size=1).map(
    lambda sites: groups(*((site, part, whole) for site, (part, whole) in sites.items()))
)
peopled = periods.filter(lambda frame: frame["denominator"].sum() > 0)


class TestExplain:
    before = groups(("A", 20, 100), ("B", 40, 50))

    def test_other_people_at_the_same_rates_is_mix(self):
        now = groups(("A", 10, 50), ("B", 80, 100))
        why = signals.explain(now, self.before, by=["site"])
        assert why.total == pytest.approx(90 / 150 - 60 / 150)
        assert (why.volume, why.mix, why.rate) == pytest.approx((0, 0.2, 0))

    def test_one_site_doing_better_is_its_rate(self):
        now = groups(("A", 50, 100), ("B", 40, 50))
        why = signals.explain(now, self.before, by=["site"])
        assert (why.volume, why.mix, why.rate) == pytest.approx((0, 0, 0.2))
        assert why.table.loc[0, ["site", "rate"]].tolist() == ["A", pytest.approx(0.2)]
        assert list(why.table) == ["site", "volume", "mix", "rate", "change"]

    def test_twice_as_many_of_all_is_volume(self):
        now = groups(("A", 40, 200), ("B", 80, 100))
        why = signals.explain(now, self.before, by=["site"], of="count")
        assert (why.volume, why.mix, why.rate) == pytest.approx((60, 0, 0))

    def test_a_count_shows_which_group_moved_beyond_the_rest(self):
        now = groups(("A", 20, 0), ("B", 70, 0)).drop(columns="denominator")
        before = self.before.drop(columns="denominator")
        why = signals.explain(now, before, by=["site"])
        assert (why.volume, why.mix, why.rate) == pytest.approx((30, 0, 0))
        assert why.table.set_index("site")["change"].to_dict() == pytest.approx({"B": 30, "A": 0})

    def test_a_new_group_with_its_missing_name(self):
        now = groups(("A", 20, 100), ("B", 40, 50), (None, 9, 10))
        why = signals.explain(now, self.before, by=["site"])
        assert why.rate == pytest.approx(0)
        assert why.table["site"].isna().sum() == 1

    @given(now=peopled, before=peopled)
    def test_parts_add_up_to_a_change_of_a_ratio(self, now, before):
        why = signals.explain(now, before, by=["site"])
        ratios = [f["numerator"].sum() / f["denominator"].sum() for f in (before, now)]
        assert why.total == pytest.approx(ratios[1] - ratios[0], abs=1e-12)
        assert why.volume + why.mix + why.rate == pytest.approx(why.total, abs=1e-12)
        assert why.table["change"].sum() == pytest.approx(why.total, abs=1e-12)

    @given(now=peopled, before=peopled, sized=st.booleans())
    def test_parts_add_up_to_a_change_of_a_count_for_each_group(self, now, before, sized):
        if not sized:
            now, before = (frame.drop(columns="denominator") for frame in (now, before))
        why = signals.explain(now, before, by=["site"], of="count")
        counted = [frame.groupby("site")["numerator"].sum() for frame in (now, before)]
        moved = counted[0].sub(counted[1], fill_value=0)
        assert why.total == pytest.approx(moved.sum(), abs=1e-9)
        assert why.volume + why.mix + why.rate == pytest.approx(why.total, abs=1e-9)
        found = why.table.set_index("site")["change"]
        assert found.sort_index().tolist() == pytest.approx(moved.sort_index().tolist(), abs=1e-9)

    def test_all_problems_at_once(self):
        now = groups(("A", 1, 0), ("B", -1, 0), ("C", None, 0))
        empty = self.before.iloc[:0]
        assert problems_of(signals.explain, now, empty, by=["site"], of="mean") == [
            "of: 'mean' is no kind of measure. Give 'ratio' or 'count'.",
            "now: numerator: 2 are missing, infinite, negative or no number. Give counts from 0.",
            "before: no rows. Give one row per group.",
        ]
        assert problems_of(signals.explain, now.iloc[:1], self.before[["site"]], by=["site"]) == [
            "now: 1 has a numerator but denominator 0. Check how the measure counts.",
            "now: all denominators are 0. Choose a period with people in it.",
            "before: no column numerator, denominator. Give one row per group, with it.",
        ]


class TestExpectedByChance:
    def test_it_grows_with_what_is_looked_at(self):
        assert signals.expected_by_chance(120) == pytest.approx(120 * FALSE_ALARMS[13])
        assert signals.expected_by_chance(12, months=10) == signals.expected_by_chance(120)
        assert signals.expected_by_chance(0) == 0

    def test_longer_baselines_raise_fewer(self):
        expected = [signals.expected_by_chance(100, baseline=points) for points in range(8, 100)]
        assert expected == sorted(expected, reverse=True)

    @pytest.mark.parametrize(
        ("baseline", "rate"), [(13, FALSE_ALARMS[13]), (None, FALSE_ALARMS_UNFROZEN)]
    )
    def test_the_rates_are_those_of_charts_on_noise(self, baseline, rate):
        random = np.random.default_rng(7)
        charts = 1500
        flagged = sum(
            signals.xmr(random.normal(size=36), baseline=baseline).variation in ("high", "low")
            for _ in range(charts)
        )
        assert stats.binomtest(flagged, charts, rate).pvalue > 0.01

    def test_all_problems_at_once(self):
        assert problems_of(signals.expected_by_chance, -1, -2, 3) == [
            "charts: -1 is below 0. Give how many were looked at.",
            "months: -2 is below 0. Give how many were looked at.",
            "baseline: 3 points are too few to say; limits rest on 8 or more.",
        ]
