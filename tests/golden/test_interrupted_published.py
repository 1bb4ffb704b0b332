"""Before and after, against a published interrupted time series.

Lopez Bernal, Cummins and Gasparrini (2017), Interrupted time series regression for the evaluation
of public health interventions, International Journal of Epidemiology 46: acute coronary events in
Sicily before and after the smoking ban of January 2005. Their Poisson model with one trend and one
step gives a rate ratio of 0.894 (0.864 to 0.925).
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from workbench.analyses.learning import effect, interrupted

EVENTS = [
    728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858, 887, 766, 851, 769, 781, 756, 766,
    752, 765, 831, 879, 928, 914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886, 831, 796,
    833, 820, 877, 758, 767, 738, 781, 843, 850, 908, 1021, 859, 976, 888, 962, 838, 810, 876, 843,
    936, 912,
]  # fmt: skip
PEOPLE = [
    379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2,
    378485.6, 375955.5, 378349.7, 376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7,
    379888.6, 380872.2, 380966.9, 381240.4, 382104.9, 381802.7, 381656.3, 383680.0, 383504.2,
    386462.9, 383783.1, 380836.8, 383483.0, 380906.2, 382926.8, 384052.4, 384449.6, 383428.4,
    388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3, 385901.9, 386516.6, 388436.5,
    383255.2, 390148.7, 385874.9, 391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3,
    391878.5, 388575.3, 392989.0, 390018.8, 390712.3,
]  # fmt: skip
BAN = 36  # months before it
LOGS = pd.Series(np.log(np.array(EVENTS) / np.array(PEOPLE)))


def design():
    time = np.arange(len(EVENTS))
    return np.column_stack([np.ones(len(time)), time >= BAN, time]).astype(float)


def test_the_published_model_gives_the_published_ratio():
    model = sm.GLM(EVENTS, design(), family=sm.families.Poisson(), offset=np.log(PEOPLE)).fit()
    assert np.exp([model.params[1], *model.conf_int()[1]]) == pytest.approx(
        [0.894, 0.864, 0.925], abs=1e-3
    )


def test_ours_on_the_logarithms_of_the_rates_gives_nearly_the_same_with_a_wider_interval():
    found = effect(LOGS, BAN, left_out=0)
    assert np.exp(found.difference) == pytest.approx(0.894, abs=0.005)
    low, high = np.exp([found.lower, found.upper])
    assert low < 0.864
    assert 0.925 < high < 1  # each month is like the one before, which Poisson leaves out
    assert found.carried_over == pytest.approx(0.37, abs=0.01)


def test_without_carry_over_it_is_ordinary_least_squares(monkeypatch):
    monkeypatch.setattr(interrupted, "_carried_over", lambda *_: 0.0)
    found = effect(LOGS, BAN, left_out=0)
    model = sm.OLS(LOGS, design()).fit()
    expected = [model.params.iloc[1], *model.conf_int().iloc[1]]
    assert [found.difference, found.lower, found.upper] == pytest.approx(expected, rel=1e-9)
