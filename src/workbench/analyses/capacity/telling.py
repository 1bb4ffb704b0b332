"""The sentences of capacity, from protected tables alone."""

from typing import Any

import pandas as pd

from workbench.analyses.capacity.hours import workers
from workbench.analyses.capacity.tables import ALL
from workbench.store import Workspace
from workbench.words import capacity as said


def stretch_sentence(data: Workspace, months: pd.DataFrame) -> str:
    """How stretched the service is on the last day, and which teams have more than is full."""
    now = months[months["interval"] == months["interval"].max()]
    whole, teams = now[now["team"] == ALL], now[now["team"] != ALL]
    per_post, share = (_one(whole, name) for name in ("clients_per_post", "stretch"))
    shares = {str(row["team"]): _known(row["stretch"]) for _, row in teams.iterrows()}
    day = min(data.as_of, data.last_day)
    told = [said.stretch(day, per_post, share, data.settings.caseload.clients_full_time)]
    people = workers(data)
    unknown = people["holds"] & ~people["left"] & people["hours"].isna()
    told += [said.teams(shares), said.WITHOUT_HOURS if unknown.any() else ""]
    return " ".join(each for each in told if each)


def turnover_sentence(year: pd.DataFrame) -> str:
    """How many workers came and left in the last 12 months."""
    whole = year[year["team"] == ALL]
    left, average, came = (_one(whole, name) for name in ("left", "average", "came"))
    return said.turnover(_whole(left), average, _whole(came))


def absence_sentence(data: Workspace, year: pd.DataFrame) -> str:
    """How many hours were lost in the last 12 months, of whatever kind of absence."""
    if "absences" not in data:
        return said.NO_ABSENCES
    whole = year[year["team"] == ALL]
    return said.away(_one(whole, "away"), _one(whole, "share_away"))


def moved_sentence(data: Workspace, year: pd.DataFrame) -> str:
    """How many cases changed hands in the last 12 months; empty where nobody wrote it down."""
    if "assignments" not in data:
        return ""
    return said.moved(_whole(_one(year[year["team"] == ALL], "cases_moved")))


def _one(rows: pd.DataFrame, column: str) -> float | None:
    return _known(rows[column].iloc[0]) if len(rows) else None


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
