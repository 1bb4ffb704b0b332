"""Who leaves: how often a model is used that finds no more than the rule, and one that does."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.simulate.truths import Floats, happens
from workbench.analyses import disengagement

USED = "use the model"
RULE = ("days_since_contact", "contacts_in_all")
LOGGED = (*RULE, "usual_gap", "gap_in_usual_gaps")
LEAVERS = 150  # to learn from, about
WORKERS, DAYS, CALLS = 6, 4, 5
SIZES, BASES = (500, 2000), (0.05, 0.15)
MANY = 20_000  # people by whom the truth is known

Truth = Callable[[pd.DataFrame], Floats]
TRUTHS: dict[str, Truth] = {
    "nothing": lambda frame: np.zeros(len(frame)),
    "the days since contact": lambda frame: 1.2 * np.log1p(frame["days_since_contact"].to_numpy()),
    "the own rhythm": lambda frame: 2.5 * np.log1p(frame["gap_in_usual_gaps"].to_numpy()),
}
"""What leaving goes by, in log odds. The rule "longest without contact" is right in the second."""


def people(dice: np.random.Generator, n: int) -> pd.DataFrame:
    """People as they are known on a day; how often they are seen, and how long ago they were."""
    usual = np.exp(dice.normal(2.0, 0.9, n)).clip(1, 60)
    since = np.floor(usual * dice.exponential(1, n))
    here = dice.integers(28, 500, n)
    return pd.DataFrame(
        {
            "days_since_contact": since,
            "usual_gap": usual,
            "gap_in_usual_gaps": since / usual,
            "contacts_4_weeks": dice.poisson(28 / usual).astype(float),
            "contacts_in_all": dice.poisson(here / usual).astype(float),
            "attendance": dice.beta(8, 2, n),
            "days_in_programme": here.astype(float),
            "overdue_actions": dice.poisson(0.4, n).astype(float),
        }
    )


def chances(frame: pd.DataFrame, truth: str, base: float, own: Floats | None = None) -> Floats:
    """The chance of each to leave, `base` on average. `own`: what is each one's own in log odds."""
    odds = TRUTHS[truth](frame) + (0 if own is None else own)
    low, high = -20.0, 20.0
    while high - low > 1e-4:
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-(odds + middle)))).mean() < base:
            low = middle
        else:
            high = middle
    chance: Floats = 1 / (1 + np.exp(-(odds + low)))
    return chance


def later(dice: np.random.Generator, truth: str, base: float) -> dict[str, float]:
    """Learnt from people of one day, tested on others of a later day and a list of a twentieth."""
    learnt, label = _drawn(dice, truth, base, round(LEAVERS / base))
    model = disengagement.fit_frame(learnt, label, rule=RULE, logged=LOGGED)
    everyone = people(dice, MANY)
    chance = chances(everyone, truth, base)
    by_rule = _on_top(chance, everyone["days_since_contact"].to_numpy())
    by_model = _on_top(chance, model.scores(everyone).to_numpy(dtype=np.float64))
    answers: dict[str, float] = {
        "the model is used, tested by fifths of those learnt from": model.verdict == USED
    }
    for n in SIZES:
        tested = model.evaluate(*_drawn(dice, truth, base, n))
        low, high = tested.extra_interval
        row = tested.table.set_index("ranking").loc["model"]
        answers |= {
            f"the model is used, tested on {n:,}": tested.verdict == USED,
            f"the interval of those found beyond the rule holds the truth, {n:,}": (
                low <= tested.k * (by_model - by_rule) <= high
            ),
            f"that of the model's precision does, {n:,}": bool(
                row["precision_lower"] <= by_model <= row["precision_upper"]
            ),
        }
    return answers


def lists(dice: np.random.Generator, truth: str, base: float, n: int) -> dict[str, float]:
    """The same n people on four days, each on the list of one of six workers, five calls long."""
    own = dice.normal(0, 0.7, n)
    learnt, label = _drawn(dice, truth, base, round(LEAVERS / base))
    model = disengagement.fit_frame(learnt, label, rule=RULE, logged=LOGGED)
    worker = dice.integers(0, WORKERS, n)
    days = [people(dice, n) for _ in range(DAYS)]
    left = [happens(chances(day, truth, base, own), dice) for day in days]
    frame = pd.concat(days, ignore_index=True)
    who = pd.Series(np.tile(np.arange(n), DAYS))
    whose = pd.Series([f"{day} {name}" for day in range(DAYS) for name in worker])
    tested = model.evaluate(frame, np.concatenate(left), CALLS, client=who, within=whose)
    return {"the model is used": tested.verdict == USED}


def _drawn(
    dice: np.random.Generator, truth: str, base: float, n: int
) -> tuple[pd.DataFrame, Floats]:
    frame = people(dice, n)
    return frame, happens(chances(frame, truth, base), dice)


def _on_top(chance: Floats, score: Floats) -> float:
    """The chance to leave of the first twentieth, on average."""
    first = np.argsort(-score, kind="stable")[: len(score) // 20]
    return float(chance[first].mean())


GRID = [
    *((f"leaving goes by {truth}, {100 * base:.0f} % leave", later, (truth, base))
      for truth in TRUTHS for base in BASES),
    *((f"leaving goes by {truth}, {100 * base:.0f} % leave, n = {n}, lists of {CALLS}",
       lists, (truth, base, n))
      for truth in TRUTHS for base in BASES for n in (300,)),
]  # fmt: skip
