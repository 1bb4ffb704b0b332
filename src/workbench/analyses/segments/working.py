"""For whom does it work: the outcome of each segment, against that of all the others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.segments.apart import FEWEST, STANDS, Apart, each_apart
from workbench.analyses.segments.people import People
from workbench.analyses.segments.shrinking import shrunken
from workbench.published import numbers
from workbench.settings import Disclosure
from workbench.statistics import Floats
from workbench.store import Workspace
from workbench.words import segments as said

MOST_NOT_KNOWN = 0.1  # of a segment, or of the others: above it there is no verdict
MOST_APART = 0.05  # between the two
_COUNTS = ("known", "achieved", "not_known")


def working_table(
    data: Workspace, asked: People, labels: "pd.Series[str]", order: Sequence[str]
) -> pd.DataFrame:
    """How often the outcome was reached in each segment, and whether that is more than chance.

    `labels`: the segment of each of the people, in their order (NA: in none); `order`: segments in
    the order to show. One row a segment with anybody judged: segment, reading ("higher than for
    others", "lower than for others", "no clear difference", "too few to tell", "too much is not
    known"), share (drawn towards the whole), lower, upper (95 %), as_counted (achieved of known),
    less_others, less_others_lower, less_others_upper (differences of shares as counted), if_failed,
    if_achieved (the share, were all outcomes not known so; only where too much is not known),
    known, achieved, not_known (people), unit, note. Only people still here at the close of
    `asked.day` count, and outcomes after it. Adjusted for nothing. Protected.
    Sources: `shrunken`, `each_apart`; not known as in docs/methods.md, section 7.
    """
    judged = asked.judged
    return compared(
        labels[judged], asked.rows.loc[judged, "success"], order, data.settings.disclosure
    )


def compared(
    labels: "pd.Series[Any]", success: "pd.Series[Any]", order: Sequence[str], rules: Disclosure
) -> pd.DataFrame:
    """The table of `working_table` from plain columns: a segment and 1, 0 or NA for each person."""
    raw = _counts(labels, success, order)
    table = disclosure.protect(
        raw.assign(unit=pd.Series("points", raw.index, dtype="str")),
        people=_COUNTS,
        ratios={"as_counted": ("achieved", "known")},
        plain=["segment"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )
    shown = {name: numbers(table[name]) for name in _COUNTS}
    told = ~np.isnan(numbers(table["as_counted"]))
    count, size = (np.where(told, shown[name], np.nan) for name in ("achieved", "known"))
    exact = each_apart(raw["achieved"], raw["known"])
    released = each_apart(count, size)
    readings = [_reading(bool(told[at]), raw, exact, released, at) for at in range(len(raw))]
    much = np.array([each == said.MUCH_NOT_KNOWN for each in readings], dtype=bool)
    best = shrunken(np.where(much, np.nan, count), size)
    compare = np.array([each in said.COMPARED for each in readings], dtype=bool)
    everyone = np.where(much, size + shown["not_known"], np.nan)
    columns = {
        "share": best.share,
        "lower": best.lower,
        "upper": best.upper,
        "less_others": np.where(compare, released.difference, np.nan),
        "less_others_lower": np.where(compare, released.lower, np.nan),
        "less_others_upper": np.where(compare, released.upper, np.nan),
        "if_failed": count / everyone,
        "if_achieved": (count + shown["not_known"]) / everyone,
    }
    figures = {
        name: pd.Series(values, table.index, dtype="Float64") for name, values in columns.items()
    }
    reading = pd.Series(readings, table.index, dtype="str")
    wide = disclosure.extend(table, {"reading": reading, **figures})
    first = ["segment", "reading", "share", "lower", "upper", "as_counted"]
    return wide[[*first, *(name for name in wide if name not in first)]]


def not_known_table(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `working_table` without a verdict because too much is not known.

    One row a segment: segment, known, achieved, not_known, if_failed, if_achieved, note. Protected.
    """
    rows = table[table["reading"] == said.MUCH_NOT_KNOWN].reset_index(drop=True)
    return rows[["segment", *_COUNTS, "if_failed", "if_achieved", "note"]]


def working_sentence(table: pd.DataFrame) -> str:
    """A `working_table` in a sentence or two."""
    by_reading: Mapping[str, Sequence[str]] = {
        reading: table.loc[table["reading"] == reading, "segment"].tolist()
        for reading in (said.HIGHER, said.LOWER)
    }
    others = Counter(table.loc[~table["reading"].isin([*by_reading]), "reading"].tolist())
    return said.working(by_reading[said.HIGHER], by_reading[said.LOWER], others)


def _counts(
    labels: "pd.Series[Any]", success: "pd.Series[Any]", order: Sequence[str]
) -> pd.DataFrame:
    rows = []
    for name in order:
        came_out = success[(labels == name).fillna(value=False).astype(bool)]
        known = came_out.dropna()
        if len(came_out):
            rows.append((name, len(known), int(known.sum()), len(came_out) - len(known)))
    table = pd.DataFrame(rows, columns=["segment", *_COUNTS])
    return table.astype({"segment": "str", **dict.fromkeys(_COUNTS, int)})


def _reading(told: bool, raw: pd.DataFrame, exact: Apart, released: Apart, at: int) -> str:
    """What may be said of a segment: it must hold in the exact and in the released numbers."""
    known, not_known = raw["known"].to_numpy(float), raw["not_known"].to_numpy(float)
    mine, others = _not_known(known, not_known, at)
    if not told or np.isnan(released.p[at]):
        return said.TOO_FEW
    if max(mine, others) > MOST_NOT_KNOWN or abs(mine - others) > MOST_APART:
        return said.MUCH_NOT_KNOWN
    if min(known[at], known.sum() - known[at]) < FEWEST or exact.wide[at] or released.wide[at]:
        return said.TOO_FEW
    return _way(exact, released, at) or said.NO_DIFFERENCE


def _way(exact: Apart, released: Apart, at: int) -> str:
    """Higher or lower, where it stands in both; else empty."""
    for each in (exact, released):
        if not each.p[at] < STANDS or each.lower[at] <= 0 <= each.upper[at]:
            return ""
    if (exact.difference[at] > 0) != (released.difference[at] > 0):
        return ""
    return said.HIGHER if exact.difference[at] > 0 else said.LOWER


def _not_known(known: Floats, not_known: Floats, at: int) -> tuple[float, float]:
    """The share not known in a segment, and among all the others."""
    people = known + not_known
    others = people.sum() - people[at]
    rest = (not_known.sum() - not_known[at]) / others if others else 0.0
    return float(not_known[at] / people[at]), float(rest)
