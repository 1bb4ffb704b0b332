"""Supports that start late, in a service where nothing works: is a difference found?"""

import numpy as np
import pandas as pd

from workbench.analyses import comparison, journeys

FOUND = ("higher", "lower")
LANDMARK, HORIZON = 56, 180


def stays(dice: np.random.Generator, n: int) -> pd.DataFrame:
    """Stays in which the support is given to whoever is still there, and changes nothing.

    The end, the outcome and the start of the support are drawn apart from one another; what comes
    after the end does not come, and no outcome is seen after it.
    """
    end = np.ceil(dice.exponential(150, n)).clip(1, HORIZON)
    outcome = np.ceil(dice.exponential(200, n))
    support = np.ceil(dice.exponential(70, n))
    seen = outcome <= end
    last = np.where(seen, outcome, end)
    return pd.DataFrame(
        {
            "support_day": np.where(support <= last, support, np.nan),
            "outcome_day": np.where(seen, outcome, np.nan),
            "end_day": end,
        }
    )


def null(dice: np.random.Generator, n: int) -> dict[str, float]:
    """Received or not by a landmark, and early or not by then."""
    frame = stays(dice, n)
    ever = frame["support_day"].notna()
    found = journeys.early_or_late(frame, landmark_days=LANDMARK)
    here = ~(frame["outcome_day"] <= LANDMARK) & ~(frame["end_day"] <= LANDMARK)
    asked = pd.DataFrame(
        {
            "received": (frame["support_day"] <= LANDMARK).astype(int),
            "outcome": frame["outcome_day"].notna().astype(int),
        }
    )[here]
    careless = pd.DataFrame(
        {"received": ever.astype(int), "outcome": frame["outcome_day"].notna().astype(int)}
    )
    log_rank = found.logrank
    return {
        "early or not by then: a difference is claimed": found.verdict in FOUND,
        "early or not by then: log-rank below 0.05": (
            np.nan if log_rank is None else log_rank.p < 0.05
        ),
        "received by the day or not: a difference is claimed": (
            comparison.compare(asked, "received", "outcome").verdict in FOUND
        ),
        "ever received or never would claim one": (
            comparison.compare(careless, "received", "outcome").verdict in FOUND
        ),
        "early or late among receivers would": _among_receivers(frame[ever]) in FOUND,
    }


def _among_receivers(frame: pd.DataFrame) -> str:
    median = frame["support_day"].median()
    early = (frame["support_day"] <= median).astype(int)
    outcome = frame["outcome_day"].notna().astype(int)
    asked = pd.DataFrame({"early": early, "outcome": outcome})
    return comparison.compare(asked, "early", "outcome").verdict


GRID = [(f"nothing works, supports start late, n = {n}", null, (n,)) for n in (600, 1500)]
