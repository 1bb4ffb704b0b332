"""What may be published of units: released counts, and from these everything else."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench import disclosure, measures
from workbench.analyses.units.counting import (
    MEASURES,
    Cases,
    Window,
    groupings,
    of_units,
    places,
    read,
)
from workbench.analyses.units.expecting import Expected, clustering, expected, scatter
from workbench.store import Workspace
from workbench.words import units as said

DIGITS = 2  # of a scatter, which is about all units together


@dataclass(frozen=True)
class Counted:
    """One measure by one kind of unit, as it may be published.

    `table`: measure, by, unit, people, cases, observed, expected (NA without a model), share, note;
    units in alphabetical order. `kind`: "ratio" (observed over expected by case mix) or
    "proportion" (crude). `scatter`: how much more (above 1) or less counts scatter than a Poisson
    of the expected, or, for a proportion, than single independent people. `model`: what it was
    adjusted for, or why not.
    """

    measure: str
    window: Window
    by: str
    kind: str
    scatter: float
    model: Expected
    table: pd.DataFrame

    @property
    def shown(self) -> pd.DataFrame:
        """The units with everything that a funnel needs."""
        needed = ["cases", "observed", *(["expected"] if self.kind == "ratio" else []), "share"]
        return self.table[self.table[needed].notna().all(axis=1)]

    @property
    def overall(self) -> float:
        """The share of all units that can be shown; NaN where none can."""
        cases = float(self.shown["cases"].sum())
        return float(self.shown["observed"].sum()) / cases if cases else float("nan")

    @property
    def sizes(self) -> "pd.Series[float]":
        """What a unit is set against: its expected cases, or all its cases; by unit."""
        column = "expected" if self.kind == "ratio" else "cases"
        shown = self.shown
        return pd.Series(shown[column].to_numpy(dtype=float), shown["unit"].to_numpy())

    @property
    def observed(self) -> "pd.Series[float]":
        """What was observed, by unit."""
        shown = self.shown
        return pd.Series(shown["observed"].to_numpy(dtype=float), shown["unit"].to_numpy())


def counted(data: Workspace, cases: Cases, by: str, model: Expected | None = None) -> Counted:
    """Observed and expected of each unit, in released numbers, for the last 12 complete months.

    `cases`: from `read`; `model`: from `expected` for these cases; by default it is made.
    Raises AccessError for workers, DataError for what is no unit of this export.
    """
    model = model or expected(data, cases.rows)
    return of_rows(data, cases, of_units(data, cases, by), by, model)


def of_rows(data: Workspace, cases: Cases, rows: pd.DataFrame, by: str, model: Expected) -> Counted:
    """The same from the rows of units, as `counting.of_units` gives them."""
    observed, n = rows["observed"].to_numpy(dtype=float), rows["cases"].to_numpy(dtype=float)
    if model.chances is None:
        share = observed.sum() / n.sum() if n.sum() else 0.0
        chances, kind = np.full(len(rows), share), "proportion"
        spread = clustering(rows, chances, by)
    else:
        by_case = rows["enrolment_id"].map(dict(model.chances))
        chances, kind = np.asarray(by_case, dtype=np.float64), "ratio"
        spread = scatter(rows, chances, by)
    table = _protected(data, rows.assign(expected=n * chances), cases.measure, by, kind)
    spread = float(f"{spread:.{DIGITS}g}")
    return Counted(cases.measure, cases.window, by, kind, spread, model, table)


def every(data: Workspace) -> tuple[tuple[Counted, ...], tuple[str, ...]]:
    """Every measure by every kind of unit that this export allows; and why others are not there."""
    found, missing = [], []
    wanted, known = data.settings.reporting.measures or MEASURES, places(data)
    for measure in (name for name in MEASURES if name in wanted):
        reason = measures.definition(data, measure).why_not
        if reason:
            missing.append(said.no_measure(measure, reason))
            continue
        cases = read(data, measure, known)
        model = expected(data, cases.rows)
        for by in groupings(data):
            each = counted(data, cases, by, model)
            if len(each.table) > 1:
                found.append(each)
            else:
                missing.append(said.no_units(measure, by))
    return tuple(found), tuple(missing)


def counts_table(data: Workspace, measure: str, by: str) -> pd.DataFrame:
    """Observed and expected of each unit: the table of `counted`, protected."""
    return counted(data, read(data, measure), by).table


def _protected(
    data: Workspace, rows: pd.DataFrame, measure: str, by: str, kind: str
) -> pd.DataFrame:
    """Counts of units: few people hidden, the rest rounded, then the share; and what was expected.

    What was expected is an estimate and no part of a published total: it is rounded as counts are,
    and no other is hidden for its sake.
    """
    sums = rows.groupby(by, sort=True).agg(
        people=("client_id", "nunique"),
        cases=("cases", "sum"),
        observed=("observed", "sum"),
        expected=("expected", "sum"),
    )
    table = sums.rename_axis("unit").reset_index()
    table.insert(0, "by", by)
    table.insert(0, "measure", measure)
    kinds = {"unit": "str"} | dict.fromkeys(["people", "cases", "observed"], "int64")
    table = table.astype(kinds | {"expected": "float64"})
    rules = data.settings.disclosure
    safe = disclosure.protect(
        table.drop(columns="expected"),
        people=["people"],
        events={"cases": "people", "observed": "people"},
        ratios={"share": ("observed", "cases")},
        plain=["unit"],
        within=["by"],
        profile=rules.profile,
        basis=rules.basis,
    )
    estimated = disclosure.protect(
        table[["people", "expected"]],
        people=["people"],
        amounts={"expected": "people"},
        profile=rules.profile,
        basis=rules.basis,
    )
    adjusted = kind == "ratio"
    shown = estimated["expected"].where(safe["people"].notna() & adjusted)
    note = safe["note"].where(safe["note"] != "", estimated["note"] if adjusted else "")
    order = ["measure", "by", "unit", "people", "cases", "observed", "expected", "share", "note"]
    return disclosure.extend(safe.assign(note=note), {"expected": shown})[order]
