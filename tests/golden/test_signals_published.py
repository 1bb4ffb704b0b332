"""Charts against values published elsewhere; each test names its source."""

import pandas as pd
import pytest

from workbench.analyses import signals


def numbers(text):
    return pd.Series([float(word) for word in text.split()])


def outside(chart):
    """Places (from 1) of the points outside the limits, as the sources count them."""
    return [row + 1 for row in chart.table.index[chart.table.rule == "outside limits"]]


# NHSRplotthedots 0.2.2, vignettes/deviations.Rmd
DEVIATIONS = numbers("1 2 1 2 10 1 2 1 2 1 2 1 2 1 2 1 2 1")

# Montgomery, Introduction to Statistical Quality Control, table 6.7, limits frozen at 20;
# values of qicharts2 0.8.1, tests/testthat/ex_6.5_3.rds
COSTS = numbers(
    "310 288 297 298 307 303 294 297 308 306 294 299 297 299 314 295 293 306 301 304 "
    "305 282 305 296 314 295 287 301 298 311 310 292 305 299 304 310 304 305 333 328"
)

# Montgomery, table 7.8, frozen at 26 without 6 and 20; qicharts2, ex_7.3_3.rds
DEFECTS = numbers(
    "21 24 16 12 15 5 28 20 31 25 20 24 16 19 10 17 13 22 18 39 30 24 16 19 17 15 "
    "16 18 12 15 24 21 28 20 25 19 18 21 16 22 19 12 14 9 16 21"
)

# Montgomery, table 7.3, of 50 each, a new phase from 31, without 15 and 23; qicharts2, ex_7.1_5.rds
CANS = numbers(
    "12 15 8 10 4 7 16 9 14 10 5 6 17 12 22 8 10 5 13 11 20 18 24 15 9 12 7 13 9 6 "
    "9 6 12 5 6 4 6 3 7 6 2 4 3 6 5 4 8 5 6 7 5 6 3 5 8 7 5 6 4 5 2 3 4 7 6 5 5 3 7 9 6 10 4 3 "
    "5 8 11 9 7 3 5 2 1 4 5 3 7 6 4 4 6 8 5 6"
)

# Montgomery, table 7.4; qicharts2, tbl_7.4_1.rds
ORDERS = numbers("12 8 6 9 10 12 11 16 10 6 20 15 9 8 6 8 10 7 5 8 5 8 10 6 9")
ORDERS_OF = numbers(
    "100 80 80 100 110 110 100 100 90 90 110 120 120 120 110 80 80 80 90 100 100 100 100 90 90"
)

# Mohammed et al. (2013), attendances seen within four hours; qicharts2, data nhs_accidents
SEEN = numbers(
    "266501 264225 276532 281461 269071 261215 270409 279778 270483 270320 "
    "267923 271478 255353 256820 261835 259144 255910 260863 264465 260989"
)
ATTENDED = numbers(
    "280443 276823 291681 296155 282343 275888 283867 295251 284468 282529 "
    "279618 283932 266629 268091 276803 271578 266005 273520 278574 273772"
)


@pytest.mark.parametrize(
    ("screen", "lower", "upper"),
    [(True, -0.7155556, 4.6044444), (False, -3.0626144, 6.9515033)],
)
def test_xmr_with_and_without_screening(screen, lower, upper):
    chart = signals.xmr(DEVIATIONS, screen=screen)
    assert chart.table["mean"].iloc[0] == pytest.approx(1.9444, abs=5e-5)
    assert chart.table.lower.iloc[0] == pytest.approx(lower, abs=5e-8)
    assert chart.table.upper.iloc[0] == pytest.approx(upper, abs=5e-8)
    assert outside(chart) == [5]
    assert chart.table.rule.notna().sum() == 1


def test_xmr_frozen_at_twenty():
    chart = signals.xmr(COSTS, baseline=20)
    assert (chart.table["mean"] == 300.5).all()
    assert chart.table.lower.iloc[-1] == pytest.approx(279.78, abs=1e-9)
    assert chart.table.upper.iloc[-1] == pytest.approx(321.22, abs=1e-9)
    mean_moving_range = (chart.table.upper.iloc[-1] - 300.5) / 2.66
    assert mean_moving_range == pytest.approx(7.789474, abs=5e-7)
    assert outside(chart) == [39, 40]


def test_run_chart_of_the_same():
    chart = signals.run_chart(COSTS, center=300.5)
    assert (chart.longest_run, chart.longest_run_max) == (6, 8)
    assert (chart.crossings, chart.crossings_min) == (20, 14)
    assert not chart.signal


