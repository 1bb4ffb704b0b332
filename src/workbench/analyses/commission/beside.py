"""An organisation's own measures beside those of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure, measures
from workbench.measures import Definition
from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import commission as said

LENGTHS = {"month": 1, "quarter": 3}


def beside_table(data: Workspace, rest: Workspace, findings: Sequence[Any]) -> pd.DataFrame:
    """Every measure of an organisation beside that of all the others.

    data: the organisation's own, rest: `audiences.others` of it, findings: those of
    `signals.overview` of its own. One row a measure: measure, unit, interval (the latest complete
    one, where both have it, in words), own, rest, own_year, rest_year (the 12 months up to it,
    where all are complete; none for a stock, which is counted on a day), note ("[c]" where one is
    hidden). Shares are from 0 to 1; nothing is adjusted for whom each works with. Both protected
    alike.
    """
    both, known = (_Side(data), _Side(rest)), measures.names(rest)
    rows = [_of(both, each) for each in findings if each.definition.name in known]
    columns = ["measure", "unit", "interval", "own", "rest", "own_year", "rest_year", "note"]
    table = pd.DataFrame(rows, columns=columns)
    figures = ["own", "rest", "own_year", "rest_year"]
    table[figures] = table[figures].astype("Float64")
    notes = table.pop("note").astype("str")
    protected = disclosure.protect(
        table,
        plain=figures,  # released already: by the signals, or by `_released`
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    protected["note"] = notes
    return protected


def rest_sentence(data: Workspace, rest: Workspace) -> str:
    """Who the rest is: nobody, one other organisation, or several; none of them named."""
    others = rest.tables.enrolments.organisation
    return said.rest(data.scope.name, int(others.nunique().execute()))


def quality_sentence(table: pd.DataFrame) -> str:
    """What a `beside_table` says of the records, in a sentence."""
    of = table.set_index("measure")["own_year"]
    entered, unknown = (
        None if name not in of or pd.isna(of[name]) else float(of[name])
        for name in ("entered in time", "outcome not known")
    )
    return said.quality(entered, unknown)


@dataclass(frozen=True)
class _Side:
    """One of the two whose figures are set side by side, also with years that begin elsewhere."""

    data: Workspace

    @cached_property
    def _moved(self) -> dict[int, Workspace]:
        return {}

    def complete(self, name: str, interval: str) -> pd.DataFrame:
        """The complete intervals of a measure, raw."""
        rows = measures.build(self.data, name, interval=interval)
        return rows[rows["complete"]]

    def year(self, name: str, after: int) -> pd.DataFrame:
        """The last complete 12 months of a measure before a month of the calendar, raw: one row."""
        if after not in self._moved:
            settings = self.data.settings
            moved = settings.organisation.model_copy(update={"year_starts": after})
            settings = settings.model_copy(update={"organisation": moved})
            self._moved[after] = replace(self.data, settings=settings)
        rows = measures.build(self._moved[after], name, interval="year")
        return rows[rows["complete"]].tail(1)


def _of(both: tuple[_Side, _Side], finding: Any) -> dict[str, object]:
    """One measure: its latest complete interval in both, and the year behind it."""
    about: Definition = finding.definition
    own, rest = finding.complete, both[1].complete(about.name, finding.interval)
    common = set(own["interval"]) & set(rest["interval"])
    row: dict[str, object] = {"measure": about.name, "unit": finding.unit, "interval": ""}
    if not common:
        return row | {"note": ""}
    latest = max(common)
    shown = own[own["interval"] == latest].iloc[0]
    year_starts = both[0].data.settings.organisation.year_starts
    when = Period.containing(latest.date(), LENGTHS[finding.interval], year_starts).title
    row |= {"interval": when, "own": shown["value"]}
    row["rest"], note = _released(both[1].data, about, rest[rest["interval"] == latest])
    notes = [str(shown["note"]), note]
    if about.kind != "stock":
        after = (latest + pd.DateOffset(months=LENGTHS[finding.interval])).month
        for name, side in zip(("own_year", "rest_year"), both, strict=True):
            row[name], note = _released(side.data, about, side.year(about.name, after))
            notes.append(note)
    return row | {"note": max(notes)}


def _released(data: Workspace, about: Definition, rows: pd.DataFrame) -> tuple[float, str]:
    """A measure in one interval, as it may be shown, and its note."""
    if rows.empty:
        return np.nan, ""
    only = rows.iloc[0]
    part, whole = only["numerator"], only["denominator"]
    frame = pd.DataFrame({"clients": [int(only["clients"])]})
    people, shown = "clients", "value"
    kinds: dict[str, Any] = {"people": [people]}
    if not about.denominator:
        frame, shown = frame.assign(part=part), "part"
        kinds |= {"events": {"part": people}}
    elif about.kind == "mean":
        frame = frame.assign(whole=whole, value=part / whole if whole else np.nan)
        kinds |= {"events": {"whole": people}, "means": {"value": people}}
    elif about.kind == "rate":
        frame = frame.assign(part=part, whole=whole)
        kinds |= {"events": {"part": people}, "amounts": {"whole": people}}
        kinds |= {"ratios": {"value": ("part", "whole")}}
    else:
        frame = frame.assign(part=part, whole=whole)
        kinds |= {"events": {"part": people, "whole": people}}
        kinds |= {"ratios": {"value": ("part", "whole")}}
    rules = data.settings.disclosure
    table = disclosure.protect(frame, **kinds, profile=rules.profile, basis=rules.basis)
    value = table[shown].iloc[0]
    return (np.nan if pd.isna(value) else float(value)), str(table["note"].iloc[0])
