"""The look of every chart, and how a chart is shown: drawn, interactive, in words, with its table.

Colours and type: Analysis Function (2024), Data visualisation: colours; charts.
"""

import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from workbench.disclosure import require_protected
from workbench.display import CHART_TYPE, DRAWING_TYPE, Text
from workbench.errors import DataError
from workbench.grid import DATES, guess_kind, protection, records
from workbench.words import verbatim

COLOURS = ("#12436D", "#28A197", "#801650", "#F46A25")
TEXT_COLOURS = ("#12436D", "#1A766E", "#801650", "#B3470F")  # the same, dark enough to be read
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond")
INK, GREY, FAINT = "#0B0C0C", "#595959", "#F3F2F1"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the first comes with the drawing engine
MOST_GROUPS = len(COLOURS)
WIDE, NARROW = 720, 340
LATER = "WORKBENCH_DRAW_LATER"  # set where charts are drawn by whoever reads the notebook
Layer = Any  # a chart, or layers of charts

FURTHER: dict[str, frozenset[str]] = {
    "bands": frozenset({"high", "low", "shown", "state", "time"}),
    "below": frozenset({"heading", "place", "time", "words"}),
    "best": frozenset({"high", "low", "middle", "words"}),
    "centre": frozenset({"value"}),
    "changes": frozenset({"description", "interval", "number", "shown"}),
    "columns": frozenset({"words", "x"}),
    "curve": frozenset({"group", "incidence", "lower", "share", "survival", "time", "upper"}),
    "ends": frozenset({"group", "interval", "place", "state", "time", "what", "words"}),
    "key": frozenset({"place", "words"}),
    "labels": frozenset({"interval", "place", "words"}),
    "limits": frozenset({"from", "lower_95", "lower_998", "size", "to", "upper_95", "upper_998"}),
    "names": frozenset({"align", "dx", "dy", "name", "size", "value"}),
    "places": frozenset({"words", "x", "x2", "y", "y2"}),
    "ribbons": frozenset({"flow", "step", "x", "y", "y2"}),
}
"""What a chart may draw besides its table: labels, lines, shapes, each with its columns."""
TITLE_WIDTH = 38  # characters a line: what a phone shows

# JupyterLab 4 carries Vega-Lite 5, and draws nothing of version 6; these charts are valid in both.
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_DRAWN_WITH = "5.21"
_COORDINATES = re.compile(r'(?<!aria-label)="[^"]*"')  # what is no word for a reader
_LONG_NUMBER = re.compile(r"\d+\.\d{3,}")  # a hundredth of a pixel is plenty

CONFIG: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": "#E3E3E3",
        "labelColor": GREY,
        "labelFontSize": 12,
        "labelLimit": 150,
        "titleColor": GREY,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "axisX": {"grid": False, "labelAngle": 0, "labelOverlap": True, "labelSeparation": 8},
    "axisY": {
        "domain": False,
        "ticks": False,
        "tickCount": 5,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleAnchor": "end",
        "titleBaseline": "bottom",
        "titleX": 0,
        "titleY": -10,
    },
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "columns": 2,
        "title": None,
        "labelColor": INK,
        "labelFontSize": 12,
        "symbolSize": 90,
        "offset": 24,
    },
    "text": {"color": INK, "fontSize": 12, "lineHeight": 14},
    "title": {"anchor": "start", "color": INK, "fontSize": 15, "offset": 14, "lineHeight": 19},
}


def finish(
    layers: Sequence[Layer],
    table: pd.DataFrame,
    *,
    title: str,
    description: str,
    labels: Mapping[str, str],
    kinds: Mapping[str, str],
    notes: Sequence[str] = (),
    further: Mapping[str, list[dict[str, Any]]] | None = None,
    height: int,
    show_title: bool = True,
) -> alt.LayerChart:
    """Put layers over the table they draw; the chart then carries its table, words and title.

    `further` holds what a layer draws besides the table, by name: labels, logged changes.
    Raises DataError for one that `FURTHER` does not have, or with other columns.
    """
    stray = [name for name, rows in (further or {}).items() if not further_known(name, rows)]
    if stray:
        raise DataError(f"chart: {', '.join(stray)} is drawn, and FURTHER does not have it so.")
    guessed = {str(name): guess_kind(table[name]) for name in table} | dict(kinds)
    about = {
        "title": title,
        "labels": dict(labels),
        "kinds": guessed,
        "columns": list(guessed),  # in their order, which a saved notebook does not keep
        "notes": list(notes),
        "protection": protection(table),
    }
    dates = [name for name, kind in guessed.items() if kind in DATES]
    drawn_title: dict[str, Any] = (
        {"title": textwrap.wrap(title, TITLE_WIDTH)} if title and show_title else {}
    )
    return _Finished(
        layer=list(layers),
        data=source("table", *dates),
        datasets={"table": records(table), **(further or {})},
        width=WIDE,  # "container" grows without end in JupyterLab's cells
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        description=description,
        usermeta={"workbench": about},
        config=alt.Config(**CONFIG),
        **drawn_title,
    )


