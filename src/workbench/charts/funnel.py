"""Funnels: units against the limits that chance allows for their size, each by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import (
    COLOURS,
    FAINT,
    GREY,
    INK,
    NARROW,
    Layer,
    check,
    finish,
    in_words,
    nothing,
    number_format,
    source,
)
from workbench.display import Text
from workbench.grid import records
from workbench.words import units as said

HEIGHT = 300
LINES = {"998": [5, 4], "95": [1, 0]}
LOOKS = {  # reading -> shape, stroke, fill
    said.WITHIN: ("circle", "#707070", "#707070"),
    said.OUTSIDE["95"]: ("diamond", COLOURS[3], COLOURS[3]),
    said.OUTSIDE["99.8"]: ("triangle-up", COLOURS[2], COLOURS[2]),
    said.CANNOT_TELL: ("circle", "#707070", "white"),
}
_OUTSIDE = list(said.OUTSIDE.values())
_EDGES = [f"{side}_{name}" for name in LINES for side in ("lower", "upper")]
_ENDS = {"upper_998": "99.8%", "upper_95": "95%"}
LABELS = {
    "unit": "Unit",
    "value": "Value",
    "size": "Size",
    "lower_95": "Lower 95% limit",
    "upper_95": "Upper 95% limit",
    "lower_998": "Lower 99.8% limit",
    "upper_998": "Upper 99.8% limit",
    "reading": "Against chance",
}
LONGEST = 25  # letters of a name beside its point; longer ones are cut
WIDE_RANGE = 6  # largest size over the middle one, from which sizes are drawn as their roots
SHOWN_FROM = 0.5  # of the smallest unit's size: limits from there on are seen whole
LETTER, LINE, OFF = 6.4, 15, 9  # pixels: width of a letter, height of a name, distance to its point
_PLOT = NARROW - 56  # pixels of a phone that are left beside the axis
_Box = tuple[float, float, float, float]
_Side = tuple[Literal["left", "right", "center"], int, int]  # alignment, pixels across and down
_AT_THE_END: _Side = ("right", -2, -9)  # of a limit
_SIDES_OF_A_POINT: tuple[_Side, ...] = (
    ("left", OFF, 0),
    ("right", -OFF, 0),
    ("center", 0, -OFF - 6),
    ("center", 0, OFF + 6),
    ("left", OFF, -11),
    ("left", OFF, 11),
    ("right", -OFF, -11),
    ("right", -OFF, 11),
)


def funnel(
    table: pd.DataFrame,
    limits: pd.DataFrame,
    title: str = "",
    *,
    unit: str = "number",
    centre: float = 1.0,
    size: str = "",
    show_title: bool = True,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """Each unit's value against its size, with the limits of chance.

    table: one row a unit: `unit` (its name), `size` (what chance goes by), `value` (in `unit`:
    "percent" of shares or of what was expected, or "number"), `reading` ("within limits", "beyond
    95%", "beyond 99.8%", "cannot tell"); also `note`. Rows without a value are not drawn.
    limits: one row a size, in order: `size`, `lower_95`, `upper_95`, `lower_998`, `upper_998`.
    centre: where a unit lies that is as all others. size: what it is called. show_title: draw the
    title too. Names that would lie on each other are left out: the table and pointing at a point
    tell them.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "funnel", "unit", "size", "value", "reading")
    check(limits, "funnel", "size", *_EDGES)
    if not table["value"].notna().any():
        return nothing(title)
    words = {**LABELS, **({"size": size} if size else {}), **(labels or {})}
    kind = "percent" if unit == "percent" else "number"
    shown = table[table["value"].notna()]
    frame = _Frame.of(shown, limits, centre, kind, words["size"])
    further: dict[str, list[dict[str, Any]]] = {
        "limits": _within(limits, frame),
        "centre": [{"value": centre}],
        "names": _names(shown, limits, frame, centre),
    }
    layers = [
        *(_band(frame, name) for name in LINES),
        _centre(frame),
        _points(shown, frame, words),
        _written(frame),
    ]
    return finish(
        layers, table, title=title, labels=words, height=HEIGHT, further=further,
        show_title=show_title,
        kinds={"size": "count"} | {c: kind for c in ("value", *_EDGES) if c in table},
        description=description or alt_text.funnel(table, title, kind, centre),
    )  # fmt: skip


