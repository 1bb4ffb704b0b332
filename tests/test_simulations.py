"""The simulation of docs/methods.md in small: every truth can be drawn, and nothing is far off."""

import re
from pathlib import Path

import numpy as np
import pytest
from benchmarks.simulate import contact, groups, order
from benchmarks.simulate.__main__ import PARTS, published
from benchmarks.simulate.truths import NULLS, PEAKS, SPREADS, exposures, happens

METHODS = Path(__file__).parents[1] / "docs" / "methods.md"


def share(asked, *given, times=40):
    """How often each question of a truth is answered with yes."""
    drawn = [asked(np.random.default_rng([7, seed]), *given) for seed in range(times)]
    return {
        name: float(np.nanmean([float(each[name]) for each in drawn]))
        for name in drawn[0]
        if not np.isnan([float(each[name]) for each in drawn]).all()
    }


@pytest.mark.parametrize("truth", [each for _, grid, _ in PARTS.values() for each in grid],
                         ids=lambda truth: truth[0])  # fmt: skip
def test_every_truth_can_be_drawn(truth):
    _, asked, given = truth
    answers = asked(np.random.default_rng(0), *given)
    assert answers
    for value in answers.values():
        assert value is None or np.isnan(value) or 0 <= value <= 1


def test_the_grids_hold_what_they_should():
    assert (len(NULLS), len(PEAKS), SPREADS) == (8, 4, ("skewed", "even"))
    for name, shape in {**NULLS, **PEAKS}.items():
        chances = shape(np.linspace(0, 7, 100))
        assert chances.max() <= 1 and np.isfinite(chances).all(), name
    x = exposures("skewed", 1000, np.random.default_rng(0))
    assert np.quantile(x, 0.25) < 1.5 and x.max() < 10
    assert set(happens(x / 10, np.random.default_rng(0))) == {0.0, 1.0}


def test_shapes_without_a_peak_are_seldom_called_one():
    claims = [share(contact.null, name, "skewed", 300, times=25) for name in NULLS]
    assert np.mean([each["a sweet spot is claimed"] for each in claims]) < 0.06
    plateau = claims[list(NULLS).index("level from 1")]
    assert plateau["a quadratic would"] > 0.5


def test_a_sharp_peak_is_found_and_its_place_is_in_the_range():
    found = share(contact.true_peak, "sharp, at 2.5", "skewed", 300)
    assert found["a sweet spot is claimed"] > 0.9
    assert found["the range holds the truth"] > 0.85


def test_intervals_hold_the_truth():
    assert share(groups.plain, 300, 0.45, 0.1, times=100)["the interval holds the truth"] > 0.87
    mixed = share(groups.mixed, 400, 0.1, times=25)
    assert mixed["the adjusted interval holds the truth"] > 0.8
    assert share(groups.unknown, 600)["a difference is claimed"] < 0.15


def test_supports_that_start_late_find_nothing_by_a_landmark_and_much_without():
    found = share(order.null, 1500)
    assert found["early or not by then: a difference is claimed"] < 0.2
    assert found["ever received or never would claim one"] > 0.6


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_the_table_in_the_docs_is_the_long_one(part):
    title, grid, replications = part
    table = published(METHODS.read_text(encoding="utf-8"))[title]
    assert f"\n{replications:,} replications a line on " in table
    assert set(re.findall(r"^\| ([^|]+?) \|", table, re.M)) - {"truth"} == {t[0] for t in grid}
