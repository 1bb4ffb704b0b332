from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analyses import signals
from workbench.errors import DataError

STEADY = [4.0, 6.0] * 7  # mean 5, moving range 2


def monthly(values, start="2023-01"):
    index = pd.period_range(start, periods=len(values), freq="M")
    return pd.Series(values, index, dtype=float)


def ruled(chart):
    """The rows that break a rule, by rule."""
    rules = chart.table["rule"].reset_index(drop=True).dropna()
    return {rule: list(rows) for rule, rows in rules.groupby(rules).groups.items()}


def problems_of(call, *args, **kwargs):
    with pytest.raises(DataError) as error:
        call(*args, **kwargs)
    return list(error.value.problems)


class TestRules:
    """After a steady baseline: mean 5, limits -0.32 and 10.32, near limits 1.453 and 8.547."""

    def after(self, *values, **arguments):
        return signals.xmr([*STEADY, *values], baseline=14, **arguments)

    def test_outside_limits(self):
        assert ruled(self.after(10.33, 5, -0.33)) == {"outside limits": [14, 16]}

    def test_on_the_limit_is_inside(self):
        upper = self.after().table.upper.iloc[0]
        assert ruled(self.after(upper)) == {}

    def test_seven_rising_points_are_a_trend(self):
        assert ruled(self.after(3, 4, 4.5, 5.5, 6, 6.5, 7, 4)) == {"trend": list(range(14, 21))}

    def test_six_rising_points_are_none(self):
        assert ruled(self.after(4.5, 5.5, 6, 6.5, 7, 4)) == {}

    def test_two_of_three_flags_the_two(self):
        assert ruled(self.after(9, 6, 9, 4)) == {"two of three": [14, 16]}

    def test_two_of_three_counts_a_point_outside_the_limits(self):
        assert ruled(self.after(11, 6, 9, 4)) == {"outside limits": [14], "two of three": [16]}

    def test_two_of_three_must_be_on_one_side(self):
        assert ruled(self.after(9, 4, 9, 4)) == {}

    def test_seven_on_one_side_are_a_shift(self):
        assert ruled(self.after(4, 6, 7, 6, 7, 6, 7, 6, 4)) == {"shift": list(range(15, 22))}

    def test_a_point_on_the_mean_breaks_a_shift(self):
        assert ruled(self.after(4, 6, 7, 6, 5, 6, 7, 6, 4)) == {}

    def test_the_first_rule_that_matches_wins(self):
        chart = self.after(4, 6, 7, 8, 9, 9.5, 10, 11)
        assert ruled(chart) == {"trend": list(range(14, 21)), "outside limits": [21]}

    def test_a_peak_belongs_to_the_trend_that_starts_there(self):
        chart = self.after(*range(1, 9), *range(7, 0, -1), better="up")
        assert chart.table["reading"].iloc[21] == "concern"
        assert chart.table["reading"].iloc[20] == "improvement"

    def test_a_run_passes_over_a_missing_month(self):
        assert ruled(self.after(4, 6, 7, 6, np.nan, 7, 6, 7, 6, 4)) == {
            "shift": [15, 16, 17, 19, 20, 21, 22]
        }

    def test_a_run_stops_at_a_rebase(self):
        values = [*STEADY, 6, 7, 6, 7, 6, 7, 6, 7]
        chart = signals.xmr(values, baseline=14, rebase_at=[18])
        assert ruled(chart) == {}

    @pytest.mark.parametrize(
        ("better", "high", "low"),
        [
            ("up", "improvement", "concern"),
            ("down", "concern", "improvement"),
            (None, "high", "low"),
        ],
    )
    def test_readings(self, better, high, low):
        reading = self.after(11, 5, -1, better=better).table["reading"]
        assert list(reading.iloc[[14, 16]]) == [high, low]
        assert reading.isna().sum() == 15


