"""Heat maps: one number for every pair of rows and columns."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import (
    GREY,
    INK,
    check,
    finish,
    in_time,
    in_words,
    nothing,
    number_format,
    time_format,
)
from workbench.display import Text
from workbench.grid import DATES, guess_kind, records

ROW = 30
SHADES = ("#F2F6FA", "#12436D")
_ROOM = 20  # pixels that a number needs
_DARK = 0.68  # from this part of the shades on, white is easier to read than black (4.5 to 1)


def heat(
    table: pd.DataFrame,
    title: str = "",
    *,
    x: str = "x",
    y: str = "y",
    value: str = "value",
    unit: str = "percent",
    domain: tuple[float, float] | None = None,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """One number for every pair of two things, darker for more; each is written into its cell.

    table: one row per cell: the columns named by `x` and `y` (text, numbers or dates, in order),
    and by `value` (in `unit`: "percent" of shares from 0 to 1, "count" or "number"), `note`.
    domain: what the lightest and the darkest shade stand for; shares go from 0 to 1.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "heat", x, y, value)
    if table.empty:
        return nothing(title)
    words = {name: name.replace("_", " ").capitalize() for name in (x, y, value)} | dict(
        labels or {}
    )
    said = description or alt_text.heat(table, title or words[value], x, y, value, unit)
    numbers = table[value].astype("Float64")
    low, high = domain or ((0, 1) if unit == "percent" else (0, float(numbers.max() or 1)))
    dark = low + (high - low) * _DARK
    across = alt.X(f"{x}:O", sort=_order(table, x), axis=_axis(table, x, words[x]))
    down = alt.Y(f"{y}:O", sort=_order(table, y), axis=_axis(table, y, None))
    hidden = "(datum.note == '[c]' ? '[c]' : '')"
    cell = alt.Chart().transform_calculate(
        shown=in_words(value, unit),
        inside=f"isValid(datum.{value}) ? {_inside(value, unit)} : {hidden}",
        said=f"{_named(table, y)} + ', ' + {_named(table, x)} + ': ' + datum.shown",
    )
    tip = [alt.Tooltip("said:N", title=words[value])]
    shade = alt.Color(
        f"{value}:Q", scale=alt.Scale(domain=[low, high], range=list(SHADES)), legend=None
    )
    box = cell.mark_rect(stroke="white", strokeWidth=2, invalid=None).encode(
        across, down, tooltip=tip, description=alt.Description("said:N"),
        color=alt.condition(f"isValid(datum.{value})", shade, alt.value("#F3F2F1")),
    )  # fmt: skip
    columns = table[x].nunique()
    on_dark = {"test": f"isValid(datum.{value}) && datum.{value} > {dark}", "value": "white"}
    text = cell.mark_text(opacity=alt.ExprRef(f"width / {columns} < {_ROOM} ? 0 : 1")).encode(
        across, down, text=alt.Text("inside:N"), color=alt.ColorValue(INK, condition=on_dark),
    )  # fmt: skip
    return finish(
        [box, text], table, title=title, description=said, labels=words,
        kinds={value: unit}, height=ROW * table[y].nunique(),
    )  # fmt: skip


def retention(
    table: pd.DataFrame, title: str = "", *, value: str = "retained", description: str | None = None
) -> alt.LayerChart | Text:
    """Who is still here, by when they started (down) and months since (across).

    table: one row per start quarter and month: `cohort`, `months_since_start`, `retained` (share
    from 0 to 1; another column by `value`), also `at_risk`, `note`.
    """
    labels = {"cohort": "Started in", "months_since_start": "Months since the start"}
    labels |= {value: "Still here", "at_risk": "People followed so long"}
    return heat(
        table, title, x="months_since_start", y="cohort", value=value,
        labels=labels, description=description,
    )  # fmt: skip


def completeness(
    table: pd.DataFrame,
    title: str = "",
    *,
    y: str = "table",
    value: str = "complete",
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How complete the records are, by table or team (down) and interval (across).

    table: one row per `y` and `interval`: `complete` (share from 0 to 1), `note`.
    """
    labels = {"interval": "Month", value: "Complete"}
    return heat(
        table, title, x="interval", y=y, value=value, labels=labels, description=description
    )


def _inside(value: str, unit: str) -> str:
    if unit == "percent":
        return f"format(100 * datum.{value}, '.0f')"
    return f"format(datum.{value}, {number_format(unit)!r})"


def _named(table: pd.DataFrame, column: str) -> str:
    kind = guess_kind(table[column])
    return in_time(column, kind) if kind in DATES else f"datum[{column!r}]"


def _order(table: pd.DataFrame, column: str) -> list[Any]:
    return list(dict.fromkeys(row[column] for row in records(table[[column]])))


def _axis(table: pd.DataFrame, column: str, title: str | None) -> alt.Axis:
    plain: dict[str, Any] = {
        "domain": False,
        "ticks": False,
        "labelColor": GREY,
        "labelOverlap": True,
    }
    kind = guess_kind(table[column])
    if kind not in DATES:
        return alt.Axis(title=title, **plain)
    label = f"utcFormat(toDate(datum.value), {time_format(kind)!r})"
    return alt.Axis(title=None, labelExpr=label, **plain)
