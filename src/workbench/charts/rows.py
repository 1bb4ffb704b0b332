"""Charts with a row for each thing, its name above: they read the same on a phone."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import COLOURS, GREY, check, finish, in_words, nothing, number_format
from workbench.display import Text

ROW = 46
BAR, ABOVE = 14, -16  # thickness of a bar, its words' distance from the middle, in pixels
ROOM_FOR_NUMBERS = 150  # pixels kept free for them beside a name
_TINT = "#7A93AE"
_WITH_UNIT = {"percent", "count", "number"}


def bars(
    table: pd.DataFrame,
    title: str = "",
    *,
    label: str = "label",
    value: str = "value",
    unit: str = "number",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """One bar for each row, from zero, with its interval where there is one.

    table: in the order to be drawn: the columns named by `label` and `value` (in `unit`: "percent"
    of shares from 0 to 1, "count", "number" or a word such as "days"); also `lower`, `upper`
    (95 % interval) and `note`.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "bar", label, value)
    if table.empty:
        return nothing(title)
    words = {label: label.capitalize(), value: "Value", "lower": "Lower", "upper": "Upper"}
    words |= dict(labels or {})
    has_interval = {"lower", "upper"} <= set(table)
    between = f"{in_words('lower', unit)} + ' to ' + {in_words('upper', unit)}"
    more = f"(isValid(datum.lower) ? ' (' + {between} + ')' : '')" if has_interval else "''"
    rows = _rows(label, value, unit, more)
    x = alt.X(f"{value}:Q", title=None, axis=_axis(unit), scale=alt.Scale(zero=True))
    layers = [
        rows.mark_bar(size=BAR, color=_TINT if has_interval else COLOURS[0]).encode(
            _down(table, label),
            x,
            tooltip=_tips(table, label, words),
            description=alt.Description("said:N"),
        ),
        *([_interval(rows, table, label)] if has_interval else []),
        *_words(rows, table, label),
    ]
    kind = unit if unit in _WITH_UNIT else "number"
    return finish(
        layers, table, title=title, labels=words, height=ROW * len(table),
        description=description or alt_text.rows(table, title or words[value], label, value, unit),
        kinds=dict.fromkeys((c for c in (value, "lower", "upper") if c in table), kind),
    )  # fmt: skip


def stages(
    table: pd.DataFrame,
    title: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How many get from each stage to the next: could be reached, referred, eligible, started ...

    table: one row per stage, in order: `stage`, `people`; also `share` (of the stage before, from
    0 to 1; NA for the first) and `note`. Stages count people, so bars are from zero.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "stages", "stage", "people")
    if table.empty:
        return nothing(title)
    words = {"stage": "Stage", "people": "People", "share": "Of the stage before"}
    words |= dict(labels or {})
    of_before = f"', ' + {in_words('share', 'percent')} + {' ' + words['share'].lower()!r}"
    more = f"(isValid(datum.share) ? {of_before} : '')" if "share" in table else "''"
    rows = _rows("stage", "people", "count", more)
    x = alt.X("people:Q", title=None, axis=None, scale=alt.Scale(zero=True, nice=False))
    layers = [
        rows.mark_bar(size=BAR, color=COLOURS[0]).encode(
            _down(table, "stage"),
            x,
            tooltip=_tips(table, "stage", words),
            description=alt.Description("said:N"),
        ),
        *_words(rows, table, "stage"),
    ]
    said = description or alt_text.rows(
        table, title or "people by stage", "stage", "people", "count"
    )
    return finish(
        layers, table, title=title, description=said, labels=words, height=ROW * len(table),
        kinds={"people": "count"} | ({"share": "percent"} if "share" in table else {}),
    )  # fmt: skip


