"""Cases coming and going: what a team takes on and lets go, and which cases change hands."""

from datetime import timedelta
from typing import Any

import pandas as pd

from workbench import definitions, disclosure
from workbench.analyses.caseload.holding import attributed, workers_of
from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import caseload as said

YEAR_DAYS = 365
TOO_MANY_HIDDEN = 1 / 3  # of the months: then quarters are charted
FLOWS = (said.TAKEN_ON, said.GONE, said.OPEN)
KINDS = ["started", "taken_over", "ended", "passed_on"]


def by_interval(data: Workspace) -> tuple[str, dict[str, pd.DataFrame]]:
    """Clients taken on, gone, and there on the last day, each as a protected table; by what length.

    One row an interval: measure, interval, value (clients), complete, note. Months, or quarters
    where more than a third of the months would be hidden.
    """
    stays = _stays(data)
    tables = _counted(data, stays, 1)
    hidden = max(
        float(table.loc[table["complete"], "value"].isna().mean()) if len(table) else 0.0
        for table in tables.values()
    )
    if hidden > TOO_MANY_HIDDEN:
        return "quarter", _counted(data, stays, 3)
    return "month", tables


def _counted(data: Workspace, stays: pd.DataFrame, length: int) -> dict[str, pd.DataFrame]:
    spans = _spans(data, length)
    taken, gone = (_by_span(stays, day, spans) for day in ("start_date", "end_date"))
    there = [stays.loc[_there(stays, day), "client_id"].nunique() for day in spans["known_to"]]
    counted = zip(FLOWS, (taken, gone, there), strict=True)
    ends = data.ends_complete_to or data.complete_to
    begun = spans["interval"] >= pd.Timestamp(data.complete_from)
    tables = {}
    for name, values in counted:
        known = ends if name == said.GONE else data.complete_to
        over = spans["end"] <= pd.Timestamp(min(known, data.as_of))
        frame = spans[["interval"]].assign(
            measure=name, value=pd.Series(values, spans.index, dtype=int), complete=over & begun
        )
        tables[name] = protected(data, frame, people=["value"])
    return tables


def flow_table(data: Workspace, most: int = 12) -> pd.DataFrame:
    """How clients came to the team and left it in the last months: one row a month, the last first.

    month, started (with the team), taken_over (from elsewhere), ended, passed_on (to elsewhere): by
    clients. Two of a kind are hidden together. Protected.
    """
    stays, months = _stays(data), _spans(data, 1).tail(most)
    kinds = {
        "started": ("start_date", ~stays["taken_over"]),
        "taken_over": ("start_date", stays["taken_over"]),
        "ended": ("end_date", ~stays["passed_on"]),
        "passed_on": ("end_date", stays["passed_on"]),
    }
    counted = {kind: _by_span(stays[which], day, months) for kind, (day, which) in kinds.items()}
    frame = pd.DataFrame({"month": months["interval"].to_numpy(), **counted})
    return protected(
        data, frame.iloc[::-1].reset_index(drop=True), people=KINDS,
        parts=[("started", "taken_over"), ("ended", "passed_on")],
    )  # fmt: skip


def handovers_table(data: Workspace) -> pd.DataFrame:
    """Which cases changed hands in the last 365 days: one row a way.

    what, clients, handovers (of them; a case can change hands more than once). Ways: within the
    team, from another team, to another team; and clients handed over twice or more. Protected.
    """
    moves = _handovers(data)
    since = pd.Timestamp(data.as_of) - pd.Timedelta(days=YEAR_DAYS)
    moves = moves[moves["day"] > since]
    times = moves.groupby("client_id").size()
    often = moves[moves["client_id"].isin(times[times > 1].index)]
    rows = [(way, moves[moves["way"] == way]) for way in said.WAYS]
    frame = pd.DataFrame(
        {
            "what": [*said.WAYS, said.OFTEN],
            "clients": [each["client_id"].nunique() for _, each in [*rows, ("", often)]],
            "handovers": [len(each) for _, each in [*rows, ("", often)]],
        }
    )
    return protected(data, frame, people=["clients"], events={"handovers": "clients"})