def further_known(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a chart may draw these rows besides its table."""
    return name in FURTHER and all(set(row) <= FURTHER[name] for row in rows)


def source(name: str, *dates: str) -> alt.NamedData:
    """A named table of the chart, with its columns of dates."""
    if not dates:
        return alt.NamedData(name)
    return alt.NamedData(name, format=alt.DataFormat(parse=dict.fromkeys(dates, "date")))


def check(table: pd.DataFrame, chart: str, *columns: str) -> None:
    """Refuse a table that is not protected or lacks a column that the chart draws.

    Raises DataError.
    """
    require_protected(table)
    missing = [column for column in columns if column not in table]
    if missing:
        raise DataError(f"{chart} chart: the table has no column {', '.join(missing)}.")


def nothing(title: str) -> Text:
    """What stands in the place of a chart without a row to draw."""
    where = f"{verbatim(title)}: there" if title else "There"
    return Text(f"*{where} is nothing to show.*")


def groups_of(table: pd.DataFrame, by: str | None, chart: str) -> list[str]:
    """The groups that a chart tells apart, in order of appearance.

    Raises DataError for more than a reader can tell apart.
    """
    found = [] if by is None else [str(group) for group in table[by].unique()]
    if len(found) > MOST_GROUPS:
        raise DataError(
            f"{chart} chart: {len(found)} groups in '{by}'. At most {MOST_GROUPS} can be told "
            "apart: put them together, or draw one chart for each."
        )
    return found


def number_format(kind: str) -> str:
    """How an axis or a mark writes numbers of a kind, in d3's notation."""
    return {"percent": ".1~%", "count": ",.0f"}.get(kind, ",.2~f")


def in_words(field: str, kind: str) -> str:
    """A Vega expression that writes a field as `words.number` does, with its unit."""
    value, unit = f"datum[{field!r}]", ""
    size = f"abs({value})"
    form = repr(number_format(kind))
    if kind == "percent":
        form = f"{size} >= 0.1 && {size} <= 0.99 ? '.0%' : '.1~%'"
    elif kind != "count":
        small = f"{size} >= 1 || {size} == 0 ? ',.1~f' : {size} >= 0.01 ? ',.2~f' : ',.3~f'"
        form = f"{size} >= 100 ? ',.0f' : {small}"
        unit = "" if kind == "number" else f" + {f' {kind}'!r}"
    return f"(isValid({value}) ? format({value}, {form}){unit} : 'not shown')"


def in_time(field: str, kind: str) -> str:
    """A Vega expression that writes a date as readers see it: a day, month, quarter or year."""
    form = "%-d %B %Y" if kind == "date" else "%B %Y"
    return f"{DATES[kind]!r} + utcFormat(toDate(datum[{field!r}]), {form!r})"


def time_format(kind: str) -> str:
    """How an axis writes dates of a kind, in d3's notation."""
    return "%-d %b %Y" if kind == "date" else "%b %Y"


def spread(values: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Move labels apart that would lie on each other, in their order and not below `lowest`."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    moved = list(values)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    excess = (sum(moved) - sum(values)) / max(len(values), 1)
    for i, previous in zip(order, [None, *order], strict=False):
        floor = lowest if previous is None else moved[previous] + gap
        moved[i] = max(moved[i] - excess, floor)
    return moved


def as_version_5(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A chart's spec under the version that JupyterLab carries."""
    return {**spec, "$schema": _SCHEMA}


def draw(spec: Mapping[str, Any], width: int = WIDE) -> str:
    """A chart's spec as a static drawing (SVG), `width` pixels wide."""
    drawn = str(vl_convert.vegalite_to_svg({**spec, "width": width}, vl_version=_DRAWN_WITH))
    return _COORDINATES.sub(lambda part: _LONG_NUMBER.sub(_shorter, part[0]), drawn)


def _shorter(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}"


def show(spec: Mapping[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a chart gives to a notebook: the interactive chart, the drawing, the description."""
    written = as_version_5(spec)
    bundle = {"text/plain": written.get("description", ""), CHART_TYPE: written}
    if not os.environ.get(LATER):
        bundle[DRAWING_TYPE] = draw(written)
    return bundle, {CHART_TYPE: {"embed_options": {"actions": False, "renderer": "svg"}}}


class _Finished(alt.LayerChart):
    """A chart that is shown as it was made: tests hold it against the schema, not every reader.

    That check takes longer than all the rest of showing it. `to_dict` makes it, unless told.
    """

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> Any:
        return show(self.to_dict(validate=False, context={"pre_transform": False}))


alt.renderers.register("workbench", show)
alt.renderers.enable("workbench")
