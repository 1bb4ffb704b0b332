"""What was counted, and what is to be expected: bars of uncertainty at the end of a line."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts.style import (
    COLOURS,
    GREY,
    check,
    finish,
    in_time,
    in_words,
    nothing,
    time_format,
)
from workbench.display import Text
from workbench.grid import guess_kind, write

HEIGHT = 220
LABELS = {
    "interval": "Period",
    "value": "Counted",
    "expected": "Expected",
    "lower": "At least",
    "upper": "At most",
}


def forecast(
    table: pd.DataFrame,
    title: str = "",
    *,
    show_title: bool = True,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """Counts over time and, after them, what is expected, each with its 95 % interval.

    table: one row an interval, in order: `interval` (its first day), `value` (NA where still to
    come), `expected`, `lower`, `upper` (NA where counted); also `note`. From zero, because it
    counts things.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "forecast", "interval", "value", "expected", "lower", "upper")
    if table.empty:
        return nothing(title)
    kind = guess_kind(table["interval"])
    kinds = {"interval": kind} | dict.fromkeys(("value", "expected", "lower", "upper"), "count")
    layers = [
        alt.Chart().mark_line(color=GREY, strokeWidth=1.5).encode(_x(), _y("value")),
        _dots("value", kind, "''", COLOURS[0], filled=True),
        alt.Chart()
        .transform_filter("isValid(datum.upper)")
        .mark_rule(color=COLOURS[0], strokeWidth=5, opacity=0.35)
        .encode(_x(), _y("lower"), alt.Y2("upper")),
        _dots("expected", kind, _between(), COLOURS[0], filled=False),
    ]
    return finish(
        layers, table, title=title, description=description or _said(table, title, kind),
        labels={**LABELS, **(labels or {})}, kinds=kinds, height=HEIGHT, show_title=show_title,
    )  # fmt: skip


def _x() -> alt.X:
    axis = alt.Axis(format=time_format("month"), tickCount=6)
    return alt.X("interval:T", title=None, axis=axis, scale=alt.Scale(type="utc", padding=24))


def _y(field: str) -> alt.Y:
    axis = alt.Axis(format=",.0f", title=None)
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=True, nice=True))


def _between() -> str:
    low, high = (in_words(name, "count") for name in ("lower", "upper"))
    return f"' expected (' + {low} + ' to ' + {high} + ')'"


def _dots(field: str, kind: str, more: str, colour: str, *, filled: bool) -> alt.Chart:
    looks: dict[str, Any] = {"size": 55, "opacity": 1, "stroke": colour, "strokeWidth": 1.5}
    said = f"{in_time('interval', kind)} + ': ' + {in_words(field, 'count')} + {more}"
    return (
        alt.Chart()
        .transform_filter(f"isValid(datum.{field})")
        .transform_calculate(said=said)
        .mark_point(fill=colour if filled else "white", **looks)
        .encode(
            _x(),
            _y(field),
            description=alt.Description("said:N"),
            tooltip=alt.Tooltip("said:N", title=" "),
        )
    )


def _said(table: pd.DataFrame, title: str, kind: str) -> str:
    """The chart in words: its last count, and each forecast."""
    counted = table[table["value"].notna()]
    said = [f"Line chart of {title}."]
    if len(counted):
        row = counted.iloc[-1]
        when = write(row["interval"].date().isoformat(), kind)
        said.append(f"Counted last, {when}: {write(float(row['value']), 'count')}.")
    for _, row in table[table["expected"].notna()].iterrows():
        when = write(row["interval"].date().isoformat(), kind)
        low, mid, high = (write(float(row[c]), "count") for c in ("lower", "expected", "upper"))
        said.append(f"Expected, {when}: {mid} ({low} to {high}).")
    return " ".join(said)
