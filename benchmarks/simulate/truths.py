"""Invented truths: success by contacts a week, how often people are seen, and what lies behind."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = Callable[[Floats], Floats]


def peak(top: float, rise: float, fall: float, at: float) -> Shape:
    """Straight up to `at`, straight down from there."""
    return lambda x: np.where(x < at, top - rise * (at - x), top - fall * (x - at))


NULLS: dict[str, Shape] = {
    "flat": lambda x: 0.45 + 0 * x,
    "straight up": lambda x: 0.20 + 0.08 * x,
    "straight down": lambda x: 0.75 - 0.07 * x,
    "level from 1": lambda x: 0.25 + 0.40 * np.minimum(x, 1),
    "level from 2.5": lambda x: 0.20 + 0.18 * np.minimum(x, 2.5),
    "level from 4": lambda x: 0.15 + 0.13 * np.minimum(x, 4),
    "ever slower up": lambda x: 0.20 + 0.25 * np.log1p(x),
    "a step at 2": lambda x: 0.30 + 0.30 * (x >= 2),
}
PEAKS: dict[str, Shape] = {
    "sharp, at 2.5": peak(0.75, 0.25, 0.12, 2.5),
    "early, at 1.25": peak(0.70, 0.35, 0.08, 1.25),
    "rounded, at 3": lambda x: 0.70 - 0.04 * (x - 3) ** 2,
    "weak, at 2.5": peak(0.55, 0.10, 0.05, 2.5),
}
AT = {"sharp, at 2.5": 2.5, "early, at 1.25": 1.25, "rounded, at 3": 3.0, "weak, at 2.5": 2.5}
SPREADS = ("skewed", "even")


def exposures(spread: str, n: int, dice: np.random.Generator) -> Floats:
    """Contacts a week over 12 weeks: mostly few and some many, or evenly from none to 7.5."""
    rate = dice.gamma(1.6, 1.55, n) if spread == "skewed" else dice.uniform(0, 7.5, n)
    return dice.poisson(np.minimum(rate, 8) * 12) / 12


def happens(chance: Floats, dice: np.random.Generator) -> Floats:
    """1 with the chance given, else 0."""
    return (dice.random(len(chance)) < np.clip(chance, 0.02, 0.98)).astype(float)
