"""Where people are as time passes: one band for each state, all of them adding up to everyone."""

import textwrap
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import (
    COLOURS,
    GREY,
    MOST_GROUPS,
    TEXT_COLOURS,
    check,
    finish,
    nothing,
    source,
    spread,
)
from workbench.display import Text
from workbench.errors import DataError
from workbench.grid import HIDDEN, write

HEIGHT = 300
LABEL_WIDTH = 18  # characters a line
LINE = 15  # pixels a line
MARKED = 8  # times on the axis, at most
STEPS = (1, 2, 4, 13, 26, 52)
ENOUGH = 0.9  # of everyone that the bands of the last time must show
LAST_COLOUR = "#B1B4B6"


def states(
    table: pd.DataFrame,
    title: str = "",
    *,
    time: str = "week",
    unit: str = "weeks",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """Where people are as time passes: bands that add up to everyone, named where they end.

    table: one row per `time` and `state`, both in order: `state` (drawn from the bottom up),
    `share` (of everyone, 0 to 1), also `people`, `of`, `note`. A hidden share lies on the straight
    line between its neighbours; where there is none, it leaves a gap on top. At most five states.

    Raises DataError for a table that is not protected, lacks a column or has too many states.
    """
    check(table, "states", time, "state", "share")
    if table.empty:
        return nothing(title)
    names = [str(name) for name in table["state"].unique()]
    if len(names) > MOST_GROUPS + 1:
        raise DataError(f"states chart: {len(names)} states. At most {MOST_GROUPS + 1} can be told")
    bands = _bands(table, time)
    if not bands:
        return nothing(title)
    words = {time: unit.capitalize(), "state": "Where", "share": "Share", "people": "People"}
    words |= {"of": "Of"} | dict(labels or {})
    said = description or alt_text.states(table, title or "where people are", time, unit)
    colours = [*COLOURS[: len(names) - 1], LAST_COLOUR] if len(names) > 1 else [COLOURS[0]]
    return finish(
        [_areas(names, colours, unit, bands), _labels(names)], table, title=title,
        description=said, labels=words, kinds={"share": "percent"},
        further={"bands": bands, "ends": _ends(bands, names)}, height=HEIGHT,
    )  # fmt: skip


def _bands(table: pd.DataFrame, time: str) -> list[dict[str, Any]]:
    """Each state at each time as a band: from `low` to `high`."""
    names = list(table["state"].unique())
    wide = table.pivot(index=time, columns="state", values="share")[names].astype(float)
    drawn = wide.interpolate(method="index", limit_area="inside")
    enough = drawn.sum(axis=1) >= ENOUGH
    if not enough.any():
        return []
    drawn = drawn.loc[: enough[enough].index[-1]].fillna(0.0)
    high = drawn.cumsum(axis=1).clip(upper=1.0)  # rounded parts may add up to more
    low = high.shift(axis=1, fill_value=0.0)
    return [
        {
            "time": int(when),
            "state": str(name),
            "low": round(float(low.loc[when, name]), 4),
            "high": round(float(high.loc[when, name]), 4),
            "shown": HIDDEN
            if pd.isna(wide.loc[when, name])
            else write(float(wide.loc[when, name]), "percent"),
        }
        for when in drawn.index
        for name in names
    ]


def _areas(
    names: list[str], colours: list[str], unit: str, bands: list[dict[str, Any]]
) -> alt.Chart:
    last = max((row["time"] for row in bands), default=0)
    step = next((each for each in STEPS if last / each < MARKED), max(last, 1))
    axis = alt.Axis(values=list(range(0, last + 1, step)))
    scale = alt.Scale(domain=names, range=colours)
    return (
        alt.Chart(source("bands"))
        .transform_calculate(said="datum.state + ': ' + datum.shown")
        .mark_area(stroke="white", strokeWidth=1.5)
        .encode(
            alt.X(
                "time:Q",
                title=f"{unit.capitalize()} since the start",
                axis=axis,
                scale=alt.Scale(nice=False),
            ),
            alt.Y(
                "low:Q",
                axis=alt.Axis(format=".0%", title="Share of everyone"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            alt.Y2("high"),
            color=alt.Color("state:N", scale=scale, legend=None),
            tooltip=[alt.Tooltip("said:N", title="Where")],
        )
    )


def _ends(bands: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """The name of each band and its last share, beside the chart where the band ends."""
    last = max((row["time"] for row in bands), default=0)
    final = {row["state"]: row for row in bands if row["time"] == last}
    rows = [final[name] for name in names if name in final]
    lines = [textwrap.wrap(f"{row['state']} {row['shown']}", LABEL_WIDTH) for row in rows]
    middles = [(row["low"] + row["high"]) / 2 for row in rows]
    places = _apart(middles, [len(each) * LINE / HEIGHT for each in lines])
    first = [
        (len(each) - 1) / 2 * LINE / HEIGHT for each in lines
    ]  # Vega hangs lines from the first
    return [
        {"time": last, "place": place + up, "state": row["state"], "words": "\n".join(wrapped)}
        for row, wrapped, place, up in zip(rows, lines, places, first, strict=True)
    ]


def _apart(middles: list[float], heights: list[float]) -> list[float]:
    """Labels of different heights moved up so far that none lies on another."""
    places = spread(middles, 0, heights[0] / 2 if heights else 0)
    for i, j in pairwise(range(len(places))):
        places[j] = max(places[j], places[i] + (heights[i] + heights[j]) / 2)
    over = places[-1] + heights[-1] / 2 - 1 if places else 0
    if over > 0:  # pushed over the top: move the upper ones back down
        places[-1] -= over
        for j, i in pairwise(reversed(range(len(places)))):
            places[i] = min(places[i], places[j] - (heights[i] + heights[j]) / 2)
    return places


def _labels(names: list[str]) -> alt.Chart:
    readable = [*TEXT_COLOURS[: len(names) - 1], GREY] if len(names) > 1 else [TEXT_COLOURS[0]]
    scale = alt.Scale(domain=names, range=readable)
    return (
        alt.Chart(source("ends"))
        .mark_text(align="left", dx=8, baseline="middle", lineBreak="\n", fontWeight="bold")
        .encode(
            alt.X("time:Q"),
            alt.Y("place:Q"),
            text=alt.Text("words:N"),
            fill=alt.Fill("state:N", scale=scale, legend=None),
        )
    )
