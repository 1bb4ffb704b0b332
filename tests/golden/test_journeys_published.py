"""Cumulative incidences that others have published."""

import numpy as np
import pytest

from workbench.analyses import journeys


def test_breast_cancer_patients_of_a_note_on_competing_risks():
    # Satagopan and others (2004), A note on competing risks in survival data analysis, British
    # Journal of Cancer 91, 1229 to 1235, table 2: months of the first nine of 305 patients; 1: dead
    # of breast cancer, 2: dead of something else, 0: alive.
    months = [7, 10, 14, 16, 18, 23, 24, 26, 27, *[28] * 296]
    status = [0, 1, 0, 1, 2, 1, 0, 2, 1, *[0] * 296]
    table = journeys.cumulative_incidence(months, status).table
    died = table[table["cause"] == 1].set_index("time")["incidence"]
    published = {10: 0.003, 16: 0.006, 23: 0.009, 27: 0.012}  # sums of steps rounded to 0.3 %
    for month, share in published.items():
        assert died[month] == pytest.approx(share, abs=0.0015)
    # the same columns, not rounded: failure probability times survival up to then, added up
    steps = np.array([1 / 304, 1 / 302, 1 / 300, 1 / 297])
    others = np.array([303 / 304, 301 / 302, 300 / 301, 299 / 300, 297 / 298])
    before = np.array([1, others[0], others[:3].prod(), others.prod()])
    np.testing.assert_allclose(died[[10, 16, 23, 27]], np.cumsum(steps * before), rtol=1e-12)


def test_standard_errors_of_stata_stcompet():
    # The values of Stata's `stcompet` that statsmodels tests its own against (test_survfunc.py).
    time = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
    cause = [1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    table = journeys.cumulative_incidence(time, cause).table
    last = table[table["time"] == 7].set_index("cause")
    np.testing.assert_allclose(last["incidence"], [0.17037037, 0.20740741, 0.26666667], atol=1e-8)
    np.testing.assert_allclose(last["se"], [0.08976251, 0.10610391, 0.12787781], atol=1e-8)
    first = table[(table["time"] == 1) & (table["cause"] == 1)].iloc[0]
    assert (first["incidence"], first["se"]) == pytest.approx((0.11111111, 0.07407407), abs=1e-8)
