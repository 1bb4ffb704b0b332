"""Outcome against how often people are seen: the curve, and how many were seen how often."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import COLOURS, DASHES, GREY, INK, check, finish, nothing, source
from workbench.display import Text
from workbench.words import sweet_spot

HEIGHT, LOW = 260, 120
SHADE = "#DCEFEB"  # a tint of the second colour
THESE = "These data"
_SHARES = alt.Scale(domain=[0, 1])


def dose_response(
    table: pd.DataFrame,
    title: str = "",
    *,
    shaded: tuple[float, float | None] | None = None,
    rival: str = "",
    x_title: str = "Contacts a week",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How outcomes go with frequency: a curve with its 95 % band, and the best range shaded.

    table: one row per frequency, in order: `exposure`, `fitted`, `lower`, `upper` (shares from 0 to
    1); with `rival` another column that is drawn as a dashed line. shaded: from, to (None: to the
    end of the curve).

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "dose-response", "exposure", "fitted", "lower", "upper", *filter(None, [rival]))
    known = table.dropna(subset=["fitted"])
    if known.empty:
        return nothing(title)
    words = {"exposure": x_title, "fitted": "Reached the outcome", "lower": "Lower"}
    words |= {"upper": "Upper", "people": "People behind the curve", "quadratic": "Quadratic"}
    words |= dict(labels or {})
    ends = (float(known["exposure"].iloc[0]), float(known["exposure"].iloc[-1]))
    x = alt.X("exposure:Q", title=x_title, scale=alt.Scale(domain=ends, nice=False))
    y = alt.Y("fitted:Q", title=words["fitted"], axis=alt.Axis(format=".0%"), scale=_SHARES)
    base = alt.Chart().encode(x)
    said = "format(datum.exposure, '.2~f') + ': ' + format(datum.fitted, '.0%')"
    looks = _looks(words.get(rival, rival)) if rival else {}
    curve: dict[str, Any] = {"interpolate": "monotone", "strokeWidth": 2.5} | (
        {} if rival else {"color": COLOURS[0]}
    )
    layers = [
        base.mark_area(color=COLOURS[0], opacity=0.16, interpolate="monotone").encode(
            alt.Y("lower:Q"), alt.Y2("upper")
        ),
        _line(base.mark_line(**curve), y, looks, THESE),
        base.transform_calculate(said=said)
        .mark_point(opacity=0, size=60)
        .encode(y, tooltip=_tips(table, words), description=alt.Description("said:N")),
    ]
    further: dict[str, Any] = {}
    if shaded is not None:
        further["best"] = _shaded(shaded, ends)
        layers = [*_box(ends), *layers]
    if rival:
        other = alt.Y(f"{rival}:Q", scale=_SHARES)
        layers.append(_line(base.mark_line(**curve), other, looks, words.get(rival, rival)))
    text = description or alt_text.dose_response(known, title or words["fitted"], shaded)
    kinds = {each: "percent" for each in ("fitted", "lower", "upper", "quadratic") if each in table}
    return finish(
        layers, table, title=title, description=text, labels=words,
        kinds=kinds | {"exposure": "number"}, further=further, height=HEIGHT,
    )  # fmt: skip


def histogram(
    table: pd.DataFrame,
    title: str = "",
    *,
    x_title: str = "Contacts a week",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How many people lie in each step of a number.

    table: one row per step, in order: `from`, `to`, `step` (in words), `people`; also `note`.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "histogram", "from", "to", "step", "people")
    if table.empty:
        return nothing(title)
    words = {"from": "From", "to": "To", "step": x_title, "people": "People"} | dict(labels or {})
    last = str(table["step"].iloc[-1])
    x_title += f" (last bar: {last})" if last.endswith("more") else ""
    x = alt.X("from:Q", title=x_title, scale=alt.Scale(nice=False))
    rows = alt.Chart().transform_calculate(
        said="datum.step + ': ' + (isValid(datum.people) ? datum.people : '[c]')",
        middle="(datum.from + datum.to) / 2",
    )
    y = alt.Y("people:Q", title=words["people"], axis=alt.Axis(format=",.0f", tickCount=4))
    tip = [alt.Tooltip("said:N", title=words["people"])]
    layers = [
        rows.mark_bar(color=COLOURS[0], stroke="white").encode(
            x,
            y,
            x2=alt.X2("to"),
            y2=alt.Y2Datum(0),
            tooltip=tip,
            description=alt.Description("said:N"),
        ),
        rows.transform_filter("datum.note == '[c]'")
        .mark_text(text="[c]", color=GREY, dy=-2, baseline="bottom")
        .encode(alt.X("middle:Q"), y=alt.YValue(LOW)),
    ]
    text = description or alt_text.rows(
        table, title or "people by step", "step", "people", "count", "Histogram"
    )
    return finish(
        layers, table, title=title, description=text, labels=words,
        kinds={"from": "number", "to": "number", "people": "count"}, height=LOW,
    )  # fmt: skip


def _looks(rival: str) -> dict[str, alt.Scale]:
    """Colour and dash of the two lines, told apart by a legend."""
    domain = [THESE, rival]
    dashes = [list(DASHES[0]), list(DASHES[1])]
    return {
        "color": alt.Scale(domain=domain, range=[COLOURS[0], COLOURS[2]]),
        "strokeDash": alt.Scale(domain=domain, range=dashes),
    }


def _line(line: alt.Chart, y: alt.Y, looks: Mapping[str, alt.Scale], name: str) -> alt.Chart:
    if not looks:
        return line.encode(y)
    return line.transform_calculate(line=repr(name)).encode(
        y,
        color=alt.Color("line:N", scale=looks["color"]),
        strokeDash=alt.StrokeDash("line:N", scale=looks["strokeDash"]),
    )


def _tips(table: pd.DataFrame, words: Mapping[str, str]) -> list[alt.Tooltip]:
    shares = [name for name in ("fitted", "lower", "upper", "quadratic") if name in table]
    first = alt.Tooltip("exposure:Q", title=words["exposure"], format=",.2~f")
    return [first, *(alt.Tooltip(f"{each}:Q", title=words[each], format=".0%") for each in shares)]


def _shaded(shaded: tuple[float, float | None], ends: tuple[float, float]) -> list[dict[str, Any]]:
    """The range that is shaded, as far as the curve goes, and its name."""
    to = min(shaded[1] or ends[1], ends[1])
    low = min(max(shaded[0], ends[0]), to)
    named = f"best: {sweet_spot.range_of(shaded)}"
    return [{"low": low, "high": to, "middle": (low + to) / 2, "words": named}]


def _box(ends: tuple[float, float]) -> list[alt.Chart]:
    scale = alt.Scale(domain=ends, nice=False)
    box = alt.Chart(source("best")).mark_rect(color=SHADE)
    text = alt.Chart(source("best")).mark_text(baseline="top", dy=4, fontWeight="bold", color=INK)
    return [
        box.encode(alt.X("low:Q", scale=scale), alt.X2("high")),
        text.encode(alt.X("middle:Q"), y=alt.YValue(0), text=alt.Text("words:N")),
    ]
