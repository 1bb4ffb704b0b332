"""Curves over time by group: how many are still here, how fast records are entered."""

import textwrap
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import (
    COLOURS,
    DASHES,
    GREY,
    TEXT_COLOURS,
    Layer,
    check,
    finish,
    groups_of,
    nothing,
    source,
    spread,
)
from workbench.display import Text
from workbench.grid import HIDDEN, records, write

HEIGHT = 240
MOST_TIMES = 6  # marked on the axis, with the people still followed under each
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # between two marked times
LABEL_WIDTH = 18  # characters a line
_ALL = "everyone"


def survival(
    table: pd.DataFrame,
    title: str = "",
    *,
    by: str | None = None,
    unit: str = "weeks",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """Who is still here as time passes: a curve and its 95 % band by group, with numbers at risk.

    table: one row per group (`by`) and time, in order of time: `time` (in `unit` since the start),
    `survival`, `lower`, `upper` (shares from 0 to 1), `at_risk` (people still followed). A curve
    starts at 1 and holds until the next row. At most four groups.

    Raises DataError for a table that is not protected, lacks a column or has too many groups.
    """
    return _over_time(
        table, title, "survival", "Still here", by, unit, f"{unit.capitalize()} since the start",
        1, labels, description,
    )  # fmt: skip


def incidence(
    table: pd.DataFrame,
    title: str = "",
    *,
    by: str | None = None,
    unit: str = "weeks",
    since: str = "the start",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """Who has had an event as time passes: a curve and its 95 % band by group, from nobody up.

    table: one row per group (`by`) and time, in order of time: `time` (in `unit`, counted from
    `since`), `incidence`, `lower`, `upper` (shares from 0 to 1), `at_risk` (people still followed,
    without the event). A curve holds until the next row. At most four groups.

    Raises DataError for a table that is not protected, lacks a column or has too many groups.
    """
    return _over_time(
        table, title, "incidence", "Have had it", by, unit, f"{unit.capitalize()} since {since}",
        0, labels, description,
    )  # fmt: skip


def _over_time(
    table: pd.DataFrame,
    title: str,
    value: str,
    name: str,
    by: str | None,
    unit: str,
    x_title: str,
    start: int,
    labels: Mapping[str, str] | None,
    description: str | None,
) -> alt.LayerChart | Text:
    """A share of everyone by group as time passes, from `start` at time 0."""
    check(table, value, "time", value, *([by] if by else []))
    if table.empty:
        return nothing(title)
    groups = groups_of(table, by, value) or [_ALL]
    named = table.assign(group=table[by].astype(str) if by else _ALL)
    curve = [row for group in groups for row in _from(start, named[named["group"] == group], value)]
    words = {"time": unit.capitalize(), value: name, "lower": "Lower", "upper": "Upper"}
    words |= {"at_risk": "People at risk"} | dict(labels or {})
    times = _marked(table["time"])
    at_risk = _at_risk(named, groups, times) if "at_risk" in table else []
    layers = [
        *([_band(groups)] if {"lower", "upper"} <= set(table) else []),
        _curve(groups, x_title, "curve", value, words, times),
        _ends(groups),
        *(_numbers_below() if at_risk else []),
    ]
    said = description or alt_text.curves(table, title or words[value], "time", value, by, unit)
    return finish(
        layers, table, title=title, description=said, labels=words,
        kinds=dict.fromkeys((c for c in (value, "lower", "upper") if c in table), "percent"),
        further={"curve": curve, "ends": _end_words(curve, groups, value), "below": at_risk},
        height=HEIGHT,
    )  # fmt: skip


def lags(
    table: pd.DataFrame,
    title: str = "",
    *,
    by: str | None = None,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How fast records are entered: the share that is in by so many days after the event.

    table: one row per group (`by`) and day, in order: `days` (from event to entry), `share` (of
    records entered by then, 0 to 1). At most four groups.

    Raises DataError for a table that is not protected, lacks a column or has too many groups.
    """
    check(table, "lags", "days", "share", *([by] if by else []))
    if table.empty:
        return nothing(title)
    groups = groups_of(table, by, "lags") or [_ALL]
    curve = records(
        table.assign(group=table[by].astype(str) if by else _ALL, time=table["days"])[
            ["group", "time", "share"]
        ]
    )
    words = {"days": "Days", "share": "Share entered"} | dict(labels or {})
    days = _times(float(table["days"].max()))
    layers = [
        _curve(groups, "Days from the event to its entry", "curve", "share", words, days),
        _ends(groups),
    ]
    said = description or alt_text.curves(
        table, title or words["share"], "days", "share", by, "days"
    )
    return finish(
        layers, table, title=title, description=said, labels=words, kinds={"share": "percent"},
        further={"curve": curve, "ends": _end_words(curve, groups, "share")}, height=HEIGHT,
    )  # fmt: skip


def _from(start: int, rows: pd.DataFrame, value: str) -> list[dict[str, Any]]:
    """The points of one curve, everyone being at `start` at time 0."""
    columns = [c for c in ("group", "time", value, "lower", "upper") if c in rows]
    points = records(rows[columns])
    if points[0]["time"] == 0:
        return points
    share: dict[str, Any] = {name: start for name in (value, "lower", "upper") if name in columns}
    return [{"group": points[0]["group"], "time": 0, **share}, *points]


def _scales(groups: list[str]) -> dict[str, Any]:
    colour = alt.Scale(domain=groups, range=list(COLOURS[: len(groups)]))
    dash = alt.Scale(domain=groups, range=[list(dash) for dash in DASHES[: len(groups)]])
    return {
        "color": alt.Color("group:N", scale=colour, legend=None),
        "strokeDash": alt.StrokeDash("group:N", scale=dash, legend=None),
    }


def _curve(
    groups: list[str],
    x_title: str,
    name: str,
    value: str,
    words: Mapping[str, str],
    times: list[float],
) -> Layer:
    axis = alt.Axis(format=".0%", title=words[value])
    tip = [alt.Tooltip("group:N", title="Group")] if groups != [_ALL] else []
    tip += [
        alt.Tooltip("time:Q", title=x_title),
        alt.Tooltip(f"{value}:Q", title=words[value], format=".1~%"),
    ]
    x = alt.X("time:Q", title=x_title, axis=alt.Axis(values=times), scale=alt.Scale(nice=False))
    y = alt.Y(f"{value}:Q", axis=axis, scale=alt.Scale(domain=[0, 1]))
    line = alt.Chart(source(name)).encode(x, y)
    steps = line.mark_line(interpolate="step-after", strokeWidth=2).encode(**_scales(groups))
    said = f"datum.group + ', ' + datum.time + ': ' + format(datum.{value}, '.1~%')"
    touch = line.transform_filter(f"isValid(datum.{value})").transform_calculate(said=said)
    return alt.layer(
        steps,
        touch.mark_point(opacity=0, size=60).encode(
            tooltip=tip, description=alt.Description("said:N")
        ),
    )


def _band(groups: list[str]) -> alt.Chart:
    return (
        alt.Chart(source("curve"))
        .mark_area(interpolate="step-after", opacity=0.16)
        .encode(alt.X("time:Q"), alt.Y("lower:Q"), alt.Y2("upper"), color=_scales(groups)["color"])
    )


def _end_words(curve: list[dict[str, Any]], groups: list[str], value: str) -> list[dict[str, Any]]:
    """The name and last value of each curve, beside the chart at the height where it ends."""
    known = [row for row in curve if row[value] is not None]
    last = {row["group"]: row for row in known}
    ends = [last[group] for group in groups if group in last]
    names = ["" if groups == [_ALL] else row["group"] for row in ends]
    lines = [
        textwrap.wrap(f"{name} {write(row[value], 'percent')}", LABEL_WIDTH)
        for name, row in zip(names, ends, strict=True)
    ]
    line = 15 / HEIGHT
    tallest = max(map(len, lines), default=1)
    places = spread([row[value] for row in ends], line * tallest, line * (tallest - 0.5))
    return [
        {
            "group": row["group"],
            "time": max(each["time"] for each in ends),
            "place": place,
            "words": "\n".join(wrapped),
        }
        for row, wrapped, place in zip(ends, lines, places, strict=True)
    ]


def _ends(groups: list[str]) -> alt.Chart:
    readable = alt.Scale(domain=groups, range=list(TEXT_COLOURS[: len(groups)]))
    return (
        alt.Chart(source("ends"))
        .mark_text(align="left", dx=6, baseline="middle", lineBreak="\n", fontWeight="bold")
        .encode(
            alt.X("time:Q"),
            alt.Y("place:Q"),
            text=alt.Text("words:N"),
            fill=alt.Fill("group:N", scale=readable, legend=None),
        )
    )


def _times(longest: float) -> list[float]:
    """Round times from 0 to the longest, few enough to be marked on a phone."""
    step = next((each for each in STEPS if longest / each < MOST_TIMES), longest / MOST_TIMES)
    return [step * i for i in range(int(longest / step) + 1)] if longest else [0]


def _marked(known: "pd.Series[Any]") -> list[float]:
    """The times to mark: round ones or, of a table with one row a step, its own.

    So that the people under a mark are those of that time, and not of a later one.
    """
    times, steps = _times(float(known.max())), sorted(known.unique())
    if len(steps) < 3 or set(times) <= set(steps):
        return times
    even = [each for each in steps if each % (steps[1] - steps[0]) == 0]
    if len(even) < len(steps) - 1:  # times at which something happened, wherever they fall
        return times
    return even[:: -(-len(even) // MOST_TIMES)]


def _at_risk(named: pd.DataFrame, groups: list[str], times: list[float]) -> list[dict[str, Any]]:
    """People still followed at those times, one line per group, for the foot of the chart."""
    below = []
    for line, group in enumerate(groups):
        rows = named[named["group"] == group]
        heading = "Still followed" if groups == [_ALL] else f"Still followed: {group}"
        below.append({"time": 0, "heading": heading, "words": "", "place": 62 + 36 * line})
        for time in times:
            later = rows.loc[rows["time"] >= time, "at_risk"]
            if later.empty:
                continue
            people = HIDDEN if pd.isna(later.iloc[0]) else write(int(later.iloc[0]), "count")
            below.append({"time": time, "heading": "", "words": people, "place": 78 + 36 * line})
    return below


def _numbers_below() -> list[alt.Chart]:
    place = alt.Y("y:Q", scale=None, axis=None)
    text = alt.Chart(source("below")).transform_calculate(y=f"{HEIGHT} + datum.place")
    heading = text.mark_text(align="left", color=GREY, dx=-10).encode(text=alt.Text("heading:N"))
    numbers = text.mark_text(align="center", color=GREY).encode(text=alt.Text("words:N"))
    return [layer.encode(alt.X("time:Q"), place) for layer in (heading, numbers)]
