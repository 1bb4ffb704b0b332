"""A logged change that did nothing, and one that did: how often a move is claimed of each."""

import numpy as np
import pandas as pd

from benchmarks.simulate.truths import Floats
from workbench.analyses.learning import effect

SIZES = ((21, 14), (29, 15), (36, 24))  # intervals in all, and those before the change
WAVE = 0.7  # of a season, in standard deviations
DRIFT = 0.08  # of a trend, an interval
BAD = -2.0  # a month so bad that something is done about it, in standard deviations


def noise(dice: np.random.Generator, n: int, carried: float) -> Floats:
    """Errors of one standard deviation, each of which carries over to the next."""
    errors = np.empty(n)
    errors[0] = dice.standard_normal()
    for i in range(1, n):
        errors[i] = carried * errors[i - 1] + np.sqrt(1 - carried**2) * dice.standard_normal()
    return errors


def step(
    dice: np.random.Generator,
    n: int,
    before: int,
    carried: float = 0.0,
    size: float = 0.0,
    drift: float = 0.0,
    wave: float = 0.0,
    prompted: int | None = None,
) -> dict[str, float]:
    """One series with a step of `size` after `before` intervals, and what is said of it.

    `prompted`: the change was made so many intervals after a bad one.
    """
    time = np.arange(n)
    values = noise(dice, n, carried) + drift * time + wave * np.sin(2 * np.pi * time / 12)
    if prompted is not None:
        values[before - prompted] = drift * (before - prompted) + BAD - abs(dice.normal(0, 0.3))
    values = pd.Series(values + size * (time >= before))
    found = effect(values, before)
    naive = values.iloc[before:].mean() - values.iloc[max(0, before - 3) : before].mean()
    answers: dict[str, float] = {
        "the interval holds the truth": found.lower <= size <= found.upper,
        "a move up is claimed": found.lower > 0,
    }
    if prompted is not None:
        answers["the mean after lies above that of the three before"] = naive > 0
    return answers


def _truths() -> list[tuple[str, object, tuple[object, ...]]]:
    grid: list[tuple[str, object, tuple[object, ...]]] = []
    for n, before in SIZES:
        of = f"{n} months, {before} before"
        grid += [
            (f"nothing, carry-over {carried:g}, {of}", step, (n, before, carried))
            for carried in (0.0, 0.3, 0.5)
        ]
    n, before = SIZES[1]
    grid += [
        (f"nothing, a trend, {n} months", step, (n, before, 0.3, 0.0, DRIFT)),
        (f"nothing, a season, {n} months", step, (n, before, 0.0, 0.0, 0.0, WAVE)),
        (f"nothing, the month after a bad one, {n} months", step,
         (n, before, 0.0, 0.0, 0.0, 0.0, 1)),
        (f"nothing, two months after a bad one, {n} months", step,
         (n, before, 0.0, 0.0, 0.0, 0.0, 2)),
        (f"nothing, three months after a bad one, {n} months", step,
         (n, before, 0.0, 0.0, 0.0, 0.0, 3)),
    ]  # fmt: skip
    grid += [
        (f"a step of {size:g} sd, {n} months, {before} before", step, (n, before, 0.0, size))
        for n, before in SIZES
        for size in (1.0, 2.0, 4.0)
    ]
    return grid


GRID = _truths()
