import numpy as np
import pytest
from scipy import stats

from workbench.errors import DataError
from workbench.statistics import (
    binomial_limits,
    difference_interval,
    e_value,
    holm,
    mover,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("successes", "n", "level", "expected"),
    [
        (65, 100, 0.95, (0.552544, 0.736358)),
        (65, 100, 0.998, (0.495495, 0.778354)),
        (1045, 5000, 0.95, (0.197955, 0.220491)),
    ],
)
def test_wilson_published(successes, n, level, expected):
    assert wilson_interval(successes, n, level) == pytest.approx(expected, abs=1e-6)


def test_wilson_at_the_edges():
    lower, upper = wilson_interval([0, 10, 0], [10, 10, 0])
    assert lower[0] == 0
    assert upper[1] == 1
    assert upper[0] == pytest.approx(1 - lower[1])
    assert np.isnan(lower[2])
    assert np.isnan(upper[2])


def test_wilson_is_where_the_score_test_turns():
    lower, upper = wilson_interval(7, 40)
    for end in (lower, upper):
        z = (7 / 40 - end) / np.sqrt(end * (1 - end) / 40)
        assert abs(z) == pytest.approx(stats.norm.isf(0.025))


def test_wilson_tells_all_that_is_wrong():
    with pytest.raises(DataError) as error:
        wilson_interval([-1, 11, 5], [10, 10, 10], level=95)
    assert error.value.problems == (
        "successes: 2 below 0 or above n. Count the successes among the n people.",
        "level: 95 is not between 0 and 1. Give 0.95 for a 95 % interval.",
    )


@pytest.mark.parametrize("n", [1, 8, 40, 200])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.97])
def test_binomial_limits_leave_no_more_than_the_tail_on_each_side(n, share):
    low, high = binomial_limits(n, share)
    tail = stats.norm.sf(3)
    assert stats.binom.cdf(low - 1, n, share) < tail <= stats.binom.cdf(low, n, share)
    assert stats.binom.sf(high, n, share) <= tail < stats.binom.sf(high - 1, n, share)


def test_a_difference_of_arrays_is_that_of_each_pair():
    lower, upper = difference_interval(([56, 9], [70, 10]), ([48, 3], [80, 10]))
    assert lower == pytest.approx([0.0524, 0.1705], abs=1e-4)  # Newcombe (1998), table II
    assert upper == pytest.approx([0.3339, 0.8090], abs=1e-4)


def test_a_difference_with_nobody_on_one_side_is_not_known():
    lower, upper = difference_interval((0, 0), (3, 10))
    assert np.isnan(lower) and np.isnan(upper)


def test_an_interval_of_a_difference_is_put_together_from_both_sides():
    assert mover(0.5, (0.4, 0.6), 0.2, (0.2, 0.2)) == pytest.approx((0.2, 0.4))
    lower, upper = mover(0.5, (0.47, 0.54), 0.2, (0.17, 0.24))
    assert (lower, upper) == pytest.approx((0.25, 0.35))


@pytest.mark.parametrize(
    ("ratio", "value"),
    [(3.9, 7.26), (1 / 3.9, 7.26), (1.0, 1.0), (0.0, np.inf)],  # VanderWeele and Ding (2017)
)
def test_the_e_value(ratio, value):
    assert e_value(ratio) == pytest.approx(value, abs=5e-3)


def test_the_e_value_of_what_is_not_known_is_not_known():
    assert np.isnan(e_value(float("nan")))


def test_holm_grows_with_the_questions_and_keeps_what_is_missing():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    adjusted = holm([0.01, np.nan, 0.04])
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.04]) and np.isnan(adjusted[1])
    assert len(holm([])) == 0