def protected(data: Workspace, frame: pd.DataFrame, **declared: Any) -> pd.DataFrame:
    """A frame passed through `disclosure.protect` as this workspace's settings say."""
    rules = data.settings.disclosure
    return disclosure.protect(frame, profile=rules.profile, basis=rules.basis, **declared)


def _handovers(data: Workspace) -> pd.DataFrame:
    """Each time a case went to another worker, in the team or out of it: client_id, day, way."""
    held = definitions.holders(data, "caseworker_id").to_pandas()
    cases = data.tables.enrolments.select("enrolment_id", "client_id").to_pandas()
    held = held.merge(cases, "inner", "enrolment_id")
    held = held.sort_values(["enrolment_id", "start_date", "end_date", "caseworker_id"])
    ours = held["caseworker_id"].isin(workers_of(data))
    by_case = held.groupby("enrolment_id")
    before, until = by_case["caseworker_id"].shift(1), by_case["end_date"].shift(1)
    stayed_on = pd.to_datetime(until) >= pd.to_datetime(held["end_date"])  # they held it together
    from_us = ours.groupby(held["enrolment_id"]).shift(1).fillna(False).astype(bool)
    moved = before.notna() & (before != held["caseworker_id"]) & ~stayed_on & (ours | from_us)
    within, from_others, to_others = said.WAYS
    way = pd.Series(within, held.index).where(ours & from_us, from_others).where(ours, to_others)
    moves = held.assign(way=way, day=pd.to_datetime(held["start_date"]))[moved]
    return moves[["client_id", "day", "way"]]


def _stays(data: Workspace) -> pd.DataFrame:
    """Each time that the team held an open case: client_id, start_date, end_date and what they are.

    `taken_over`: the case had begun before; `passed_on`: it went on elsewhere.
    """
    held = attributed(data).tables.enrolments
    rows = held.select("enrolment_id", "client_id", "start_date", "end_date").to_pandas()
    rows = rows[rows["start_date"].notna()]
    rows["case"] = rows["enrolment_id"].str.rpartition("/")[0]
    whole = definitions.starts(data).select("enrolment_id", "start_date", "end_date").to_pandas()
    whole = whole.rename(
        columns={"enrolment_id": "case", "start_date": "began", "end_date": "over"}
    )
    rows = rows.merge(whole, "left", "case")
    days = ["start_date", "end_date", "began", "over"]
    rows[days] = rows[days].apply(pd.to_datetime)
    return rows.assign(
        taken_over=rows["start_date"] > rows["began"], passed_on=rows["end_date"] != rows["over"]
    )


def _spans(data: Workspace, length: int) -> pd.DataFrame:
    """Months (1) or quarters (3) to the as-of date, from the first that can be complete on.

    One row an interval: interval (first day), end, known_to (the end, or the as-of date).
    """
    rows, starts = [], data.settings.organisation.year_starts
    first = definitions.starts(data).start_date.min().execute()
    if not pd.isna(first):
        day = max(pd.Timestamp(first).date(), data.complete_from)
        while day <= data.as_of:
            span = Period.containing(day, length, starts)
            rows.append((span.start, span.end, min(span.end, data.as_of)))
            day = span.end + timedelta(days=1)
    frame = pd.DataFrame(rows, columns=["interval", "end", "known_to"])
    return frame.astype("datetime64[s]")


def _by_span(stays: pd.DataFrame, day: str, spans: pd.DataFrame) -> list[int]:
    """Clients of whom the day lies in each of the intervals."""
    return [
        stays.loc[stays[day].between(begun, end), "client_id"].nunique()
        for begun, end in zip(spans["interval"], spans["end"], strict=True)
    ]


def _there(stays: pd.DataFrame, day: Any) -> "pd.Series[bool]":
    return (stays["start_date"] <= day) & (stays["end_date"].isna() | (stays["end_date"] >= day))
