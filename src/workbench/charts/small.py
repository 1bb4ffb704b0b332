"""Small charts for a page that is short of room: a measure, its usual range, its target."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.signals import LABELS, STATES
from workbench.charts.style import (
    COLOURS,
    GREY,
    check,
    finish,
    in_time,
    in_words,
    nothing,
    number_format,
    source,
    time_format,
)
from workbench.display import Stack, Text
from workbench.grid import guess_kind, records, write
from workbench.words import READINGS

HEIGHT = 100
BAND = "#E6E6E6"  # darker than on other charts: it has to be seen in print
TEXT_COLOUR = "#1A766E"  # of the target, dark enough to be read
_KINDS = {"percent", "count"}


def small(
    table: pd.DataFrame,
    title: str = "",
    *,
    unit: str = "number",
    show_title: bool = True,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """One measure over time in little room: its usual range, its target, its signals.

    table: as for `signal`: `interval`, `value`; where there are limits `lower`, `upper`,
    `reading`; also `provisional`, `target`, `note`. unit: "percent" (of shares from 0 to 1),
    "count", "number", or a word such as "days". The latest value is written beside its point.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "small", "interval", "value")
    if table.empty or not table["value"].notna().any():
        return nothing(title)
    kind = unit if unit in _KINDS else "number"
    shown = [name for name in ("value", "mean", "lower", "upper", "target") if name in table]
    kinds = {"interval": guess_kind(table["interval"])} | dict.fromkeys(shown, kind)
    said = description or alt_text.signal(table, title or "the measure", unit, kinds)
    has = {name for name in shown if table[name].notna().any()}
    layers = [
        *([_band()] if {"lower", "upper"} <= has else []),
        *([_target()] if "target" in has else []),
        _line(unit),
        _points(unit, kinds["interval"]),
        _words(),
    ]
    return finish(
        layers, table, title=title, description=said, labels={**LABELS, **(labels or {})},
        kinds=kinds, further={"ends": _ends(table, unit, "target" in has)}, height=HEIGHT,
        show_title=show_title,
    )  # fmt: skip


def smalls(
    table: pd.DataFrame,
    *,
    units: Mapping[str, str] | None = None,
    sentences: Mapping[str, str] | None = None,
) -> Stack:
    """One small chart a measure, each under its name and over one sentence.

    table: as for `small`, with a column `measure`; measures come in order of appearance. A measure
    of which nothing can be shown has its sentence alone. units, sentences: by measure.
    """
    check(table, "small", "measure", "interval", "value")
    shown: list[Any] = []
    for measure in table["measure"].unique():
        name = f"{measure[:1].upper()}{measure[1:]}"
        rows = table[table["measure"] == measure].drop(columns="measure")
        chart = small(rows, name, unit=(units or {}).get(measure, "number"), show_title=False)
        shown += [Text(f"### {name}"), chart]
        if said := (sentences or {}).get(measure, ""):
            shown.append(Text(said))
    return Stack(*shown)


def _x() -> alt.X:
    axis = alt.Axis(format=time_format("month"), tickCount=4)
    return alt.X("interval:T", title=None, axis=axis, scale=alt.Scale(type="utc", padding=10))


def _y(field: str) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(zero=False, nice=True))


def _band() -> alt.Chart:
    stepped: dict[str, Any] = {"interpolate": "step"}
    band = alt.Chart().mark_area(color=BAND, **stepped)
    return band.encode(_x(), _y("lower"), alt.Y2("upper"))


def _target() -> alt.Chart:
    looks: dict[str, Any] = {"color": COLOURS[1], "strokeDash": [3, 3], "strokeWidth": 2}
    return alt.Chart().mark_line(interpolate="step", **looks).encode(_x(), _y("target"))


def _line(unit: str) -> alt.Chart:
    word = None if unit in {*_KINDS, "number"} else unit
    axis = alt.Axis(format=number_format(unit), title=word, tickCount=4)
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=True))
    return alt.Chart().mark_line(color=GREY, strokeWidth=1.5).encode(_x(), y)


def _points(unit: str, kind: str) -> alt.Chart:
    """A dot for each value; a signal has the shape and colour of its reading."""
    states = {READINGS[state]: looks for state, looks in STATES.items()}
    names, usual = list(states), READINGS["common cause"]
    words = {state: READINGS[state] for state in STATES}
    shapes, colours = ([looks[at] for looks in states.values()] for at in (0, 1))
    state = f"{words}[isValid(datum.reading) ? datum.reading : 'common cause'] || {usual!r}"
    said = f"datum.when + ': ' + {in_words('value', unit)} + ', ' + datum.state"
    scale = alt.Scale(domain=names, range=colours)
    hollow = {"test": "datum.provisional === true", "value": "white"}
    return (
        alt.Chart()
        .transform_filter("isValid(datum.value)")
        .transform_calculate(state=state, when=in_time("interval", kind))
        .transform_calculate(said=said)
        .mark_point(opacity=1, strokeWidth=1.2)
        .encode(
            _x(),
            _y("value"),
            stroke=alt.Stroke("state:N", scale=scale, legend=None),
            fill=alt.Fill("state:N", scale=scale, condition=hollow, legend=None),
            shape=alt.Shape("state:N", scale=alt.Scale(domain=names, range=shapes), legend=None),
            size=alt.SizeValue(55, condition={"test": f"datum.state == {usual!r}", "value": 16}),
            description=alt.Description("said:N"),
        )
    )


def _ends(table: pd.DataFrame, unit: str, has_target: bool) -> list[dict[str, Any]]:
    """What is written at the right: the latest complete value, and the target, moved apart."""
    last = str(records(table[["interval"]].tail(1))[0]["interval"])
    final = table
    if "provisional" in table:
        final = table[~table["provisional"].fillna(value=False).astype(bool)]
    latest = final["value"].tail(1).dropna()  # hidden or not there: no older one in its place
    ends = [(float(each), write(float(each), unit), "value") for each in latest]
    if has_target:
        target = float(table["target"].dropna().iloc[-1])
        place = target
        if ends:
            shown = table[[c for c in ("value", "lower", "upper", "target") if c in table]]
            shown = shown.astype("Float64")
            gap = 16 * float(shown.max().max() - shown.min().min() or 1) / HEIGHT
            value = ends[0][0]
            place = max(target, value + gap) if target >= value else min(target, value - gap)
        ends.append((place, f"Target {write(target, unit)}", "target"))
    names = ("place", "words", "what")
    return [{"interval": last} | dict(zip(names, end, strict=True)) for end in ends]


def _words() -> alt.Chart:
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=["value", "target"], range=["#0B0C0C", TEXT_COLOUR]),
        legend=None,
    )
    return (
        alt.Chart(source("ends"))
        .transform_calculate(interval="toDate(datum.interval)")
        .mark_text(align="left", dx=14, fontWeight="bold")
        .encode(_x(), _y("place"), text=alt.Text("words:N"), color=colour)
    )