def change(
    table: pd.DataFrame,
    title: str = "",
    *,
    label: str = "scale",
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """From the first reading to the last, a row for each scale: hollow first, filled last.

    table: one row per scale or group (`label`): `first`, `last` (means of those with both, in the
    scale's points; what shares a chart should share a range), also `people`,
    `no_second_reading`, `note`.

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "change", label, "first", "last")
    if table.empty:
        return nothing(title)
    words = {label: label.capitalize(), "first": "First reading", "last": "Last reading"}
    words |= {"people": "People with both", "no_second_reading": "No second reading"}
    words |= dict(labels or {})
    more = f"' → ' + {in_words('last', 'number')}"
    rows = _rows(label, "first", "number", more)
    known = rows.transform_filter("isValid(datum.first) && isValid(datum.last)")
    x = alt.X("first:Q", title=None, axis=_axis("number"), scale=alt.Scale(zero=False, padding=12))
    tip = _tips(table, label, words)
    line = known.mark_rule(color=GREY, strokeWidth=2).encode(_down(table, label), x, alt.X2("last"))
    looks: dict[str, Any] = {"size": 110, "opacity": 1, "stroke": COLOURS[0], "strokeWidth": 2}
    first = known.mark_point(fill="white", **looks).encode(_down(table, label), x, tooltip=tip)
    last = known.mark_point(fill=COLOURS[0], **looks).encode(
        _down(table, label), alt.X("last:Q"), tooltip=tip, description=alt.Description("said:N")
    )
    said = description or alt_text.change(table, title or "first and last reading", label)
    return finish(
        [line, first, last, *_words(rows, table, label)], table, title=title, description=said,
        labels=words, kinds={"first": "number", "last": "number"}, height=ROW * len(table),
    )  # fmt: skip


def _rows(label: str, value: str, unit: str, more: str) -> alt.Chart:
    """The rows with their words: the number, and what else there is to say."""
    number = f"{in_words(value, unit)} + {more}"
    hidden = "(datum.note == '[c]' ? '[c]' : '[x]')"
    shown = f"isValid(datum[{value!r}]) ? {number} : {hidden}"
    return alt.Chart().transform_calculate(shown=shown, said=f"datum[{label!r}] + ': ' + ({shown})")


def _down(table: pd.DataFrame, label: str) -> alt.Y:
    """Rows in the order of the table, also those without a number."""
    return alt.Y(f"{label}:N", sort=[str(each) for each in table[label]], axis=None)


def _words(rows: alt.Chart, table: pd.DataFrame, label: str) -> list[alt.Chart]:
    """Above each row its name, on the left, and its number, on the right."""
    looks: dict[str, Any] = {"baseline": "middle", "dy": ABOVE, "fontSize": 13}
    cut = alt.ExprRef(f"width - {ROOM_FOR_NUMBERS}")
    name = rows.mark_text(align="left", limit=cut, **looks)
    number = rows.mark_text(align="right", fontWeight="bold", **looks)
    return [
        name.encode(_down(table, label), x=alt.XValue(0), text=alt.Text(f"{label}:N")),
        number.encode(
            _down(table, label), x=alt.XValue(alt.ExprRef("width")), text=alt.Text("shown:N")
        ),
    ]


def _interval(rows: alt.Chart, table: pd.DataFrame, label: str) -> alt.Chart:
    whisker = rows.transform_filter("isValid(datum.lower)").mark_rule(
        strokeWidth=2, color=COLOURS[0]
    )
    return whisker.encode(_down(table, label), alt.X("lower:Q"), alt.X2("upper"))


def _axis(unit: str) -> alt.Axis:
    return alt.Axis(format=number_format(unit), tickCount=5, grid=True, domain=False, ticks=False)


def _tips(table: pd.DataFrame, label: str, words: Mapping[str, str]) -> list[alt.Tooltip]:
    others = [str(name) for name in table if name in words and name != label]
    return [alt.Tooltip("said:N", title=words[label])] + [
        alt.Tooltip(f"{name}:Q", title=words[name], format=",.3~f") for name in others
    ]
