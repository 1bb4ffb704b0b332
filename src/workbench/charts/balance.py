"""How alike two groups are, before and after weighing: a row for each covariate."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from workbench.charts import alt_text
from workbench.charts.style import COLOURS, GREY, check, finish, nothing
from workbench.display import Text

ROW, ABOVE = 40, -13  # pixels a row, and from its middle up to its words
ALIKE = 0.1  # standardised differences up to here count as alike
_NAME = 90  # pixels kept free for the numbers beside a name


def balance(
    table: pd.DataFrame,
    title: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    description: str | None = None,
) -> alt.LayerChart | Text:
    """How far apart two groups are in what they were like: hollow before, filled after weighing.

    table: one row per covariate (`covariate`): `before`, `after` (standardised mean differences, 0
    or more; `after` missing where nothing was weighed); also `people`, `note`. A rule stands at
    0.1, up to which groups count as alike (Austin 2009).

    Raises DataError for a table that is not protected or lacks a column.
    """
    check(table, "balance", "covariate", "before", "after")
    if table.empty:
        return nothing(title)
    words = {"covariate": "Covariate", "before": "Before weighing", "after": "After weighing"}
    words |= {"people": "People"} | dict(labels or {})
    rows = alt.Chart().transform_calculate(
        shown=f"({_written('before')}) + (isValid(datum.after) ? ' → ' + {_written('after')} : '')"
    )
    y = alt.Y("covariate:N", sort=None, axis=None)
    shown = table[["before", "after"]].to_numpy(dtype=float, na_value=0.0)
    far = max(2 * ALIKE, float(shown.max()))
    axis = alt.Axis(tickCount=5, format=".2~f", grid=True, domain=False, ticks=False)
    x = alt.X("before:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, far * 1.05]))
    tips = [alt.Tooltip("covariate:N"), alt.Tooltip("before:Q"), alt.Tooltip("after:Q")]
    looks: dict[str, Any] = {"size": 90, "opacity": 1, "stroke": COLOURS[0], "strokeWidth": 2}
    rule = alt.Chart().mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=alt.XDatum(ALIKE))
    known = rows.transform_filter("isValid(datum.before)")
    line = rows.transform_filter("isValid(datum.before) && isValid(datum.after)").mark_rule(
        color=GREY, strokeWidth=2
    )
    before = known.mark_point(fill="white", **looks).encode(y, x, tooltip=tips)
    after = rows.transform_filter("isValid(datum.after)").mark_point(fill=COLOURS[0], **looks)
    said = description or alt_text.balance(table, title or "how alike the groups are", ALIKE)
    layers = [
        rule,
        line.encode(y, alt.X("before:Q"), alt.X2("after")),
        before,
        after.encode(y, alt.X("after:Q"), tooltip=tips),
        *_words(rows, y),
    ]
    return finish(
        layers, table, title=title, description=said, labels=words,
        kinds={"before": "number", "after": "number"}, height=ROW * len(table),
    )  # fmt: skip


def _written(name: str) -> str:
    """A Vega expression: a number in two decimals, or the mark of a hidden one."""
    return f"(isValid(datum.{name}) ? format(datum.{name}, '.2f') : datum.note || '[x]')"


def _words(rows: alt.Chart, y: alt.Y) -> list[alt.Chart]:
    """Above each row its covariate, on the left, and its numbers, on the right."""
    looks: dict[str, Any] = {"baseline": "middle", "dy": ABOVE, "fontSize": 13}
    name = rows.mark_text(align="left", limit=alt.ExprRef(f"width - {_NAME}"), **looks)
    number = rows.mark_text(align="right", fontWeight="bold", **looks)
    return [
        name.encode(y, x=alt.XValue(0), text=alt.Text("covariate:N")),
        number.encode(y, x=alt.XValue(alt.ExprRef("width")), text=alt.Text("shown:N")),
    ]
