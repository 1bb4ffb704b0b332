"""Control charts: a measure over time, its limits, and the points that mean something."""

import textwrap
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import (
    COLOURS,
    FAINT,
    GREY,
    Layer,
    check,
    finish,
    in_time,
    in_words,
    nothing,
    number_format,
    source,
    spread,
    time_format,
)
from workbench.display import Stack, Text
from workbench.grid import HIDDEN, guess_kind, records, write
from workbench.words import READINGS

GREY_POINT = "#707070"
STATES = {
    "common cause": ("circle", GREY_POINT),
    "improvement": ("square", COLOURS[0]),
    "concern": ("diamond", COLOURS[3]),
    "high": ("triangle-up", COLOURS[2]),
    "low": ("triangle-down", COLOURS[2]),
}
_USUAL = READINGS["common cause"]
HEIGHT = 240
BESIDE = 10  # pixels between the first and last points and the edges
KEY_WIDTH, LINE = 46, 14  # characters a line under the chart (what a phone shows), its height
NOT_FINAL = "Hollow points are not judged: the records of that time are not all in."
LABELS = {
    "interval": "Period",
    "value": "Value",
    "mean": "Average",
    "lower": "Lower limit",
    "upper": "Upper limit",
    "target": "Target",
    "rule": "Rule",
    "reading": "Reading",
    "provisional": "Not complete",
}
_LINES = ("upper", "mean", "lower", "target")
_SHORT = {"upper": "Upper", "mean": "Average", "lower": "Lower", "target": "Target"}
_SAID = (
    "datum.when + ': ' + datum.shown"
    f" + (datum.state == {_USUAL!r} ? '' : ', ' + datum.state + ' (' + datum.why + ')')"
    " + (datum.provisional === true ? ', not complete' : '')"
)
_WORDS = {state: READINGS[state] for state in STATES}
_STATE = f"{_WORDS}[isValid(datum.reading) ? datum.reading : 'common cause'] || {_USUAL!r}"


