"""One measure of one caseworker, or one flow of a team: its limits, its reading, what is said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure, words
from workbench.measures import Definition
from workbench.periods import Period
from workbench.words import caseload as said

FIRM = 13  # complete intervals from which limits are drawn, and that they rest on
MONTHS = {"month": 1, "quarter": 3, "year": 12}
LINES = ("mean", "lower", "upper")
UNITS = {"proportion": "percent", "count": "count", "rate": "number"}
Judge = Callable[..., Any]  # `signals.xmr`, `signals.p_chart`


@dataclass(frozen=True)
class Line:
    """A measure over time. `table`: protected, with limits and readings where it is judged.

    `interval`: "month", "quarter", "year". `judged`: whether limits were asked for. `few`: the
    clients are too few to judge it. `own`: it is one caseworker's.
    """

    about: Definition
    interval: str
    table: pd.DataFrame
    judged: bool
    few: bool
    own: bool

    @property
    def complete(self) -> pd.DataFrame:
        """The intervals that are complete."""
        return self.table[self.table["complete"]]

    @property
    def row(self) -> "pd.Series[Any] | None":
        """The latest complete interval."""
        return self.complete.iloc[-1] if len(self.complete) else None

    @property
    def unit(self) -> str:
        """How charts and cards write its values."""
        if self.about.kind == "stock":
            return "percent" if self.about.denominator else "count"
        return UNITS.get(self.about.kind, self.about.unit)

    @property
    def reading(self) -> str:
        """Of the latest complete interval: a key of `words.caseload.TO_DO`."""
        row = self.row
        if row is None:
            return "not yet"
        if pd.isna(row["value"]):
            return "too few" if row["note"] else "nobody"
        if self.about.kind == "stock":
            return "stock"
        if not self.judged:
            return said.TOO_FEW
        if self.table["lower"].isna().all():
            return "does not vary"
        return "common cause" if pd.isna(row["reading"]) else str(row["reading"])


def line(
    table: pd.DataFrame, about: Definition, interval: str, judge: Judge, *, few: bool, own: bool
) -> Line:
    """A protected table of a measure, judged on its complete intervals where they are enough."""
    complete = table[table["complete"]].set_index("interval")
    values = complete["value"].astype("float64")
    had = int(values.notna().sum())
    judged = about.kind != "stock" and not few and had >= FIRM
    limits = pd.DataFrame(columns=[*LINES, "rule", "reading"])
    if judged:
        given = [values]
        if about.kind == "proportion":
            given = [complete[name].astype("float64") for name in ("numerator", "denominator")]
        limits = judge(*given, about.better, baseline=FIRM if had > FIRM else None).table
    on = limits.reindex(table["interval"]).set_axis(table.index)
    highest = 1.0 if about.kind == "proportion" else np.inf
    added: dict[str, Any] = {
        name: on[name].astype("Float64").clip(lower=0, upper=highest) for name in LINES
    }
    added |= {name: on[name].astype("string") for name in ("rule", "reading")}
    added["target"] = pd.Series(about.target, table.index, dtype="Float64")
    added["provisional"] = ~table["complete"]
    return Line(about, interval, disclosure.extend(table, added), judged, few, own)


def smallest_change(of: Line) -> float | None:
    """By how much one interval has to differ from the average to stand out alone.

    To the nearer limit that lies where a value can be; without limits, three standard errors of a
    share (binomial), or of a rate or count (Poisson), with the numbers of an average interval.
    None where no value could; NaN where it is not known.
    """
    row, kind, complete = of.row, of.about.kind, of.complete
    highest = 1.0 if kind == "proportion" else np.inf
    if row is not None and not pd.isna(row["lower"]):
        ends = [row["mean"] - row["lower"]] if row["lower"] > 0 else []
        ends += [row["upper"] - row["mean"]] if row["upper"] < highest else []
        return float(min(ends)) if ends else None
    if kind == "count":
        return 3 * float(np.sqrt(complete["value"].astype("float64").mean()))
    if kind not in ("proportion", "rate"):
        return np.nan
    part, whole = (complete[name].astype("float64") for name in ("numerator", "denominator"))
    if not part.sum() > 0:
        return np.nan
    mean = part.sum() / whole.sum()
    spread = mean * (1 - mean) if kind == "proportion" else mean
    change = 3 * float(np.sqrt(spread / whole[whole > 0].mean()))
    if kind == "proportion" and change > max(mean, 1 - mean):
        return None
    return change or np.nan


def headline(of: Line, year_starts: int) -> dict[str, Any]:
    """What a card shows of it: measure, now, start, target, reading, sentence, unit."""
    row, values = of.row, of.complete["value"].astype("float64").dropna()
    return {
        "measure": of.about.name,
        "now": None if row is None or pd.isna(row["value"]) else float(row["value"]),
        "start": float(values.head(FIRM).mean()) if len(values) > 1 else None,
        "target": of.about.target,
        "reading": of.reading,
        "sentence": sentence(of, year_starts),
        "unit": of.unit,
    }


def sentence(of: Line, year_starts: int) -> str:
    """What its latest complete interval tells, and how large a change would have shown."""
    row = of.row
    if row is None:
        return words.NOTHING_COMPLETE
    name, unit = of.about.name, {"percent": "%", "number": ""}.get(of.unit, of.unit)
    day = pd.Timestamp(row["interval"]).date()
    when = Period.containing(day, MONTHS[of.interval], year_starts).title
    value = None if pd.isna(row["value"]) else float(row["value"])
    if of.reading == said.TOO_FEW:
        had = int(of.complete["value"].notna().sum())
        wanted, change = None if of.few else FIRM, smallest_change(of)
        return said.too_few(name, value, when, unit, had, wanted, change, of.interval)
    usual = None if pd.isna(row["lower"]) else (float(row["lower"]), float(row["upper"]))
    rule = None if pd.isna(row["rule"]) else str(row["rule"])
    told = words.signal(name, value, when, of.reading, unit=unit, rule=rule, usual=usual)
    if usual is None or value is None:
        return told
    return f"{told} {said.to_stand_out(smallest_change(of), unit, of.interval)}".strip()


def under_chart(of: Line, year_starts: int) -> str:
    """What stands under its chart."""
    to_do = said.TO_DO if of.own else said.TO_DO | words.TO_DO
    cannot = said.CANNOT_TELL if of.own else said.CANNOT_TELL_FLOW
    told = [sentence(of, year_starts)]
    return words.under_chart(of.about.meaning, told, to_do[of.reading], [cannot])
