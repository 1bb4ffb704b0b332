"""Logged changes: did the measure that they were to move, move as expected?"""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench import definitions, disclosure, measures
from workbench.analyses.learning.interrupted import (
    FEWEST_AFTER,
    LEFT_OUT,
    Effect,
    effect,
)
from workbench.errors import DataError
from workbench.store import Workspace
from workbench.words import learning as said

NAMED_BY = ("programme", "site", "team", "organisation")  # groups that a change may be about
TWO_YEARS = 24  # months
MOSTLY = 0.9  # of an interval that has to lie after a change for it to be after


@dataclass(frozen=True)
class Change:
    """What became of one logged change.

    `about`: the group that its description names, empty for everybody; `effect`: the difference of
    its series (less that of the others, where there is a group) from its own course; `verdict`:
    "moved as expected", "moved the other way", "no clear change", "too early to tell", "too few
    months before", "not there". `signal`: a chart's shift began with it.
    """

    change_date: pd.Timestamp
    description: str
    measure: str
    expected: str
    about: str
    unit: str
    verdict: str
    effect: Effect | None = None
    signal: bool = False

    @property
    def sentence(self) -> str:
        """What became of it, in words."""
        found = self.effect
        return said.change(
            self.verdict,
            self.about,
            self.unit,
            None if found is None else (found.difference, found.lower, found.upper),
            self.signal,
        )


def changes(data: Workspace, table: pd.DataFrame) -> tuple[Change, ...]:
    """Each logged change that names a measure, and whether the measure moved as expected.

    `table`: the measures with their readings (`signals.overview(data).table`). The two intervals
    before a change take no part, nor does its own unless 90 % of it come after; 12 before and 6
    after are needed. Where the
    description names one programme, site, team or organisation, its series less that of all others
    is read: what moved everybody is not the change's. From released numbers alone.
    """
    if "changes" not in data:
        return ()
    logged = data.tables.changes
    logged = logged.filter(logged.change_date <= data.as_of, logged.measure.notnull())
    rows = logged.order_by("change_date").to_pandas()
    return tuple(_read(data, table, each) for each in rows.to_dict("records"))


def _read(data: Workspace, table: pd.DataFrame, logged: dict[Any, Any]) -> Change:
    day, measure = pd.Timestamp(logged["change_date"]), str(logged["measure"])
    description = str(logged["description"])
    expected = logged["expected"] if isinstance(logged["expected"], str) else ""
    common = (day, description, measure, expected)
    if measure not in set(table["measure"]) or measure not in measures.names(data):
        return Change(*common, about="", unit="", verdict="not there")
    unit = "points" if measures.definition(data, measure).kind == "proportion" else ""
    about, series = _series(data, measure, description)
    series, at = _divided(series, day)
    try:
        found = effect(series, at, season=_seasonal(data, series, at))
    except DataError:
        verdict = _too_few(series, at)
        return Change(*common, about=about, unit=unit, verdict=verdict)
    own = table[(table["measure"] == measure) & table["complete"]].set_index("interval")
    return Change(
        *common,
        about=about,
        unit=unit,
        verdict=_verdict(found, expected),
        effect=found,
        signal=_shifted(own, day),
    )


def _divided(series: "pd.Series[float]", day: pd.Timestamp) -> "tuple[pd.Series[float], int]":
    """The series and the place of its first interval after a change; one that is both is blank."""
    place = int((series.index <= day).sum()) - 1
    if place < 0 or place + 1 >= len(series):
        return series, place + 1
    begins, ends = series.index[place], series.index[place + 1]
    if (ends - day) / (ends - begins) >= MOSTLY:
        return series, place
    divided = series.copy()
    divided.iloc[place] = float("nan")
    return divided, place


def _seasonal(data: Workspace, series: "pd.Series[float]", at: int) -> bool:
    """Whether there are two years of months to know a season from."""
    used = series.notna()
    used.iloc[max(0, at - LEFT_OUT) : at] = False
    return data.settings.reporting.interval == "month" and int(used.sum()) >= TWO_YEARS


def _too_few(series: "pd.Series[float]", at: int) -> str:
    known = series.notna()
    if not known.any():
        return "not there"
    few_after = int(known.iloc[at:].sum()) < FEWEST_AFTER
    return "too early to tell" if few_after else "too few months before"


def _verdict(found: Effect, expected: str) -> str:
    if found.lower <= 0 <= found.upper:
        return "no clear change"
    if expected not in ("up", "down"):
        return "moved"
    as_expected = (found.difference > 0) == (expected == "up")
    return "moved as expected" if as_expected else "moved the other way"


def _shifted(own: pd.DataFrame, day: pd.Timestamp) -> bool:
    """Whether a chart's run on one side of the mean begins within an interval of the change."""
    flagged = own.index[(own["rule"] == "shift").fillna(False)]
    near = own.index[(own.index <= day)][-1:].union(own.index[own.index > day][:1])
    return any(
        each in flagged and not (own.index[own.index < each][-1:]).isin(flagged).any()
        for each in near
    )


def _series(data: Workspace, measure: str, description: str) -> tuple[str, "pd.Series[float]"]:
    """The complete values of a measure: of the group that is named, less all others; or of all."""
    for by in NAMED_BY:
        if by not in definitions.groupings(data):
            continue
        rows = measures.measures_table(data, [measure], by=by)
        named = [each for each in rows[by].unique() if _names(description, str(each))]
        if len(named) == 1 and rows[by].nunique() > 1:
            less_others = _less_others(rows[rows["complete"]], by, named[0])
            if less_others.notna().any():  # counts and means of the others do not add up
                return str(named[0]), less_others
    rows = measures.measures_table(data, [measure])
    rows = rows[rows["complete"]]
    return "", rows.set_index("interval")["value"].astype("float64")


def _names(description: str, group: str) -> bool:
    """Whether a description names a group, as words of its own."""
    return re.search(rf"(?<!\w){re.escape(group)}(?!\w)", description, re.IGNORECASE) is not None


def _less_others(rows: pd.DataFrame, by: str, named: Any) -> "pd.Series[float]":
    own = rows[rows[by] == named].set_index("interval")["value"].astype("float64")
    others = rows[rows[by] != named].dropna(subset=["numerator", "denominator"])
    summed = others.groupby("interval")[["numerator", "denominator"]].sum().astype("float64")
    return own - (summed["numerator"] / summed["denominator"]).reindex(own.index)


def changes_table(data: Workspace, table: pd.DataFrame) -> pd.DataFrame:
    """What became of each logged change: one row a change that names a measure.

    change_date, description, measure, expected, verdict, difference, lower, upper (shares from 0 to
    1), sentence. Worked out from released numbers. Protected.
    """
    found = changes(data, table)
    frame = pd.DataFrame(
        {
            "change_date": [each.change_date for each in found],
            "description": [each.description for each in found],
            "measure": [each.measure for each in found],
            "expected": [each.expected for each in found],
            "verdict": [each.verdict for each in found],
            "difference": [each.effect.difference if each.effect else None for each in found],
            "lower": [each.effect.lower if each.effect else None for each in found],
            "upper": [each.effect.upper if each.effect else None for each in found],
            "sentence": [each.sentence for each in found],
        }
    )
    numbers = ["difference", "lower", "upper"]
    words = ["description", "measure", "expected", "verdict", "sentence"]
    kinds = dict.fromkeys(numbers, "Float64") | dict.fromkeys(words, "str")
    frame = frame.astype({**kinds, "change_date": "datetime64[us]"})
    return disclosure.protect(
        frame,
        plain=[*numbers, "description"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