def signal(
    table: pd.DataFrame,
    title: str = "",
    *,
    unit: str = "number",
    changes: pd.DataFrame | None = None,
    show_title: bool = True,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """One measure over time with its limits, flagged points and logged changes.

    table: one row per interval, in order: `interval` (its first day), `value`; where there are
    limits `mean`, `lower`, `upper`, `rule`, `reading` (NA: common cause); also `provisional`
    (true: late entries still come in), `target`, `note`. Hidden intervals show as "[c]".
    unit: "percent" (of shares from 0 to 1), "count", "number", or a word such as "days".
    changes: logged changes to the service: `interval` or `change_date`, and `description`.
    show_title: draw the title too; without it, it names the table behind the chart only.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "signal", "interval", "value")
    if table.empty:
        return nothing(title)
    kinds = _kinds(table, unit)
    logged = _logged(changes, table)
    words = {**LABELS, **(labels or {})}
    said = description or alt_text.signal(table, title or words["value"], unit, kinds, logged)
    names = _lines(table)
    further = {"labels": _line_labels(table, names, unit), "changes": logged}
    further["key"] = _key(table, logged)
    layers = [
        *([_limits()] if {"lower", "upper"} <= set(names) else []),
        *(_line(name) for name in names if name not in {"lower", "upper"}),
        *_changes(logged),
        _series(unit, kinds["interval"]),
        _points(table, unit, kinds["interval"], words),
        *([_hidden()] if any(HIDDEN in note for note in _unseen(table)) else []),
        *([_end_labels()] if further["labels"] else []),
        *([_key_below()] if further["key"] else []),
    ]
    return finish(
        layers, table, title=title, description=said, labels=words, kinds=kinds,
        notes=[f"{row['shown']}: {row['description']}." for row in logged],
        further=further, height=HEIGHT, show_title=show_title,
    )  # fmt: skip


def signals(
    table: pd.DataFrame,
    *,
    units: Mapping[str, str] | None = None,
    sentences: Mapping[str, str] | None = None,
    changes: pd.DataFrame | None = None,
) -> Stack:
    """One control chart per measure, each under its name and over the sentences that go with it.

    table: as for `signal`, with a column `measure`; measures come in order of appearance.
    units, sentences: by measure. changes: as for `signal`; with a column `measure`, a change is
    drawn for that measure alone where it is filled in.
    """
    check(table, "signals", "measure", "interval", "value")
    shown: list[Any] = []
    for measure in table["measure"].unique():
        name = f"{measure[:1].upper()}{measure[1:]}"
        of_measure = table[table["measure"] == measure].drop(columns="measure")
        unit = (units or {}).get(measure, "number")
        chart = signal(of_measure, name, unit=unit, changes=_of(measure, changes), show_title=False)
        shown += [Text(f"### {name}"), chart, Text((sentences or {}).get(measure, ""))]
    return Stack(*(item for item in shown if item != Text("")))


def _of(measure: Any, changes: pd.DataFrame | None) -> pd.DataFrame | None:
    if changes is None or "measure" not in changes:
        return changes
    return changes[changes["measure"].isna() | (changes["measure"] == measure)]


def _kinds(table: pd.DataFrame, unit: str) -> dict[str, str]:
    kind = unit if unit in {"percent", "count"} else "number"
    numbers = dict.fromkeys((name for name in ("value", *_LINES) if name in table), kind)
    lines = {name: "number" for name in numbers if kind == "count" and name != "value"}
    return {"interval": guess_kind(table["interval"])} | numbers | lines


def _lines(table: pd.DataFrame) -> list[str]:
    """The lines that there is something to draw of."""
    return [name for name in _LINES if name in table and table[name].notna().any()]


def _x(kind: str = "month") -> alt.X:
    axis = alt.Axis(format=time_format(kind), tickCount=6)
    return alt.X("interval:T", title=None, axis=axis, scale=alt.Scale(type="utc", padding=BESIDE))


def _y(field: str = "value") -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(zero=False, nice=True))


def _limits() -> Layer:
    stepped: dict[str, Any] = {"interpolate": "step"}
    band = alt.Chart().mark_area(color=FAINT, **stepped).encode(_x(), _y("lower"), alt.Y2("upper"))
    edge: dict[str, Any] = {"color": GREY, "strokeDash": [5, 4], "strokeWidth": 1, **stepped}
    lines = (alt.Chart().mark_line(**edge).encode(_x(), _y(name)) for name in ("lower", "upper"))
    return alt.layer(band, *lines)


def _line(name: str) -> alt.Chart:
    looks: dict[str, Any] = {"color": COLOURS[1], "strokeDash": [2, 3], "strokeWidth": 2}
    looks = looks if name == "target" else {"color": GREY, "strokeWidth": 1}
    return alt.Chart().mark_line(interpolate="step", **looks).encode(_x(), _y(name))


def _series(unit: str, kind: str) -> alt.Chart:
    unit_word = None if unit in {"percent", "count", "number"} else unit
    axis = alt.Axis(format=number_format(unit), title=unit_word)
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=True))
    return (
        alt.Chart().mark_line(color=STATES["common cause"][1], strokeWidth=1.5).encode(_x(kind), y)
    )


def _points(table: pd.DataFrame, unit: str, kind: str, words: Mapping[str, str]) -> alt.Chart:
    """A mark for each value: its shape and colour say the reading, hollow is not final."""
    reading = table["reading"] if "reading" in table else pd.Series(dtype="str")
    states = ["common cause", *(state for state in list(STATES)[1:] if (reading == state).any())]
    shapes, colours = ([STATES[state][i] for state in states] for i in (0, 1))
    legend = alt.Legend() if len(states) > 1 else None
    looks: dict[str, Any] = {"shorthand": "state:N", "legend": legend}
    domain = [READINGS[state] for state in states]
    colour = alt.Scale(domain=domain, range=colours)
    hollow = {"test": "datum.provisional === true", "value": "white"}
    known = alt.Chart().transform_filter("isValid(datum.value)")
    return (
        known.transform_calculate(
            state=_STATE,
            why="isValid(datum.rule) && datum.rule != '' ? datum.rule : 'none'",
            when=in_time("interval", kind),
            shown=in_words("value", unit),
            said=_SAID,
        )
        .mark_point(opacity=1, strokeWidth=1.5)
        .encode(
            _x(kind),
            _y(),
            stroke=alt.Stroke(scale=colour, **looks),
            fill=alt.Fill(scale=colour, condition=hollow, **looks),
            shape=alt.Shape(scale=alt.Scale(domain=domain, range=shapes), **looks),
            size=alt.SizeValue(95, condition={"test": f"datum.state == {_USUAL!r}", "value": 36}),
            tooltip=_tips(table, unit, words),
            description=alt.Description("said:N"),
        )
    )


def _tips(table: pd.DataFrame, unit: str, words: Mapping[str, str]) -> list[alt.Tooltip]:
    said = {"when": "interval", "shown": "value", "state": "reading", "why": "rule"}
    tips = [alt.Tooltip(f"{name}:N", title=words[label]) for name, label in said.items()]
    form = number_format(unit)
    tips[2:2] = [alt.Tooltip(f"{name}:Q", title=words[name], format=form) for name in _lines(table)]
    return tips


def _unseen(table: pd.DataFrame) -> list[str]:
    """The notes of intervals without a value."""
    return [] if "note" not in table else [str(n) for n in table.loc[table["value"].isna(), "note"]]


def _hidden() -> alt.Chart:
    return (
        alt.Chart()
        .transform_filter("datum.note == '[c]' && !isValid(datum.value)")
        .mark_text(text="[c]", color=GREY, baseline="bottom")
        .encode(_x(), y=alt.YValue(HEIGHT - 4))
    )


def _line_labels(table: pd.DataFrame, names: list[str], unit: str) -> list[dict[str, Any]]:
    """The name of each line and where it ends, moved apart where they would touch."""
    numbers = table[["value", *names]].astype("Float64")
    ends = {name: numbers[name].dropna().iloc[-1] for name in names if numbers[name].notna().any()}
    if not ends:
        return []
    lowest, highest = float(numbers.min().min()), float(numbers.max().max())
    gap = 16 * (highest - lowest or 1) / HEIGHT
    places = spread([float(end) for end in ends.values()], gap, lowest)
    last = str(records(table[["interval"]].tail(1))[0]["interval"])
    return [
        {"interval": last, "place": place, "words": f"{_SHORT[name]} {write(float(end), unit)}"}
        for (name, end), place in zip(ends.items(), places, strict=True)
    ]


def _end_labels() -> alt.Chart:
    return (
        _dated("labels")
        .mark_text(align="left", dx=BESIDE + 6, color=GREY)
        .encode(_x(), _y("place"), text=alt.Text("words:N"))
    )


def _dated(name: str) -> alt.Chart:
    # parsed here: Vega-Lite forgets the format of all but one of several named tables
    return alt.Chart(source(name)).transform_calculate(interval="toDate(datum.interval)")


def _logged(changes: pd.DataFrame | None, table: pd.DataFrame) -> list[dict[str, Any]]:
    """The logged changes within the chart's time, numbered."""
    if changes is None:
        return []
    day = pd.to_datetime(changes["interval" if "interval" in changes else "change_date"])
    intervals = pd.to_datetime(table["interval"])
    first, last = intervals.min(), intervals.max() + (intervals.diff().median() or pd.Timedelta(0))
    inside: list[dict[str, Any]] = [
        {
            "interval": when.date().isoformat(),
            "description": what,
            "shown": write(when.date().isoformat(), "date"),
        }
        for when, what in sorted(zip(day, changes["description"].astype(str), strict=True))
        if first <= when <= last
    ]
    for number, row in enumerate(inside, start=1):
        row["number"] = str(number)
    return inside


def _key(table: pd.DataFrame, logged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines under the chart: what the numbers on it and the hollow points stand for."""
    said = [f"{row['number']}. {row['shown']}: {row['description']}" for row in logged]
    if "provisional" in table and table["provisional"].fillna(value=False).any():
        said.append(NOT_FINAL)
    key, place = [], HEIGHT + 44
    for sentence in said:
        lines = textwrap.wrap(sentence, KEY_WIDTH)
        key.append({"words": "\n".join(lines), "place": place})
        place += LINE * len(lines) + 4
    return key


def _key_below() -> alt.Chart:
    place = alt.Y("place:Q", scale=None, axis=None)
    text = alt.Chart(source("key")).mark_text(align="left", color=GREY, lineBreak="\n")
    return text.encode(x=alt.XValue(0), y=place, text=alt.Text("words:N"))


def _changes(logged: list[dict[str, Any]]) -> list[alt.Chart]:
    if not logged:
        return []
    base = _dated("changes")
    tip = [alt.Tooltip("shown:N", title="Changed"), alt.Tooltip("description:N", title="What")]
    rule = base.mark_rule(color=COLOURS[2], strokeDash=[1, 3], strokeWidth=2).encode(
        _x(), tooltip=tip, description=alt.Description("description:N")
    )
    looks: dict[str, Any] = {"color": COLOURS[2], "baseline": "bottom", "fontWeight": "bold"}
    number = base.mark_text(**looks).encode(_x(), y=alt.YValue(-3), text=alt.Text("number:N"))
    return [rule, number]
