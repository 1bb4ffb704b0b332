"""What would be expected of each enrolment by its case mix, and how far chance scatters counts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench import case_mix, exposures
from workbench.statistics import Floats
from workbench.store import Workspace

PER_PARAMETER = 10  # of the rarer outcome, for each column that is adjusted for
MOST_STEPS, LARGEST_STEP, NEAR_ENOUGH = 40, 4.0, 1e-8
RIDGE = 1e-8  # of the number of cases: keeps an outcome without exception finite


@dataclass(frozen=True)
class Expected:
    """The chance of each enrolment by its case mix, or why there is none.

    `chances`: by enrolment_id; None where case mix cannot be adjusted for. `names`: what it is
    adjusted for. `needed`, `rarer`: the outcomes that the model would need, and those there are.
    """

    chances: Mapping[str, float] | None
    names: tuple[str, ...]
    needed: int
    rarer: int


def expected(data: Workspace, cases: pd.DataFrame) -> Expected:
    """What people of the same case mix came to, over all units: a logistic model without units.

    `cases`: one row an enrolment, as `Cases.rows`. Indirect standardisation: what all units
    together expect adds up to what they observed. Fewer than 10 of the rarer outcome a column
    (contacts divided by their design effect): no model.
    Source: Spiegelhalter (2005), section 2.2 (standardised ratios); Peduzzi et al. (1996), 10
    events a parameter.
    """
    return by_mix(cases, exposures.case_mix(data, cases))


def by_mix(cases: pd.DataFrame, traits: pd.DataFrame) -> Expected:
    """The same from what people were like: `traits`, one row a case in the order of `cases`."""
    mix = case_mix.columns(traits)
    observed, n = _numbers(cases)
    flat = np.full(len(cases), observed.sum() / n.sum() if n.sum() else 0.0)
    effect = clustering(cases, flat)
    rarer = int(min(observed.sum(), (n - observed).sum()) / effect)
    needed = PER_PARAMETER * mix.width
    if not mix.width or rarer < needed:
        return Expected(None, mix.names, needed, rarer)
    chances = _fitted(mix.design, observed, n)
    found = dict(zip(cases["enrolment_id"].astype(str), chances.tolist(), strict=True))
    return Expected(found, mix.names, needed, rarer)


def clustering(cases: pd.DataFrame, chances: Floats, by: str | None = None) -> float:
    """How much more the counts scatter because several cases are one client's; 1: no more.

    Where every client is one case it is 1.
    Source: Rao and Scott (1992), a simple method for the analysis of clustered binary data: the
    design effect by which counts are divided. Units keep their own mean.
    """
    observed, n = _numbers(cases)
    if not len(cases) or (n.max() <= 1 and cases["client_id"].is_unique):
        return 1.0
    frame = pd.DataFrame({"client": cases["client_id"].to_numpy(), "n": n})
    frame["unit"] = cases[by].to_numpy() if by else ""
    frame["more"] = observed - n * chances
    each = frame.groupby(["unit", "client"], sort=False)[["more", "n"]].sum().reset_index()
    sums = each.groupby("unit")[["more", "n"]].transform("sum")
    own = each["more"] - each["n"] * sums["more"] / sums["n"]
    free = len(each) - each["unit"].nunique()
    by_chance = float((n * chances * (1 - chances)).sum())
    if free < 1 or by_chance <= 0:
        return 1.0
    return max(1.0, float((own**2).sum()) * len(each) / free / by_chance)


def scatter(cases: pd.DataFrame, chances: Floats, by: str) -> float:
    """The variance of a count over what was expected: 1 would be a Poisson's.

    Yes-or-no outcomes scatter less than a Poisson (by 1 less the chance), clustered ones more.
    """
    _, n = _numbers(cases)
    poisson = float((n * chances).sum())
    binomial = float((n * chances * (1 - chances)).sum())
    return clustering(cases, chances, by) * binomial / poisson if poisson > 0 else 1.0


def _numbers(cases: pd.DataFrame) -> tuple[Floats, Floats]:
    return cases["observed"].to_numpy(dtype=float), cases["cases"].to_numpy(dtype=float)


def _fitted(x: Floats, observed: Floats, n: Floats) -> Floats:
    """Chances by a logistic regression on shares of `n` (Newton's method)."""
    coefficients = np.zeros(x.shape[1])
    ridge = RIDGE * n.sum() * np.eye(x.shape[1])
    for _ in range(MOST_STEPS):
        p = _chances(x @ coefficients)
        curvature = (x.T * (n * p * (1 - p))) @ x + ridge
        step = np.linalg.solve(curvature, x.T @ (observed - n * p))
        coefficients += np.clip(step, -LARGEST_STEP, LARGEST_STEP)
        if np.abs(step).max() < NEAR_ENOUGH:
            break
    return _chances(x @ coefficients)


def _chances(log_odds: Floats) -> Floats:
    return np.tanh(log_odds / 2) / 2 + 0.5