class TestChart:
    def test_columns_and_index(self):
        values = monthly(STEADY)
        table = signals.xmr(values).table
        assert list(table) == ["value", "mean", "lower", "upper", "rule", "reading"]
        assert table.index.equals(values.index)

    def test_input_is_not_changed(self):
        values = monthly([*STEADY, np.nan])
        before = values.copy()
        signals.xmr(values, baseline=13, exclude=["2023-02"], rebase_at=["2023-08"])
        pd.testing.assert_series_equal(values, before)

    def test_variation_is_of_the_latest_point(self):
        assert signals.xmr([*STEADY, 11], better="down", baseline=14).variation == "concern"
        assert signals.xmr([*STEADY, 11, 5], better="down", baseline=14).variation == "common cause"

    @pytest.mark.parametrize(
        ("better", "target", "assurance"),
        [
            ("up", 11, "fail"),
            ("up", -1, "pass"),
            ("up", 5, "hit or miss"),
            ("down", 11, "pass"),
            ("down", -1, "fail"),
            (None, 11, None),
            ("up", None, None),
        ],
    )
    def test_assurance(self, better, target, assurance):
        assert signals.xmr(STEADY, better=better, target=target).assurance == assurance

    def test_assurance_is_of_the_latest_phase(self):
        values = [*STEADY, *(20 + value for value in STEADY)]
        assert signals.xmr(values, better="up", target=15).assurance == "hit or miss"
        assert signals.xmr(values, better="up", target=15, rebase_at=[14]).assurance == "pass"

    @pytest.mark.parametrize(("points", "provisional"), [(12, True), (13, False)])
    def test_fewer_than_thirteen_points_are_provisional(self, points, provisional):
        chart = signals.xmr(STEADY[:points])
        said = "The limits are provisional: they rest on 12 points, and 13 make them firm."
        assert chart.provisional is provisional
        assert chart.notes == ((said,) if provisional else ())

    def test_each_phase_has_its_own_limits(self):
        values = monthly([*STEADY, *(20 + value for value in STEADY)])
        chart = signals.xmr(values, rebase_at=["2024-03"])
        assert [phase.mean for phase in chart.phases] == [5, 25]
        assert chart.table["mean"].tolist() == [5] * 14 + [25] * 14
        assert ruled(chart) == {}
        assert ruled(signals.xmr(values)) == {"outside limits": list(range(28))}

    def test_frozen_limits_do_not_move_with_new_points(self):
        short = signals.xmr(STEADY, baseline=13).table.iloc[0, 1:4]
        long = signals.xmr([*STEADY, 9, 9, 9, 40], baseline=13).table.iloc[0, 1:4]
        assert short.tolist() == long.tolist()

    def test_an_excluded_point_is_shown_but_takes_no_part(self):
        values = monthly([*STEADY[:7], 50, *STEADY[7:]])
        chart = signals.xmr(values, exclude=["2023-08"])
        assert chart.table["value"].iloc[7] == 50
        assert chart.table.upper.iloc[0] == pytest.approx(5 + 2.66 * 2)
        assert ruled(chart) == {"outside limits": [7]}
        assert chart.notes == ("Left out of the mean, the limits and the runs: 2023-08.",)


class TestMissingAndDegenerate:
    def test_a_missing_month_is_not_zero(self):
        chart = signals.xmr([*STEADY, np.nan, *STEADY])
        assert chart.table["mean"].iloc[0] == 5
        assert chart.table.upper.iloc[0] == pytest.approx(10.32)
        assert chart.table.loc[14, ["value", "rule", "reading"]].isna().all()
        assert chart.notes == ("1 of 29 points is missing; missing is not 0.",)

    def test_the_latest_recorded_point_is_read(self):
        chart = signals.xmr(monthly([*STEADY, 11, np.nan]), baseline=14)
        assert chart.variation == "high"
        assert chart.notes[1] == "The last point, 2024-04, is missing; the reading is of 2024-03."

    def test_a_moving_range_needs_neighbours(self):
        chart = signals.xmr([1, None, 2, None, 3])
        assert chart.variation is None
        assert chart.table.upper.isna().all()
        assert chart.notes[1] == (
            "No two neighbouring points are recorded, so there is no moving range and there are "
            "no limits."
        )

    @pytest.mark.parametrize("values", [[100] * 24, [0] * 5, [0.1 + 0.2, 0.3, 0.3]])
    def test_a_constant_series_does_not_vary(self, values):
        chart = signals.xmr(values, better="up", target=50)
        assert chart.variation == "does not vary"
        assert chart.assurance is None
        assert chart.table[["lower", "upper", "rule", "reading"]].isna().all(axis=None)
        assert chart.notes == ("The values do not vary, so there are no limits.",)

    def test_screening_that_would_leave_nothing_is_not_done(self):
        assert ruled(signals.xmr([1, 1, 1, 1, 2])) == {"outside limits": [4]}

    def test_one_point(self):
        chart = signals.xmr([7])
        assert chart.variation is None
        assert chart.notes == ("There is one point to compute limits from, so there are none yet.",)

    def test_a_flat_baseline_gives_no_limits(self):
        chart = signals.xmr([1, 1, 1, 5, 6], baseline=3)
        assert chart.table.upper.isna().all()
        assert chart.variation is None
        assert chart.notes == (
            "The baseline does not vary though later values do, so there are no limits. "
            "Choose a longer baseline.",
        )

    def test_a_phase_without_points(self):
        chart = signals.xmr([*STEADY, None, None], rebase_at=[14])
        assert chart.variation == "common cause"
        assert (
            "There is no point to compute limits from: all are missing or left out." in chart.notes
        )

    @given(
        values=st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=2, max_size=40).filter(
            lambda values: any(value is not None for value in values)
        ),
        baseline=st.one_of(st.none(), st.integers(2, 20)),
    )
    def test_up_and_down_mirror_each_other(self, values, baseline):
        up = signals.xmr(pd.Series(values, dtype=float), "up", 10, baseline)
        mirrored = -pd.Series(values, dtype=float)
        down = signals.xmr(mirrored, "down", -10, baseline)
        assert (up.variation, up.assurance) == (down.variation, down.assurance)
        assert up.table["reading"].equals(down.table["reading"])
        assert not up.table.loc[up.table["value"].isna(), "rule"].notna().any()


