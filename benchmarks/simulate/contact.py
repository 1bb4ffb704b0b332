"""Contact frequency: false sweet spots where there is none, and how often a true one is found."""

import numpy as np
import pandas as pd

from benchmarks.simulate.truths import AT, NULLS, PEAKS, SPREADS, exposures, happens
from workbench.analyses import sweet_spot

BANDS = ((0, 1.25), (2, 3), (5, None))
FOUND = "sweet spot"
SIZES = (300, 1000)
WORKERS = 12


def null(dice: np.random.Generator, shape: str, spread: str, n: int) -> dict[str, float]:
    """A shape without a peak: is one found all the same?"""
    x = exposures(spread, n, dice)
    y = happens(NULLS[shape](x), dice)
    bands = sweet_spot.find(x, y, bands=BANDS)
    found = sweet_spot.find(x, y)
    test = found.u_test
    return {
        "a sweet spot is claimed": found.verdict == FOUND,
        "the same, bands registered": bands.verdict == FOUND,
        "two-lines alone would": _two_lines(found),
        "the U-test alone would": test.p < 0.05 and test.slope_low > 0,
        "a quadratic would": _quadratic(x, y),
    }


def flat(dice: np.random.Generator, spread: str, n: int) -> dict[str, float]:
    """No link at all: is any claimed?"""
    x = exposures(spread, n, dice)
    found = sweet_spot.find(x, happens(NULLS["flat"](x), dice))
    return {"anything is claimed": found.verdict != "cannot tell"}


def level(dice: np.random.Generator, shape: str, n: int) -> dict[str, float]:
    """A curve that levels off: what is said of it?"""
    x = exposures("skewed", n, dice)
    found = sweet_spot.find(x, happens(NULLS[shape](x), dice))
    return {f'"{each}" is said': found.verdict == each for each in ("levels off", "more is better")}


def true_peak(dice: np.random.Generator, shape: str, spread: str, n: int) -> dict[str, float]:
    """A true peak: is it found, and does the range hold it?"""
    x = exposures(spread, n, dice)
    found = sweet_spot.find(x, happens(PEAKS[shape](x), dice))
    low, high = found.best_range or (np.inf, None)
    holds = low <= AT[shape] <= (np.inf if high is None else high)
    return {
        "a sweet spot is claimed": found.verdict == FOUND,
        "two-lines alone would": _two_lines(found),
        "the range holds the truth": holds if found.verdict == FOUND else np.nan,
        "power as printed": found.power if shape.startswith("weak") else np.nan,
    }


def style(dice: np.random.Generator, n: int) -> dict[str, float]:
    """How often people are seen is mostly their worker's way, and workers differ in success."""
    worker = dice.integers(0, WORKERS, n)
    way = dice.uniform(0.5, 6, WORKERS)[worker]
    x = dice.poisson(np.minimum(0.85 * way + 0.15 * dice.gamma(1.6, 1.55, n), 8) * 12) / 12
    level = dice.normal(0, 0.15, WORKERS)[worker]
    y = happens(NULLS["level from 1"](x) - 0.15 + level, dice)
    with_workers = sweet_spot.find(x, y, cluster=worker)
    return {
        "a sweet spot is claimed": with_workers.verdict == FOUND,
        "had workers been left out": sweet_spot.find(x, y).verdict == FOUND,
    }


def severity(dice: np.random.Generator, n: int) -> dict[str, float]:
    """Need drives both contact and outcome, and contact changes nothing.

    Those in least need are seen little, those in most need often, and both of them succeed less.
    """
    need = dice.normal(0, 1, n)
    x = dice.poisson(np.clip(2.5 + 1.2 * need + dice.normal(0, 0.8, n), 0.1, 8) * 12) / 12
    y = happens(0.60 - 0.10 * need**2, dice)
    bands = np.clip(np.round(need), -2, 2).astype(int).astype(str)
    badly = np.where(dice.random(n) < 0.5, bands, dice.permutation(bands))
    asked = {"measured well": bands, "measured badly": badly}
    claims = {
        f"a sweet spot is claimed, need {how}": sweet_spot.find(x, y, pd.DataFrame({"need": m}))
        for how, m in asked.items()
    }
    claims["a sweet spot is claimed, need not measured"] = sweet_spot.find(x, y)
    return {name: found.verdict == FOUND for name, found in claims.items()}


def not_known(dice: np.random.Generator, n: int) -> dict[str, float]:
    """A plateau, and the failures of those seen most and least go unrecorded less often."""
    x = exposures("skewed", n, dice)
    y = happens(NULLS["level from 1"](x), dice)
    hidden = dice.random(n) < np.where((y == 0) & (x > 1) & (x < 4), 0.45, 0.05)
    left = np.where(hidden, np.nan, y)
    kept = ~hidden
    return {
        "a sweet spot is claimed": sweet_spot.find(x, left).verdict == FOUND,
        "had the unknown been left out": sweet_spot.find(x[kept], y[kept]).verdict == FOUND,
    }


def _two_lines(found: sweet_spot.SweetSpot) -> bool:
    lines = found.two_lines
    return lines.z_low > 1.96 and lines.z_high < -1.96


def _quadratic(x: np.ndarray, y: np.ndarray) -> bool:
    """The shortcut: a squared term below 0, p < .05, its peak within the data."""
    design = np.column_stack([np.ones(len(x)), x, x**2])
    beta, rest, *_ = np.linalg.lstsq(design, y, rcond=None)
    error = np.sqrt(np.linalg.inv(design.T @ design)[2, 2] * rest[0] / (len(x) - 3))
    vertex = -beta[1] / (2 * beta[2])
    return bool(beta[2] / error < -1.96 and x.min() < vertex < x.max())


GRID = [
    *((f"{shape}, {spread}, n = {n}", null, (shape, spread, n))
      for shape in NULLS for spread in SPREADS for n in SIZES),
    *((f"flat, {spread}, n = {n}", flat, (spread, n)) for spread in SPREADS for n in SIZES),
    *((f"{shape}, skewed, n = {n}", level, (shape, n))
      for shape in ("level from 1", "level from 2.5") for n in (1000, 10_000)),
    *((f"{shape}, {spread}, n = {n}", true_peak, (shape, spread, n))
      for shape in PEAKS for spread in SPREADS for n in SIZES),
    *((f"a worker's way, {WORKERS} workers, n = {n}", style, (n,)) for n in SIZES),
    *((f"need behind both, n = {n}", severity, (n,)) for n in SIZES),
    *((f"a fifth of outcomes not known, n = {n}", not_known, (n,)) for n in SIZES),
]  # fmt: skip
