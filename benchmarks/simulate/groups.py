"""Two groups side by side: do the intervals hold the truth, and is nothing found in nothing?"""

import numpy as np
import pandas as pd

from benchmarks.simulate.truths import Floats, happens
from workbench.analyses import comparison

FOUND = ("higher", "lower")
WORKERS = 12


def plain(dice: np.random.Generator, n: int, share: float, difference: float) -> dict[str, float]:
    """No case mix: the crude interval."""
    frame = _frame(dice, n, 0.4, share, difference)
    found = comparison.compare(frame, "group", "outcome")
    return _held(found.interval, difference) | {"a difference is claimed": found.verdict in FOUND}


def twice(dice: np.random.Generator, n: int) -> dict[str, float]:
    """Every client stands there twice, with the same result."""
    once = _frame(dice, n, 0.4, 0.45, 0.1).assign(who=range(n))
    frame = pd.concat([once, once], ignore_index=True)
    found = comparison.compare(frame, "group", "outcome", client="who")
    careless = comparison.compare(frame, "group", "outcome")
    return _held(found.interval, 0.1) | {
        "had rows been taken for people": _holds(careless.interval, 0.1)
    }


def mixed(dice: np.random.Generator, n: int, effect: float) -> dict[str, float]:
    """Those in more need get the support more often and do worse: adjusted for need."""
    need = dice.integers(1, 6, n)
    age = dice.normal(0, 1, n)
    group = happens(0.15 + 0.10 * need, dice)
    base = 0.75 - 0.09 * need + 0.03 * age
    outcome = happens(base + effect * group, dice)
    frame = pd.DataFrame({"group": group, "outcome": outcome, "need": need.astype(str), "age": age})
    found = comparison.compare(frame, "group", "outcome", ["need", "age"])
    told = found.adjusted_interval is not None
    return {
        "the adjusted interval holds the truth": (
            _holds(found.adjusted_interval, effect) if told else np.nan
        ),
        "the crude one would": _holds(found.interval, effect),
        "it is adjusted": told,
    }


def chosen(dice: np.random.Generator, n: int, effect: float) -> dict[str, float]:
    """Workers differ in whom they give the support to and in how their clients come out."""
    worker = dice.integers(0, WORKERS, n)
    level = dice.normal(0, 0.12, WORKERS)[worker]
    giving = dice.uniform(0.02, 0.98, WORKERS)[worker]
    group = happens(giving, dice)
    outcome = happens(0.45 + level + effect * group, dice)
    frame = pd.DataFrame({"group": group, "outcome": outcome, "worker": worker})
    found = comparison.compare(frame, "group", "outcome", cluster="worker")
    careless = comparison.compare(frame, "group", "outcome")
    return _held(found.interval, effect) | {
        "had the workers been left out": _holds(careless.interval, effect)
    }


def unknown(dice: np.random.Generator, n: int) -> dict[str, float]:
    """Nothing works, and failures go unrecorded more often in one group."""
    frame = _frame(dice, n, 0.5, 0.4, 0.0)
    hidden = (frame["outcome"] == 0) & (dice.random(n) < np.where(frame["group"] == 1, 0.35, 0.05))
    left = frame.assign(outcome=frame["outcome"].mask(hidden))
    return {
        "a difference is claimed": comparison.compare(left, "group", "outcome").verdict in FOUND,
        "had the unknown been left out": comparison.compare(
            left.dropna(subset="outcome"), "group", "outcome"
        ).verdict
        in FOUND,
    }


def _frame(
    dice: np.random.Generator, n: int, marked: float, share: float, difference: float
) -> pd.DataFrame:
    group = happens(np.full(n, marked), dice)
    chance: Floats = share + difference * group
    return pd.DataFrame({"group": group, "outcome": happens(chance, dice)})


def _holds(interval: tuple[float, float] | None, truth: float) -> float:
    return np.nan if interval is None else float(interval[0] <= truth <= interval[1])


def _held(interval: tuple[float, float] | None, truth: float) -> dict[str, float]:
    return {"the interval holds the truth": _holds(interval, truth)}


GRID = [
    *((f"no difference, n = {n}", plain, (n, 0.45, 0.0)) for n in (100, 300, 1000)),
    *((f"10 points, n = {n}", plain, (n, 0.45, 0.1)) for n in (100, 300, 1000)),
    ("10 points, rare outcome, n = 300", plain, (300, 0.05, 0.1)),
    ("10 points, clients counted twice, n = 300", twice, (300,)),
    *((f"need behind both, {100 * effect:.0f} points, n = {n}", mixed, (n, effect))
      for effect in (0.0, 0.1) for n in (400, 1000)),
    *((f"{WORKERS} workers choose, {100 * effect:.0f} points, n = {n}", chosen, (n, effect))
      for effect in (0.0, 0.1) for n in (300, 1000)),
    ("failures go unrecorded in one group, n = 600", unknown, (600,)),
]  # fmt: skip
