"""How a caseworker's own measures, and a team's inflow and outflow, move against their limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure, measures
from workbench.analyses.caseload.holding import attributed
from workbench.analyses.caseload.lines import Judge, Line, headline, line, under_chart
from workbench.analyses.caseload.moving import by_interval
from workbench.measures import Definition
from workbench.store import Workspace
from workbench.words import caseload as said

FEWEST_CLIENTS = 5  # in a typical month, under which nothing is judged
YEAR = 12  # months that say what is typical


@dataclass(frozen=True)
class Trend:
    """Measures over time, as `display.Cards` and `charts.signals` take them; tables are protected.

    `points`: how many points were judged, on `judged` charts.
    """

    headlines: pd.DataFrame
    table: pd.DataFrame
    units: Mapping[str, str]
    sentences: Mapping[str, str]
    points: int
    judged: int


def trend(data: Workspace, xmr: Judge, p_chart: Judge) -> Trend | None:
    """The measures of one caseworker, of what happened while they held the case (`attributed`).

    A share gets limits by how many there were (p chart), anything else by how it usually moves
    (XmR); they rest on the first 13 complete months. With fewer months, or fewer than 5 clients in
    a typical one, nothing is judged, and the smallest change that could have been seen is said.
    `xmr`, `p_chart`: those of `signals`. None where the export allows none of the measures.
    """
    own = attributed(data)
    few = _typical(own) < FEWEST_CLIENTS
    found = []
    for name in measures.names(own):
        about = measures.definition(own, name)
        table = measures.measures_table(own, [name])
        if about.wait_days:  # before the time has passed a figure is not late but wrong
            table = table[table["complete"]].reset_index(drop=True)
        judge = p_chart if about.kind == "proportion" else xmr
        interval = data.settings.reporting.interval
        found.append(line(table, about, interval, judge, few=few, own=True))
    return _together(found, data) if found else None


def flow(data: Workspace, xmr: Judge) -> Trend:
    """How many clients a team takes on and lets go each month, and how many it has. Protected.

    Taken on: started, or taken over from another team; gone: ended, or passed on. Both are judged
    (XmR); the clients on the last day carry over from month to month, so they are not. Quarters,
    where a third of the months would be hidden.
    """
    interval, tables = by_interval(data)
    found = []
    for name, table in tables.items():
        kind: Any = "stock" if name == said.OPEN else "count"
        about = Definition(name, said.FLOWS[name], "clients", "", kind=kind, unit="clients")
        found.append(line(table, about, interval, xmr, few=False, own=False))
    return _together(found, data)


def _typical(own: Workspace) -> float:
    """Clients held on the last day of a month, in the middle one of the last twelve at most."""
    last = pd.date_range(end=pd.Timestamp(own.as_of), periods=YEAR, freq="ME")
    stays = own.tables.enrolments.select("client_id", "start_date", "end_date").to_pandas()
    begun, over = (pd.to_datetime(stays[name]) for name in ("start_date", "end_date"))
    there = [
        stays.loc[(begun <= day) & ~(over < day), "client_id"].nunique()
        for day in last[last >= begun.min()]
    ]
    return float(np.median(there)) if there else 0.0


def _together(found: list[Line], data: Workspace) -> Trend:
    year_starts = data.settings.organisation.year_starts
    shown = [each.table.tail(data.settings.reporting.history) for each in found]
    limits = [int(table["lower"].notna().sum()) for table in shown]
    headlines = pd.DataFrame([headline(each, year_starts) for each in found])
    numbers = ["now", "start", "target"]
    headlines[numbers] = headlines[numbers].astype("Float64")
    return Trend(
        headlines=disclosure.protect(headlines, plain=numbers),
        table=pd.concat(shown, ignore_index=True),
        units={each.about.name: each.unit for each in found},
        sentences={each.about.name: under_chart(each, year_starts) for each in found},
        points=sum(limits),
        judged=sum(points > 0 for points in limits),
    )
