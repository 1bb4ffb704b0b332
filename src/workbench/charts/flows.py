"""How many go from one place to the next: columns of places, joined by bands as wide as many."""

import textwrap
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import COLOURS, GREY, INK, check, finish, nothing, source
from workbench.display import Text
from workbench.grid import records, write

ARROW = " → "
TALL = 330  # pixels for everyone in a column
LABEL_WIDTH = 12  # characters a line: what a quarter of a phone shows
LINE, GAP, HEADING = 12.5, 8, 38  # pixels
BAR = 0.045  # of a column's width
FLAT = 0.35  # of the way along which a band is level, under its name
ALONG = (0.0, FLAT, 0.45, 0.55, 0.65, 0.75, 0.85, 0.93, 1.0)
TINT = "#BFCDDD"
_Place = tuple[int, str]


def flows(
    table: pd.DataFrame,
    title: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How many go from one place to the next, as bands between columns of places.

    table: one row per step and pair of places: `step` (the names of its two columns, in order:
    "Programme → First support"), `origin`, `target`, `people`, also `note`. Hidden numbers are not
    drawn. A place is as tall as the larger of what is seen to come and to go.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "flows", "step", "origin", "target", "people")
    if table.empty or table["people"].isna().all():
        return nothing(title)
    steps = [str(step) for step in table["step"].unique()]
    columns = [steps[0].split(ARROW)[0], *(step.split(ARROW)[-1] for step in steps)]
    shown = records(table[table["people"].fillna(0) > 0])
    places = _places(shown, steps)
    top, height = _tops(places)
    words = {"step": "Step", "origin": "From", "target": "To", "people": "People"}
    said = description or alt_text.flows(table, title or "ways people go", columns)
    layers = [_ribbons(len(columns), height), _bars(), _names(), _headings()]
    return finish(
        layers, table, title=title, description=said, labels=words | dict(labels or {}),
        kinds={"people": "count"},
        further={
            "ribbons": _bent(shown, steps, places, top),
            "places": _drawn(places, top),
            "columns": [
                {"x": x, "words": "\n".join(textwrap.wrap(name, LABEL_WIDTH))}
                for x, name in enumerate(columns)
            ],
        },
        height=round(height),
    )  # fmt: skip


def _places(shown: list[dict[str, Any]], steps: list[str]) -> dict[_Place, float]:
    """Every place and the people in it, the largest of each column first."""
    ways: dict[str, dict[_Place, float]] = {"in": {}, "out": {}}
    for row in shown:
        column = steps.index(row["step"])
        for way, place in (("out", (column, row["origin"])), ("in", (column + 1, row["target"]))):
            ways[way][place] = ways[way].get(place, 0) + row["people"]
    people = {
        place: max(ways["in"].get(place, 0), ways["out"].get(place, 0))
        for place in [*ways["out"], *ways["in"]]
    }
    return dict(sorted(people.items(), key=lambda each: (each[0][0], -each[1], each[0][1])))


def _scale(places: Mapping[_Place, float]) -> float:
    """Pixels for each person."""
    totals: dict[int, float] = {}
    for (column, _), people in places.items():
        totals[column] = totals.get(column, 0) + people
    return TALL / max(totals.values())


def _words_of(place: _Place, people: float) -> list[str]:
    return textwrap.wrap(f"{place[1]} {write(people, 'count')}", LABEL_WIDTH)


def _tops(places: Mapping[_Place, float]) -> tuple[dict[_Place, float], float]:
    """Where each place begins, in pixels from the top, and how tall the whole is."""
    scale, top = _scale(places), {}
    below: dict[int, float] = {}
    for place, people in places.items():
        top[place] = below.get(place[0], HEADING)
        room = max(people * scale, LINE * len(_words_of(place, people)))
        below[place[0]] = top[place] + room + GAP
    return top, max(below.values())


def _bent(
    shown: list[dict[str, Any]],
    steps: list[str],
    places: Mapping[_Place, float],
    top: Mapping[_Place, float],
) -> list[dict[str, Any]]:
    """Each flow as a band: its upper and lower edge at some points along its way."""
    scale = _scale(places)
    order = list(places)
    used: dict[tuple[str, _Place], float] = {}
    points = []

    def ends(row: dict[str, Any]) -> tuple[_Place, _Place]:
        column = steps.index(row["step"])
        return (column, row["origin"]), (column + 1, row["target"])

    for row in sorted(shown, key=lambda each: [order.index(place) for place in ends(each)]):
        origin, target = ends(row)
        wide = row["people"] * scale
        start = top[origin] + used.get(("out", origin), 0)
        end = top[target] + used.get(("in", target), 0)
        used["out", origin] = used.get(("out", origin), 0) + wide
        used["in", target] = used.get(("in", target), 0) + wide
        said = f"{row['origin']} to {row['target']}: {write(row['people'], 'count')}"
        for along in ALONG:
            part = max(along - FLAT, 0) / (1 - FLAT)
            y = start + (end - start) * part * part * (3 - 2 * part)
            x = origin[0] + BAR + along * (1 - BAR)
            points.append({"flow": said, "step": row["step"], "x": x, "y": y, "y2": y + wide})
    return points


def _drawn(places: Mapping[_Place, float], top: Mapping[_Place, float]) -> list[dict[str, Any]]:
    scale = _scale(places)
    return [
        {
            "x": place[0],
            "x2": place[0] + BAR,
            "y": top[place],
            "y2": top[place] + people * scale,
            "words": "\n".join(_words_of(place, people)),
        }
        for place, people in places.items()
    ]


def _ribbons(columns: int, height: float) -> alt.Chart:
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, columns], nice=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, height], reverse=True, nice=False), axis=None)
    return (
        alt.Chart(source("ribbons"))
        .mark_area(color=TINT, opacity=0.75, stroke="white", strokeWidth=1, interpolate="monotone")
        .encode(
            x, y, alt.Y2("y2"), detail=["step:N", "flow:N"],
            tooltip=[alt.Tooltip("flow:N", title="People")],
        )
    )  # fmt: skip


def _bars() -> alt.Chart:
    bar = alt.Chart(source("places")).mark_rect(color=COLOURS[0])
    return bar.encode(alt.X("x:Q"), alt.X2("x2"), alt.Y("y:Q"), alt.Y2("y2"))


def _names() -> alt.Chart:
    looks: dict[str, Any] = {"align": "left", "baseline": "top", "lineBreak": "\n"}
    text = alt.Chart(source("places")).mark_text(
        dx=4, dy=2, fontSize=11, lineHeight=LINE, color=INK, **looks
    )
    return text.encode(alt.X("x2:Q"), alt.Y("y:Q"), text=alt.Text("words:N"))


def _headings() -> alt.Chart:
    looks: dict[str, Any] = {"align": "left", "baseline": "top", "lineBreak": "\n"}
    text = alt.Chart(source("columns")).mark_text(
        color=GREY, fontWeight="bold", fontSize=12, **looks
    )
    return text.encode(alt.X("x:Q"), y=alt.YValue(0), text=alt.Text("words:N"))
