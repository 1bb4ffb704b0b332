"""Where a logged change to the service may have moved a measure for good."""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from workbench.analyses.signals.charts import Chart, Rows, xmr
from workbench.analyses.signals.inputs import stop_on
from workbench.analyses.signals.notes import label
from workbench.analyses.signals.rules import run_lengths, sign

LASTING = 8  # points in a row on one side of the mean
COLUMNS = ["rebase_at", "change_date", "description", "side", "points", "mean_before", "mean_after"]


def changes_proposed(
    chart_or_values: Chart | pd.Series, logged_changes: pd.DataFrame | Sequence[Hashable]
) -> pd.DataFrame:
    """Where new limits could start, because a shift of 8 or more points starts at a logged change.

    logged_changes: the changes table (change_date, description if there is one), or only dates or
        labels of the index. A shift starts at a change when its first point is the month of the
        change or a neighbour of it; from the change on it must last 8 recorded points.
    Returns one row per proposal: rebase_at (a label for the charts' argument of that name),
    change_date, description, side ("above" or "below" the mean), points of the shift from there,
    and the mean value of the phase before and from there. Nothing is rebased: a person confirms a
    proposal in the settings, with a reason and a name.
    Raises DataError for input that cannot be charted and for changes that are not dates or labels.
    Source: NHS England, Making Data Count: new limits only for a known change that lasts.
    """
    chart = chart_or_values if isinstance(chart_or_values, Chart) else xmr(chart_or_values)
    changes = _logged(logged_changes)
    problems: list[str] = []
    months = [_row(chart.table.index, when, problems) for when in changes["change_date"]]
    stop_on(problems)
    shifts = list(_shifts(chart))
    proposals = [
        change | _proposal(chart.table, shift[shift >= month], phase)
        for change, month in zip(changes.to_dict("records"), months, strict=True)
        for shift, phase in shifts
        if month is not None
        and abs(shift[0] - month) <= 1
        and np.count_nonzero(shift >= month) >= LASTING
    ]
    return pd.DataFrame(proposals, columns=COLUMNS)


def _logged(changes: pd.DataFrame | Sequence[Hashable]) -> pd.DataFrame:
    if not isinstance(changes, pd.DataFrame):
        return pd.DataFrame({"change_date": list(changes), "description": None}, dtype=object)
    if "change_date" not in changes:
        stop_on(["logged changes: no column change_date. Give the table of changes."])
    return changes.reindex(columns=["change_date", "description"]).astype(object)


def _row(index: pd.Index, when: Any, problems: list[str]) -> int | None:
    """The row of the month in which a change was made; None before the chart starts."""
    try:
        if pd.isna(when):
            raise ValueError("no date")
        if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
            return list(index).index(when)
        starts = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
        date = when.start_time if isinstance(when, pd.Period) else pd.Timestamp(when)
        row = int(starts.searchsorted(date, side="right")) - 1
    except (TypeError, ValueError):
        problems.append(
            f"logged changes: {label(when)} is neither a date nor a label of the chart. "
            "Give dates, or labels of its index."
        )
        return None
    return row if row >= 0 else None


def _shifts(chart: Chart) -> Iterator[tuple[Rows, Rows]]:
    """Each run of recorded points on one side of the mean, with the points of its phase."""
    index, value = chart.table.index, chart.table["value"].to_numpy()
    starts = [list(index).index(phase.first) for phase in chart.phases]
    for first, end in pairwise((*starts, len(index))):
        phase = np.arange(first, end)
        phase = phase[~np.isnan(value[phase])]
        sides = sign(value[phase] - chart.table["mean"].to_numpy()[phase], value[phase])
        ends = np.cumsum(run_lengths(sides))
        for run in np.split(phase, ends[:-1]):
            if run.size and sides[np.searchsorted(phase, run[0])] != 0:
                yield run, phase


def _proposal(table: pd.DataFrame, shift: Rows, phase: Rows) -> dict[str, Any]:
    value, start = table["value"].to_numpy(), shift[0]
    earlier = value[phase[phase < start]]
    return {
        "rebase_at": table.index[start],
        "side": "above" if value[start] > table["mean"].iloc[start] else "below",
        "points": shift.size,
        "mean_before": earlier.mean() if earlier.size else np.nan,
        "mean_after": value[phase[phase >= start]].mean(),
    }
