"""One odds ratio for all strata: the group compared within each department, site or year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import StratifiedTable

from workbench.analyses.comparison.frames import compared
from workbench.errors import DataError
from workbench.settings import nearest


@dataclass(frozen=True)
class PooledOdds:
    """The odds of the outcome with the group's mark over those without, within strata.

    `interval`: 95 %. NaN, with a reason in `notes`, where no stratum can be compared. `strata`:
    how many took part; `people`: how many people were in them.
    """

    odds_ratio: float
    interval: tuple[float, float]
    strata: int
    people: int
    notes: tuple[str, ...]


def pooled_odds_ratio(frame: pd.DataFrame, group: str, outcome: str, strata: str) -> PooledOdds:
    """How the odds differ between groups once they are compared within each stratum.

    `frame`: one row a person; group and outcome 1 or 0 (empty: left out and counted); `strata`: a
    column. Raises DataError as `compare` does.
    Source: Mantel and Haenszel (1959); interval, Robins, Breslow and Greenland (1986).
    """
    if strata not in list(frame.columns):
        near = nearest(str(strata), map(str, frame.columns))
        raise DataError(f"strata: the frame has no column {strata!r}{near}")
    people = compared(frame.assign(**{strata: frame[strata]}), group, outcome, [], strata, None)
    codes = people.cluster if people.cluster is not None else np.zeros(0, dtype=np.intp)
    known = people.known
    counts = np.zeros((int(codes.max(initial=-1)) + 1, 2, 2))
    rows, columns = (~people.marked[known]).astype(int), (people.outcome[known] < 0.5).astype(int)
    np.add.at(counts, (codes[known], rows, columns), 1)
    both = (counts.sum(2) > 0).all(1) & (counts.sum(1) > 0).all(1)
    tables = counts[both]
    missing = int((~known).sum()) + sum(people.left_out.values())
    notes = [f"{missing} people are left out: group or outcome not known."] if missing else []
    odd = int((~both).sum())
    notes += [f"{odd} strata say nothing: one group, or one result, only."] if odd else []
    crossed = [(tables[:, 0, i] * tables[:, 1, 1 - i]).sum() if len(tables) else 0 for i in (0, 1)]
    if not all(crossed):
        said = "Cannot tell: no stratum has both results in both groups."
        nothing = (float("nan"), float("nan"))
        return PooledOdds(float("nan"), nothing, len(tables), int(tables.sum()), (*notes, said))
    pooled = StratifiedTable(np.moveaxis(tables, 0, 2))
    low, high = pooled.oddsratio_pooled_confint()
    return PooledOdds(
        float(pooled.oddsratio_pooled), (float(low), float(high)), len(tables), int(tables.sum()),
        tuple(notes),
    )  # fmt: skip