@dataclass(frozen=True)
class _Frame:
    """The axes: their ends, what they are called, where a point comes to lie on a phone."""

    across: tuple[float, float]
    up: tuple[float, float]
    root: bool
    kind: str
    title: str

    @classmethod
    def of(
        cls, known: pd.DataFrame, limits: pd.DataFrame, centre: float, kind: str, title: str
    ) -> "_Frame":
        """From all points, and the outer limits from the smallest point on."""
        sizes, values = known["size"].astype(float), known["value"].astype(float)
        smallest, largest = float(sizes.min()), float(max(limits["size"].max(), sizes.max()))
        near = limits[limits["size"] >= SHOWN_FROM * smallest]
        low = min(centre, float(values.min()), float(near["lower_998"].min()))
        high = max(centre, float(values.max()), float(near["upper_998"].max()))
        room = 0.06 * (high - low or 1)
        most = 1.02 if kind == "percent" and high <= 1 else float("inf")
        root = largest > WIDE_RANGE * float(sizes.median())
        up = (max(low - room, 0.0), min(high + room, most))
        return cls((0.0, largest), up, root, kind, title)

    @property
    def x(self) -> alt.Scale:
        """The scale of sizes."""
        kind: Any = "sqrt" if self.root else "linear"
        return alt.Scale(domain=list(self.across), type=kind, nice=False, zero=False)

    @property
    def y(self) -> alt.Scale:
        """The scale of values."""
        return alt.Scale(domain=list(self.up), nice=False, zero=False)

    def place(self, size: float, value: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        (first, last), (low, high) = self.across, self.up
        power = 0.5 if self.root else 1.0
        along = (size**power - first**power) / ((last**power - first**power) or 1)
        return along * _PLOT, HEIGHT * (high - value) / ((high - low) or 1)


def _x(frame: _Frame) -> alt.X:
    axis = alt.Axis(format=",.0f", tickCount=5)
    return alt.X("size:Q", scale=frame.x, axis=axis, title=frame.title)


def _y(frame: _Frame, field: str) -> alt.Y:
    axis = alt.Axis(format=number_format(frame.kind))
    return alt.Y(f"{field}:Q", scale=frame.y, axis=axis, title=None)


def _within(limits: pd.DataFrame, frame: _Frame) -> list[dict[str, Any]]:
    """The limits as far as they lie within the axes, and the area between the outer ones.

    Cut here and not by the chart: the clipping of one chart on a page is taken for another's.
    """
    low, high = frame.up
    edges = limits[_EDGES].astype(float)
    drawn = edges.where((edges >= low) & (edges <= high))
    inside = edges.clip(low, high)
    area = {"from": inside["lower_998"], "to": inside["upper_998"]}
    return records(drawn.assign(size=limits["size"], **area))


def _band(frame: _Frame, name: str) -> Layer:
    base = alt.Chart(source("limits"))
    edge: dict[str, Any] = {"color": GREY, "strokeWidth": 1, "strokeDash": LINES[name]}
    edges = [
        base.mark_line(**edge).encode(_x(frame), _y(frame, f"{side}_{name}"))
        for side in ("lower", "upper")
    ]
    if name != "998":
        return alt.layer(*edges)
    area = base.mark_area(color=FAINT, opacity=1)
    return alt.layer(area.encode(_x(frame), _y(frame, "from"), alt.Y2("to")), *edges)


def _centre(frame: _Frame) -> alt.Chart:
    return alt.Chart(source("centre")).mark_rule(color=INK).encode(_y(frame, "value"))


def _points(shown: pd.DataFrame, frame: _Frame, words: Mapping[str, str]) -> alt.Chart:
    """A mark for each unit: its shape and its colour say the reading."""
    readings = [reading for reading in LOOKS if (shown["reading"] == reading).any()]
    shapes, strokes, fills = zip(*(LOOKS[reading] for reading in readings), strict=True)
    legend = alt.Legend() if len(readings) > 1 or readings[0] != said.WITHIN else None
    looks: dict[str, Any] = {"shorthand": "reading:N", "legend": legend}

    def scale(values: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=readings, range=list(values))

    tips = [
        alt.Tooltip("unit:N", title=words["unit"]),
        alt.Tooltip("shown:N", title=words["value"]),
        alt.Tooltip("size:Q", title=words["size"], format=",.0f"),
        alt.Tooltip("reading:N", title=words["reading"]),
    ]
    known = alt.Chart().transform_filter("isValid(datum.value)").transform_calculate(
        shown=in_words("value", frame.kind),
        told="datum.unit + ': ' + " + in_words("value", frame.kind) + " + ', ' + datum.reading",
    )  # fmt: skip
    return known.mark_point(opacity=1, strokeWidth=1.5).encode(
        _x(frame),
        _y(frame, "value"),
        stroke=alt.Stroke(scale=scale(strokes), **looks),
        fill=alt.Fill(scale=scale(fills), **looks),
        shape=alt.Shape(scale=scale(shapes), **looks),
        size=alt.SizeValue(
            60, condition={"test": f"indexof({_OUTSIDE}, datum.reading) >= 0", "value": 130}
        ),
        tooltip=tips,
        description=alt.Description("told:N"),
    )


def _names(
    shown: pd.DataFrame, limits: pd.DataFrame, frame: _Frame, centre: float
) -> list[dict[str, Any]]:
    """Names beside their points, as many as find room on a phone; those that stand out first.

    On the line in the middle only where there is no other room. A point that is left without one
    keeps it in the table and in what pointing at it shows.
    """
    known = shown.assign(later=~shown["reading"].isin(_OUTSIDE))
    known = known.astype({"unit": str, "size": float, "value": float})
    alike = known.groupby(["later", "size", "value"], sort=False)["unit"].agg(list).reset_index()
    alike = alike.sort_values("later", kind="stable")
    names = [_together(units) for units in alike["unit"]]
    rows = list(zip(names, alike["size"], alike["value"], strict=True))
    points = [frame.place(size, value) for _, size, value in rows]
    taken: list[_Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    last, written = limits.iloc[-1], []
    across = frame.place(float(last["size"]), centre)[1]
    line = [(0.0, across - 2, float(_PLOT), across + 2)]
    ends = [(name, float(last["size"]), float(last[end])) for end, name in _ENDS.items()]
    for place, (name, size, value) in enumerate([*ends, *rows]):
        at_end = place < len(ends)
        mine = place - len(ends)
        others = taken if at_end else taken[:mine] + taken[mine + 1 :]
        sides = (_AT_THE_END,) if at_end else _SIDES_OF_A_POINT
        boxes = [(side, _box(frame.place(size, value), side, len(name))) for side in sides]
        for side, box in sorted(boxes, key=lambda each: _lies_on(each[1], line)):
            if _free(box, others):
                taken.append(box)
                align, dx, dy = side
                place_of = {"size": size, "value": value, "align": align, "dx": dx, "dy": dy}
                written.append(place_of | {"name": name})
                break
    return written


def _box(point: tuple[float, float], side: _Side, letters: int) -> _Box:
    """Where a name comes to lie: left, top, right, bottom."""
    (x, y), (align, dx, dy), width = point, side, LETTER * letters
    left = {"left": x + dx, "right": x + dx - width, "center": x - width / 2}[align]
    return left, y + dy - LINE / 2, left + width, y + dy + LINE / 2


def _free(box: _Box, others: Sequence[_Box]) -> bool:
    """Whether a name lies inside the chart and on nothing else."""
    left, top, right, bottom = box
    if left < -2 or right > _PLOT + 2 or top < 0 or bottom > HEIGHT:
        return False
    return not _lies_on(box, others)


def _lies_on(box: _Box, others: Sequence[_Box]) -> bool:
    left, top, right, bottom = box
    return any(left < o[2] and o[0] < right and top < o[3] and o[1] < bottom for o in others)


def _together(units: Sequence[str]) -> str:
    """What stands beside a point: the name of the unit, or of all that lie there."""
    names = ", ".join(map(_short, units))
    return (
        names if len(names) <= 2 * LONGEST - 10 else f"{_short(units[0])} and {len(units) - 1} more"
    )


def _short(name: str) -> str:
    """A name cut in its middle: names of units often begin alike."""
    if len(name) <= LONGEST:
        return name
    half = (LONGEST - 1) // 2
    return f"{name[:half].rstrip()}…{name[-half:].lstrip()}"


def _written(frame: _Frame) -> Layer:
    """The names: a layer for each side of a point, because Vega-Lite sets sides by layer."""
    base = alt.Chart(source("names"))
    layers = []
    for align, dx, dy in (*_SIDES_OF_A_POINT, _AT_THE_END):
        here = base.transform_filter(
            f"datum.align == '{align}' && datum.dx == {dx} && datum.dy == {dy}"
        )
        mark = here.mark_text(align=align, dx=dx, dy=dy, baseline="middle", color=INK)
        layers.append(mark.encode(_x(frame), _y(frame, "value"), text=alt.Text("name:N")))
    return alt.layer(*layers)