def test_c_chart_frozen_without_two():
    chart = signals.c_chart(DEFECTS, baseline=26, exclude=[5, 19])
    assert chart.table["mean"].iloc[-1] == pytest.approx(19.666667, abs=5e-7)
    assert chart.table.lower.iloc[-1] == pytest.approx(6.362532, abs=5e-7)
    assert chart.table.upper.iloc[-1] == pytest.approx(32.970801, abs=5e-7)
    assert outside(chart) == [6, 20]


def test_run_chart_signal_without_two():
    chart = signals.run_chart(DEFECTS, center=59 / 3, exclude=[5, 19])
    assert (chart.longest_run, chart.longest_run_max) == (8, 8)
    assert (chart.crossings, chart.crossings_min) == (14, 16)
    assert chart.signal


def test_p_chart_in_two_phases_without_two():
    chart = signals.p_chart(CANS, CANS * 0 + 50, rebase_at=[30], exclude=[14, 22])
    first, second = chart.phases
    assert (first.points, second.points) == (28, 64)
    assert (first.mean, second.mean) == pytest.approx((0.215, 0.1096875), abs=1e-12)
    assert (first.lower, first.upper) == pytest.approx((0.04070284, 0.38929716), abs=5e-9)
    assert (second.lower, second.upper) == pytest.approx((0.0, 0.24226996), abs=5e-9)
    assert outside(chart) == [15, 21, 23]


def test_p_chart_of_unequal_sizes():
    table = signals.p_chart(ORDERS, ORDERS_OF).table
    assert table["mean"].iloc[0] == pytest.approx(0.0955102, abs=5e-8)
    limits = {  # size: (lower, upper)
        80: (0, 0.194093421),
        90: (0.002565056, 0.188455352),
        100: (0.007334695, 0.183685713),
        110: (0.011438155, 0.179582254),
        120: (0.015017345, 0.176003063),
    }
    assert list(table.lower) == pytest.approx([limits[n][0] for n in ORDERS_OF], abs=5e-9)
    assert list(table.upper) == pytest.approx([limits[n][1] for n in ORDERS_OF], abs=5e-9)
    assert list(table.index[table.rule == "outside limits"]) == [10]


def test_u_chart_of_equal_sizes():
    # Montgomery, table 7.10; qicharts2, ex_7.4_1.rds
    errors = numbers("2 3 8 1 1 4 1 4 5 1 8 2 4 3 4 1 8 3 7 4")
    table = signals.u_chart(errors, errors * 0 + 50).table
    assert table[["mean", "lower", "upper"]].iloc[0].tolist() == pytest.approx(
        [0.074, 0, 0.18941230], abs=5e-9
    )
    assert not (table.rule == "outside limits").any()


def test_u_chart_of_unequal_sizes():
    # Montgomery, table 7.11, defects per 50 square metres; qicharts2, ex_7.5_1.rds
    defects = numbers("14 12 20 11 7 10 21 16 19 23")
    metres = numbers("500 400 650 500 475 500 600 525 600 625")
    table = signals.u_chart(defects, metres / 50).table
    assert table["mean"].iloc[0] == pytest.approx(1.42325581, abs=5e-9)
    assert list(table.lower[[0, 1, 2, 9]]) == pytest.approx(
        [0.291473930, 0.157885200, 0.430617437, 0.410959323], abs=5e-9
    )
    assert list(table.upper[[0, 1, 2, 9]]) == pytest.approx(
        [2.555037698, 2.688626428, 2.415894191, 2.435552305], abs=5e-9
    )


def test_p_prime_chart_of_very_many_people():
    # qicharts2 0.8.1, docs/articles/qicharts2.html, case 5: labels of the last week, in per cent
    chart = signals.p_chart(SEEN, ATTENDED, prime=True)
    last = 100 * chart.table[["lower", "mean", "upper"]].iloc[-1]
    assert last.tolist() == pytest.approx([93.997, 95.290, 96.582], abs=1e-3)
    assert outside(chart) == []
    assert len(outside(signals.p_chart(SEEN, ATTENDED))) > 10


def test_rules_of_the_nhs_package():
    # NHSRplotthedots 0.2.2, tests/testthat/test-ptd_calculate_point_type.R
    up_and_down = signals.xmr([0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1]).table
    assert up_and_down.lower.iloc[0] == pytest.approx(0.84)
    assert up_and_down.upper.iloc[0] == pytest.approx(6.16)
    assert list(up_and_down.rule[[0, 7]]) == ["outside limits"] * 2
    assert (up_and_down.rule.drop([0, 7]) == "trend").all()

    not_quite = signals.xmr([1, 2, 3, 3, 4, 5, 6]).table
    assert not (not_quite.rule == "trend").any()

    eight_above = signals.xmr([5.1, 5.0, 5.2, 5.0, 5.1, 5.0, 5.2, 5.0, 1.0], screen=False).table
    assert list(eight_above.rule[:8]) == ["shift"] * 8
