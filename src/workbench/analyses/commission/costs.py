"""What an outcome costs, where settings say what a month of a programme costs."""

import numpy as np
import pandas as pd
from scipy import stats

from workbench import disclosure
from workbench.analyses.commission.claims import claimed, why_no_claims
from workbench.analyses.commission.window import by_programme, window
from workbench.published import numbers
from workbench.statistics import Floats
from workbench.store import Workspace
from workbench.words import commission as said


def why_no_costs(data: Workspace) -> str:
    """Why no cost of an outcome can be given, in words; empty where one can."""
    if not data.settings.commission.costs:
        return said.NO_COSTS
    if reason := why_no_claims(data):
        return reason
    known = data.values("enrolments.programme")
    return "" if known & set(data.settings.commission.costs) else said.NO_SUCH_PROGRAMME


def cost_table(data: Workspace) -> pd.DataFrame:
    """What the last 12 complete months cost for each outcome claimed in them.

    One row a programme with a cost, then all of them: programme, cost (of those months, in the
    currency of settings), claimed, cost_per_outcome, lower, upper (95 %), note. The interval comes
    from the number of outcomes alone, which chance would make larger or smaller; from fewer than 20
    clients there is none, and no cost per outcome. Worked out from released numbers. Protected.
    Source of the interval: Garwood (1936), exact limits of a Poisson count.
    """
    costs, covered = data.settings.commission.costs, window(data)
    months = covered.months if covered else 0
    table = by_programme(data, claimed(data, covered).assign(claimed=1), ["claimed"], list(costs))
    each = table["programme"].map(costs).astype("float64") * months
    each = each.fillna(each.sum())
    table = disclosure.protect(
        table.assign(cost=each),
        people=["clients"],
        events={"claimed": "clients"},
        amounts={"cost": "clients"},
        ratios={"cost_per_outcome": ("cost", "claimed")},
        within=["line"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    shown = table["cost_per_outcome"].notna().to_numpy()
    low, high = poisson_interval(np.where(shown, numbers(table["claimed"]), np.nan))
    cost = numbers(table["cost"])
    limits = {"lower": cost / high, "upper": cost / low}
    columns = {
        name: pd.Series(limit, table.index, dtype="Float64") for name, limit in limits.items()
    }
    table = disclosure.extend(table, columns)
    return table[["programme", "cost", "claimed", "cost_per_outcome", "lower", "upper", "note"]]


def costs_sentence(data: Workspace, table: pd.DataFrame) -> str:
    """A `cost_table` in a sentence."""
    row, covered = table.iloc[-1], window(data)
    money = data.settings.commission.currency
    return said.cost(
        covered.title if covered else "", row["cost_per_outcome"], row["lower"], row["upper"], money
    )


def poisson_interval(counts: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """The expected numbers that a count does not contradict. Source: Garwood (1936)."""
    tail = (1 - level) / 2
    lower = np.where(counts > 0, stats.chi2.ppf(tail, 2 * counts) / 2, counts * 0)
    return lower, stats.chi2.isf(tail, 2 * counts + 2) / 2
