"""Published answers to "is there a best in the middle?", to be given by `sweet_spot.find`."""

import numpy as np
import pytest

from workbench.analyses import sweet_spot
from workbench.analyses.sweet_spot.quadratic import u_test

# fmt: off
# R datasets, airquality: daily maximum temperature at La Guardia, May to September 1973.
TEMPERATURE = [
    67, 72, 74, 62, 56, 66, 65, 59, 61, 69, 74, 69, 66, 68, 58, 64, 66, 57, 68, 62, 59, 73, 61, 61,
    57, 58, 57, 67, 81, 79, 76, 78, 74, 67, 84, 85, 79, 82, 87, 90, 87, 93, 92, 82, 80, 79, 77, 72,
    65, 73, 76, 77, 76, 76, 76, 75, 78, 73, 80, 77, 83, 84, 85, 81, 84, 83, 83, 88, 92, 92, 89, 82,
    73, 81, 91, 80, 81, 82, 84, 87, 85, 74, 81, 82, 86, 85, 82, 86, 88, 86, 83, 81, 81, 81, 82, 86,
    85, 87, 89, 90, 90, 92, 86, 86, 82, 80, 79, 77, 79, 76, 78, 78, 77, 72, 75, 79, 81, 86, 88, 97,
    94, 96, 94, 91, 92, 93, 93, 87, 84, 80, 78, 75, 73, 81, 76, 77, 71, 71, 78, 67, 76, 68, 82, 64,
    71, 81, 69, 63, 70, 77, 75, 76, 68,
]
# R datasets, mtcars: miles per gallon and horsepower of 32 cars, Motor Trend 1974.
MILES = [
    21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
    14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4,
]
HORSEPOWER = [
    110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230, 66, 52, 65,
    97, 150, 150, 245, 175, 66, 91, 113, 264, 175, 335, 109,
]
# fmt: on
DAYS = np.arange(1, len(TEMPERATURE) + 1)


def test_the_two_lines_test_of_its_author() -> None:
    # Simonsohn (2018), twolines 0.52 in R
    lines = sweet_spot.find(DAYS, TEMPERATURE).two_lines
    assert lines.breakpoint == pytest.approx(82.5094, rel=5e-3)
    assert lines.slope_low == pytest.approx(0.290593, abs=1e-3)
    assert lines.slope_high == pytest.approx(-0.188598, abs=1e-3)
    assert lines.z_low == pytest.approx(9.80183, abs=1e-3)
    assert lines.z_high == pytest.approx(-5.90440, abs=1e-3)


def test_the_two_lines_test_finds_no_u_in_cars() -> None:
    # Simonsohn (2018), twolines 0.52 in R
    found = sweet_spot.find(HORSEPOWER, MILES)
    assert found.two_lines.z_low == pytest.approx(-6.92412, abs=1e-3)
    assert found.two_lines.z_high == pytest.approx(0.37093, abs=1e-3)
    assert found.verdict == "less is better"


def test_the_u_test_with_its_authors_ends() -> None:
    # Lind and Mehlum (2010), utest in Stata and R: the smallest and the largest exposure
    x, y = DAYS.astype(float), np.array(TEMPERATURE, float)
    found = u_test(x, y, np.zeros((len(x), 0)), ends=(1, 153))
    assert found.slope_low == pytest.approx(0.560448, abs=1e-3)
    assert found.slope_high == pytest.approx(-0.395711, abs=1e-3)
    assert found.t == pytest.approx(7.96738, abs=1e-3)


def test_the_u_test_with_ours() -> None:
    # the 5th and the 95th percentile; vertex and interval do not depend on them (Fieller 1954)
    found = sweet_spot.find(DAYS, TEMPERATURE).u_test
    assert found.slope_low == pytest.approx(0.51264, abs=1e-3)
    assert found.slope_high == pytest.approx(-0.34790, abs=1e-3)
    assert found.t == pytest.approx(7.726, abs=1e-3)
    assert found.vertex == pytest.approx(90.094, abs=1e-3)
    assert found.fieller == pytest.approx((85.798, 95.466), abs=1e-3)
    assert found.kind == "interval"
    assert found.p < 1e-10
