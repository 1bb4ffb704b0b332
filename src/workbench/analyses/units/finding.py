"""Every funnel of a service: verdicts, sentences, and the limits between the points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from workbench import disclosure
from workbench.analyses.units.counting import MEASURES, groupings, small_teams
from workbench.analyses.units.tables import Counted, every
from workbench.store import Workspace
from workbench.words import units as said

LEAST_UNITS = 10  # from here on, how much units differ anyway can be measured
LEAST_EXPECTED = 10.0
LEAST_DRAWN = 3  # units in a chart
TAILS = {"95": 0.025, "998": 0.001}
POINTS, FURTHEST = 120, 200  # of each limit that is drawn: points, and largest size over smallest
LIMITS = [f"{side}_{name}" for name in TAILS for side in ("lower", "upper")]


@dataclass(frozen=True, eq=False)
class Question:
    """One measure by one kind of unit, against what chance does.

    `table`: one row a unit, in alphabetical order: unit, people, size (what chance goes by),
    value (observed over expected, or the share), the limits, reading, note. `limits`: the limits
    for sizes in between, to be drawn. `apart`: the limits allow for units that differ anyway.
    """

    counted: Counted
    table: pd.DataFrame
    limits: pd.DataFrame
    centre: float
    apart: bool
    sentence: str

    @property
    def enough(self) -> bool:
        """Whether there are enough units for a chart."""
        return int(self.table["value"].notna().sum()) >= LEAST_DRAWN

    @property
    def stands_out(self) -> bool:
        """Whether a unit lies outside the limits."""
        return bool(_outside(self.table["reading"]).any())

    @property
    def name(self) -> str:
        """What it is about: "success rate by team"."""
        return f"{self.counted.measure} by {self.counted.by}"

    @property
    def size(self) -> str:
        """What its sizes are called."""
        return said.SIZE[self.counted.kind == "ratio"]

    @property
    def title(self) -> str:
        """What the chart of it is called."""
        return said.title(self.counted.measure, self.counted.by, self.counted.kind == "ratio")


@dataclass(frozen=True)
class Units:
    """All funnels of a service, protected.

    `table`: one row a measure, kind of unit and unit. `headline`: all of it in a sentence;
    `chance`: how many flags chance alone would raise; `missing`: what could not be asked, and why;
    `notes`: over which days each measure is counted, and what it is adjusted for.
    """

    questions: tuple[Question, ...]
    table: pd.DataFrame
    headline: str
    chance: str
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def drawn(self) -> tuple[Question, ...]:
        """The questions worth a chart: of success, and those in which a unit stands out."""
        return tuple(
            each
            for each in self.questions
            if each.enough and (each.counted.measure == MEASURES[0] or each.stands_out)
        )

    @property
    def others(self) -> tuple[str, ...]:
        """What is to be said of the questions without a chart: what stands out, then the rest."""
        rest = [each for each in self.questions if each not in self.drawn]
        told = [each.sentence for each in rest if each.stands_out]
        calm = [each.name for each in rest if not each.stands_out]
        return (*told, *([said.ordinary(calm)] if calm else []))


def find(data: Workspace, funnel: Callable[..., Any]) -> Units:
    """Which units lie outside what chance would do, for every measure and kind of unit.

    `funnel`: `signals.funnel`, which is given released numbers only, divided by their scatter
    (Rao and Scott 1992), so that limits are as wide as yes-or-no outcomes and several contacts of
    one client make them. Over-dispersion is allowed for from 10 units on; of fewer it cannot be
    measured, and the limits are those of chance alone.
    """
    counts, missing = every(data)
    questions = tuple(_asked(each, funnel) for each in counts)
    tables = [_listed(each) for each in questions]
    table = pd.concat(tables, ignore_index=True) if tables else _nothing()
    readings = table["reading"]
    kinds = tuple(dict.fromkeys(each.by for each in counts))
    judged = int(readings.isin([said.WITHIN, *said.OUTSIDE.values()]).sum())
    if not groupings(data):
        missing = (said.NO_GROUPINGS,)
    elif "team" in groupings(data) and (small := small_teams(data)):
        missing += (said.small_teams(small),)
    return Units(
        questions,
        table,
        said.headline(kinds, judged, int(_outside(readings).sum())),
        said.chance(judged, 2 * TAILS["95"]),
        missing,
        tuple(dict.fromkeys(_note(each) for each in counts)),
    )


def _asked(counts: Counted, funnel: Callable[..., Any]) -> Question:
    sizes, ratio = counts.sizes, counts.kind == "ratio"
    table = counts.table[["unit", "people", "note"]].copy()
    shown, centre, apart, drawn = pd.DataFrame(index=sizes.index), 1.0, False, _no_limits()
    if len(sizes) and sizes.sum() > 0:
        found = funnel(
            counts.observed / counts.scatter,
            sizes / counts.scatter,
            kind=counts.kind,
            overdispersion=len(sizes) >= LEAST_UNITS,
        )
        shown, centre, apart = found.table.assign(size=sizes), found.centre, found.tau2 > 0
        drawn = _limits(counts, funnel, found)
    columns: dict[str, Any] = {
        name: table["unit"].map(shown.get(name, {})).astype("Float64")
        for name in ("size", "value", *LIMITS)
    }
    readings = [_reading(unit, shown, ratio) for unit in table["unit"]]
    table = disclosure.extend(table, columns | {"reading": readings})
    whole = counts.overall if ratio else centre
    shares = table["value"] * (whole if ratio else 1)
    sentence = said.sentence(
        counts.measure,
        counts.by,
        dict(zip(table["unit"], readings, strict=True)),
        dict(zip(table["unit"], shares, strict=True)),
        whole,
        adjusted=ratio,
    )
    return Question(counts, table, drawn, centre, apart, sentence)


def _reading(unit: str, shown: pd.DataFrame, ratio: bool) -> str:
    """The verdict of one unit."""
    if unit not in shown.index or "outlier" not in shown:
        return said.TOO_FEW
    row = shown.loc[unit]
    if row["outlier"] == "cannot tell" or (ratio and row["size"] < LEAST_EXPECTED):
        return said.CANNOT_TELL
    return said.OUTSIDE.get(str(row["outlier"]), said.WITHIN)


def _outside(readings: "pd.Series[str]") -> "pd.Series[bool]":
    return readings.isin(list(said.OUTSIDE.values()))


def _limits(counts: Counted, funnel: Callable[..., Any], found: Any) -> pd.DataFrame:
    """The limits for sizes in between: one row a size, from small to a little over the largest."""
    largest = float(counts.sizes.max())
    smallest = min(largest / FURTHEST, float(counts.sizes[counts.sizes > 0].min()) / 2)
    sizes = np.geomspace(smallest, 1.06 * largest, POINTS)
    worth = sizes / counts.scatter
    if found.tau2:
        limits = _wide(worth, found.centre, counts.kind, found.tau2)
    else:
        base = pd.Series(worth)
        limits = funnel(base * found.centre, base, kind=counts.kind, overdispersion=False).table
    frame = pd.DataFrame({"size": sizes} | {name: limits[name].to_numpy() for name in LIMITS})
    return disclosure.protect(frame, plain=list(frame.columns))


def _wide(worth: "np.ndarray", centre: float, kind: str, tau2: float) -> pd.DataFrame:
    """Limits that allow for units that differ anyway: those of `funnel`, at any size."""
    middle = 1.0 if kind == "ratio" else float(np.arcsin(np.sqrt(centre)))
    limits = {}
    for name, tail in TAILS.items():
        half = stats.norm.isf(tail) * np.sqrt(1 / (4 * worth) + tau2)
        low, high = np.maximum(middle - half, 0), middle + half
        ratio = kind == "ratio"
        limits[f"lower_{name}"] = low**2 if ratio else np.sin(low) ** 2
        limits[f"upper_{name}"] = high**2 if ratio else np.sin(np.minimum(high, np.pi / 2)) ** 2
    return pd.DataFrame(limits)


def _note(counts: Counted) -> str:
    model, days = counts.model, counts.window
    return said.counted_on(
        counts.measure, days.first, days.last, model.names, model.chances is not None, model.needed
    )


def _listed(question: Question) -> pd.DataFrame:
    """The rows of one question in the table of all: counts, share, adjusted share, verdict."""
    counts = question.counted
    value = question.table["value"] * (1.0 if counts.kind == "ratio" else float("nan"))
    columns = {
        "ratio": value,
        "adjusted": (value * counts.overall).clip(upper=1.0),
        "reading": question.table["reading"],
    }
    return disclosure.extend(counts.table, columns)


def _no_limits() -> pd.DataFrame:
    frame = pd.DataFrame(columns=["size", *LIMITS], dtype=float)
    return disclosure.protect(frame, plain=list(frame.columns))


def _nothing() -> pd.DataFrame:
    frame = pd.DataFrame(columns=["measure", "by", "unit", "reading"], dtype="str")
    return disclosure.protect(frame)