class TestBadInput:
    def test_empty(self):
        said = ["values: empty, there is nothing to chart. Give at least one month."]
        assert problems_of(signals.xmr, pd.Series([], dtype=float)) == said

    def test_all_missing(self):
        assert problems_of(signals.run_chart, [np.nan, np.nan]) == [
            "values: all 2 points are missing, there is nothing to chart. "
            "Check where this measure is recorded."
        ]

    def test_all_problems_of_a_series_at_once(self):
        values = pd.Series(["few", 1, np.inf, 2], [2, 1, 1, 3])
        assert problems_of(signals.xmr, values, baseline=1) == [
            "values: 1 index label occurs more than once, first 1. Give each month one row.",
            "values: not in time order, 1 comes after 2. Sort by the index.",
            "values: 1 point is not numeric, first at 2. Give NA for a month without a value.",
            "values: 1 point is infinite, first at 1. "
            "A ratio of something to nothing is missing: give NA.",
            "baseline: 1 points give no limits. Give at least 2, better 13.",
        ]

    def test_all_problems_of_the_plan_at_once(self):
        values = monthly(STEADY)
        plan = {"better": "more", "target": np.nan, "rebase_at": "2022-12", "exclude": ["x"]}
        assert problems_of(signals.xmr, values, **plan) == [
            "better: 'more' is no direction. Give 'up', 'down' or None.",
            "target: nan is not a number. Leave it out where there is no target.",
            "rebase_at: 2022-12 is not in the index (2023-01 to 2024-02). "
            "Give a label of the index.",
            "exclude: x is not in the index (2023-01 to 2024-02). Give a label of the index.",
        ]

    def test_labels_of_dates_may_be_dates_or_months(self):
        values = monthly(STEADY)
        values.index = values.index.to_timestamp()
        for rebase_at in ("2023-08", date(2023, 8, 1), pd.Timestamp("2023-08-01")):
            assert len(signals.xmr(values, rebase_at=[rebase_at]).phases) == 2

    def test_all_problems_of_counts_at_once(self):
        assert problems_of(signals.p_chart, [1, 2.5, -1, 9], [0, 5, 5, 8]) == [
            "numerator: 1 point is negative, first at 2. A count starts at 0.",
            "numerator: 1 point is not whole, first at 1. "
            "A proportion counts people; chart a mean with xmr.",
            "numerator: 2 points are larger than the denominator, first at 0. "
            "Check how the measure counts.",
        ]

    def test_counts_of_different_months(self):
        shifted = pd.Series([3, 4], [1, 2])
        assert problems_of(signals.p_chart, pd.Series([1, 2]), shifted) == [
            "numerator and denominator: not the same months, first 0. Give both for every month."
        ]

    def test_nobody_in_any_month(self):
        assert problems_of(signals.u_chart, [0, 0], [0, 0]) == [
            "count and exposure: in no month are both recorded and the exposure above 0. "
            "Check where they come from."
        ]

    def test_events_without_exposure(self):
        assert problems_of(signals.u_chart, [1, 1], [0, 5]) == [
            "count: 1 point is above 0 where the exposure is 0, first at 0. "
            "Check how the measure counts."
        ]
