"""One measure's finding: the chart that suits it, its reading, where a flagged change came from.

Everything here is worked out from released numbers (`measures.measures_table`), so whatever it
returns may be published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from workbench import disclosure, measures
from workbench.analyses.signals.charts import Chart, plain, xmr
from workbench.analyses.signals.counts import p_chart
from workbench.analyses.signals.explanation import Explanation, explain
from workbench.analyses.signals.notes import FIRM
from workbench.analyses.signals.seasons import season, year_on_year
from workbench.definitions import groupings
from workbench.measures import Definition
from workbench.store import Workspace

LIMITS = ["mean", "lower", "upper"]
SPLIT_BY = ("programme", "organisation", "site", "team")
REFERENCE = 12  # unflagged intervals before a flagged one that it is compared with
MOST_UNTRACED = 1 / 3  # of a change: what its groups may miss, or add, through protection
TOO_MANY_HIDDEN = 1 / 3  # of the months: then quarters are charted
FLAGS = ("improvement", "concern", "high", "low")
UNITS = {"proportion": "percent", "count": "count", "rate": "number"}


@dataclass(frozen=True)
class Finding:
    """One measure in a period.

    `table`: protected, one row an interval: value, mean, lower, upper, rule, reading, target,
    provisional. `reading`: of the latest complete interval, a key of `words.READINGS`.
    `chart`: what drew the limits; `seasonal`: they stand on the same month a year before.
    `explanations`: by grouping, the parts of a flagged change, the most telling first.
    """

    definition: Definition
    interval: str
    table: pd.DataFrame
    reading: str
    chart: Chart | None
    seasonal: bool
    explanations: dict[str, Explanation]

    @property
    def complete(self) -> pd.DataFrame:
        """The intervals that are complete, and so judged."""
        return self.table[self.table["complete"]]

    @property
    def unit(self) -> str:
        """How charts and cards write its values: "percent", "count", "number", or a word."""
        about = self.definition
        if about.kind == "stock":
            return "percent" if about.denominator else "count"
        return UNITS.get(about.kind, about.unit)


def find(data: Workspace, name: str) -> Finding:
    """How one measure did up to the as-of date.

    Months are charted as settings say; where a third of them would be hidden, quarters. Limits rest
    on the first 13 complete intervals of each phase, or as settings say.
    """
    definition = measures.definition(data, name)
    interval = data.settings.reporting.interval
    table = measures.measures_table(data, [name], interval=interval)
    if interval == "month" and _hidden(table) > TOO_MANY_HIDDEN:
        interval = "quarter"
        table = measures.measures_table(data, [name], interval=interval)
    if definition.wait_days:  # before the time has passed a figure is not late but wrong
        table = table[table["complete"]].reset_index(drop=True)
    complete = table[table["complete"]].set_index("interval")
    chart, seasonal = _chart(data, definition, complete, interval)
    most = 1.0 if definition.kind == "proportion" else None
    table = _with_limits(table, complete, chart, definition.target, seasonal, most)
    latest = table[table["complete"]].tail(1)
    reading = _reading(definition, latest, chart)
    explanations = {}
    if reading in FLAGS:
        explanations = _explanations(data, definition, table, latest["interval"].iloc[0], interval)
    return Finding(definition, interval, table, reading, chart, seasonal, explanations)


def _hidden(table: pd.DataFrame) -> float:
    """The share of complete intervals whose figure is confidential."""
    complete = table[table["complete"]]
    return (
        float((complete["value"].isna() & (complete["note"] != "")).mean()) if len(complete) else 0
    )


def _chart(
    data: Workspace, definition: Definition, complete: pd.DataFrame, interval: str
) -> tuple[Chart | None, bool]:
    """The chart that suits the measure, on its complete intervals, and whether it has a season."""
    values = complete["value"].astype("float64")
    if values.notna().sum() < 2:
        return None, False
    if definition.kind == "stock":
        return plain(values), False
    own = data.settings.measures.get(definition.name)
    dates = [each.date for each in own.rebase_at] if own else []
    rebase_at = [label for day in dates if (label := _label(day, complete.index)) is not None]
    baseline = _enough(own.baseline if own and own.baseline else FIRM, values)
    better, target = definition.better, definition.target
    monthly = interval == "month" and not rebase_at
    if monthly and season(values).verdict == "season":
        apart = year_on_year(values)
        return xmr(apart, better, baseline=_enough(FIRM, apart)), True
    if definition.kind == "proportion":
        part, whole = (complete[name].astype("float64") for name in ("numerator", "denominator"))
        return p_chart(part, whole, better, target, baseline, rebase_at), False
    return xmr(values, better, target, baseline, rebase_at), False


def _enough(baseline: int, values: pd.Series) -> int | None:
    """The baseline, where there are points beyond it; else all points."""
    return baseline if values.notna().sum() > baseline else None


def _label(day: date, intervals: pd.Index) -> pd.Timestamp | None:
    """The interval that a day lies in; None in the first, or before the data."""
    begun = intervals[intervals <= pd.Timestamp(day)]
    return begun[-1] if len(begun) > 1 else None


def _with_limits(
    table: pd.DataFrame,
    complete: pd.DataFrame,
    chart: Chart | None,
    target: float | None,
    seasonal: bool,
    most: float | None,
) -> pd.DataFrame:
    """The table with limits and readings on its complete intervals, and what is provisional."""
    columns = [*LIMITS, "rule", "reading"]
    judged = pd.DataFrame(index=complete.index, columns=columns)
    if chart is not None and chart.kind != "plain":
        judged = chart.table[columns].copy()
        if seasonal:  # back from differences between years to the measure itself
            values = complete["value"].astype("float64")
            year_before = values.reindex(judged.index.map(_year_before)).to_numpy()
            judged[LIMITS] = judged[LIMITS].add(year_before, axis=0)
    on = judged.reindex(table["interval"]).set_axis(table.index)
    added: dict[str, object] = {
        name: on[name].astype("Float64").clip(lower=0, upper=most) for name in LIMITS
    }
    added |= {name: on[name].astype("string") for name in ("rule", "reading")}
    added["target"] = pd.Series(target, table.index, dtype="Float64")
    added["provisional"] = ~table["complete"]
    return disclosure.extend(table, added)


def _year_before(month: pd.Timestamp) -> pd.Timestamp:
    return month - pd.DateOffset(years=1)


def _reading(definition: Definition, latest: pd.DataFrame, chart: Chart | None) -> str:
    if latest.empty:
        return "not yet"
    if latest["value"].isna().iloc[0]:
        return "too few" if latest["note"].iloc[0] else "nobody"
    if definition.kind == "stock":
        return "stock"
    return (chart.variation if chart else None) or "not yet"


# --- where a flagged change came from -----------------------------------------------------------


def _explanations(
    data: Workspace, definition: Definition, table: pd.DataFrame, flagged: pd.Timestamp, unit: str
) -> dict[str, Explanation]:
    """By each grouping that can tell: the flagged interval against the ordinary ones before it.

    The most telling comes first: the one whose largest group holds most of the movement. A grouping
    whose released groups do not add up to the change (too much of it hidden or rounded) is out.
    """
    usual = table[(table["interval"] < flagged) & table["reading"].isna() & table["complete"]]
    usual = usual.dropna(subset=["value"]).tail(REFERENCE)
    if usual.empty:
        return {}
    change = float(table.loc[table["interval"] == flagged, "value"].iloc[0] - usual["value"].mean())
    compared = [name for name, each in data.settings.attributes.items() if each.compare]
    found = {}
    for by in (*SPLIT_BY, *compared) if len(usual) else ():
        if by not in groupings(data):
            continue
        rows = measures.measures_table(data, [definition.name], interval=unit, by=by)
        now, before = _groups(rows, by, flagged, list(usual["interval"]), definition)
        if len(now) > 1:
            split = explain(now, before, [by])
            if abs(split.total - change) <= MOST_UNTRACED * abs(change):
                found[by] = split
    return dict(sorted(found.items(), key=lambda item: _concentration(item[1]), reverse=True))


def _concentration(split: Explanation) -> float:
    """The largest group's part in all the movement there was, beyond an equal part."""
    moved = split.table["change"].abs()
    return float(moved.iloc[0] / moved.sum() - 1 / len(moved)) if moved.sum() else 0.0


def _groups(
    rows: pd.DataFrame,
    by: str,
    flagged: pd.Timestamp,
    reference: Sequence[pd.Timestamp],
    definition: Definition,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups shown in the flagged interval and before it: numerator [and denominator] each."""
    numbers = ["numerator", "denominator"]
    if definition.kind == "count":
        numbers, rows = ["numerator"], rows.assign(numerator=rows["value"])
    shown = rows.dropna(subset=numbers)
    if "denominator" in numbers:  # a group with nobody in it has no rate to compare
        shown = shown[shown["denominator"] > 0]
    now = shown[shown["interval"] == flagged]
    before = shown[shown["interval"].isin(reference)].groupby(by, as_index=False)[numbers].mean()
    both = set(now[by]) & set(before[by])
    keep = [by, *numbers]
    return (
        pd.DataFrame(now.loc[now[by].isin(both), keep]).astype(dict.fromkeys(numbers, "float64")),
        pd.DataFrame(before.loc[before[by].isin(both), keep]),
    )
