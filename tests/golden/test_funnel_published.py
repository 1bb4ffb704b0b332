"""Funnel limits against published values: exact Poisson intervals of a ratio."""

import pandas as pd
import pytest

from workbench.analyses import signals

EXPECTED = [15.0, 20.0, 30.0]
PUBLISHED = {
    "lower_95": (0.5596924, 0.6108260, 0.6746958),
    "upper_95": (1.649348, 1.544419, 1.427562),
    "lower_998": (0.3862650, 0.4479107, 0.5289724),
    "upper_998": (2.082907, 1.902094, 1.702771),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_exact_poisson_limits(name):
    units = pd.Series(EXPECTED)
    table = signals.funnel(units, units, overdispersion=False).table
    assert table[name].to_numpy() == pytest.approx(PUBLISHED[name], rel=1e-6)
