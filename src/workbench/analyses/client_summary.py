"""One client's own record of attendance, support and results, to print and hand over.

For the caseworker who holds the case, and through them for the client: exact, about one person,
and never part of a report. No score, no remark, nobody else.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from workbench import definitions
from workbench.errors import AccessError
from workbench.store import Workspace
from workbench.words import client_summary as said

MONTHS = 12  # shown one by one; what was before stands in one row
COUNTS = ["offered", "kept", "missed", "not_recorded"]


@dataclass(frozen=True, eq=False)
class Summary:
    """What is on record of one client, as words and numbers that fit one page.

    `stays`: programme, start, end. `attendance`: month ("Earlier" for what was before the last
    twelve), offered, kept, missed, not_recorded; as many rows as months, those without an
    appointment too. `kinds`: kind, kept. `supports`: support, start, end. `outcomes`: outcome, day.
    Days are text as it is read. `sentence`: all appointments in one sentence.
    """

    client: str
    made: date
    known_to: date
    organisation: str
    sentence: str
    stays: pd.DataFrame
    attendance: pd.DataFrame
    kinds: pd.DataFrame
    supports: pd.DataFrame
    outcomes: pd.DataFrame


def summary(data: Workspace, client: str, made: date | None = None) -> Summary:
    """One client's summary. `made`: the day that stands on it, by default the as-of date.

    Of the stays that the workspace's caseworker may see, up to the as-of date. Outcomes are those
    that settings call success, where they were achieved.
    Raises AccessError for a workspace that is not one caseworker's, and, in the same words whether
    or not there is such a client, for one who is not in it.
    """
    if not data.scope.own:
        raise AccessError(said.ONE_PERSON)
    rows = definitions.starts(data)
    stays = rows.filter(rows.client_id == str(client)).select(
        "enrolment_id", "programme", "start_date", "end_date"
    )
    found = stays.to_pandas().sort_values(["start_date", "enrolment_id"], ignore_index=True)
    if not len(found):
        raise AccessError(said.NOT_YOURS)
    ids = found["enrolment_id"].astype(str).tolist()
    contacts = _contacts(data, ids)
    totals = _counted(contacts).iloc[0]
    return Summary(
        client=str(client),
        made=made or data.as_of,
        known_to=data.as_of,
        organisation=data.settings.organisation.name,
        sentence=said.kept_of(*(int(totals[name]) for name in COUNTS[1:])),
        stays=_stays(found),
        attendance=_by_month(contacts, data.as_of),
        kinds=_kinds(contacts),
        supports=_supports(data, ids),
        outcomes=_outcomes(data, ids),
    )


def clients(data: Workspace) -> list[str]:
    """The clients whose summary may be made, by their ids: those in a caseworker's workspace.

    Raises AccessError for a workspace that is not one caseworker's.
    """
    if not data.scope.own:
        raise AccessError(said.ONE_PERSON)
    return sorted(
        map(str, definitions.starts(data).select("client_id").distinct().to_pandas()["client_id"])
    )


def _contacts(data: Workspace, ids: list[str]) -> pd.DataFrame:
    """Every appointment offered: day, attended (1, 0, missing: not recorded), kind."""
    rows = definitions.offered(data)
    rows = rows.filter(rows.enrolment_id.isin(ids))
    frame = rows.select("contact_date", "attended", "channel", "group_session").to_pandas()
    group = frame["group_session"].astype("boolean").fillna(False)
    kind = frame["channel"].astype("object").where(frame["channel"].notna(), said.NO_KIND)
    return pd.DataFrame(
        {
            "day": pd.to_datetime(frame["contact_date"]),
            "attended": frame["attended"].astype("boolean"),
            "kind": kind.astype(str).where(~group.astype(bool), said.GROUP),
        }
    ).sort_values("day", ignore_index=True)


def _counted(contacts: pd.DataFrame, by: "pd.Series[Any] | None" = None) -> pd.DataFrame:
    """How many were offered, kept, missed, not recorded; one row for each of `by`."""
    counted = pd.DataFrame(
        {
            "offered": 1,
            "kept": contacts["attended"].fillna(False).astype(int),
            "missed": (~contacts["attended"]).fillna(False).astype(int),
            "not_recorded": contacts["attended"].isna().astype(int),
        },
        index=contacts.index,
    )
    if by is None:
        return counted.sum().to_frame().T.astype(int)
    return counted.groupby(by).sum()


def _by_month(contacts: pd.DataFrame, last: date) -> pd.DataFrame:
    if not len(contacts):
        return pd.DataFrame(columns=["month", *COUNTS])
    months = contacts["day"].dt.to_period("M")
    until = pd.Period(pd.Timestamp(last), "M")
    shown = pd.period_range(max(months.min(), until - (MONTHS - 1)), until, freq="M")
    recent = _counted(contacts, months).reindex(shown, fill_value=0)
    recent.insert(0, "month", [said.month(each.start_time.date()) for each in shown])
    before = contacts[months < shown[0]]
    parts = [recent]
    if len(before):
        parts = [_counted(before).assign(month=said.EARLIER)[["month", *COUNTS]], recent]
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(COUNTS, int))


def _kinds(contacts: pd.DataFrame) -> pd.DataFrame:
    kept = contacts[contacts["attended"].fillna(False).astype(bool)]
    counted = kept["kind"].value_counts().rename_axis("kind").reset_index(name="kept")
    return counted.sort_values(["kept", "kind"], ascending=[False, True], ignore_index=True)


def _stays(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "programme": found["programme"].astype(str),
            "start": [said.until(_day(each), said.STILL) for each in found["start_date"]],
            "end": [said.until(_day(each), said.STILL) for each in found["end_date"]],
        }
    )


def _supports(data: Workspace, ids: list[str]) -> pd.DataFrame:
    if "supports" not in data:
        return pd.DataFrame(columns=["support", "start", "end"])
    rows = data.tables.supports
    rows = rows.filter(rows.enrolment_id.isin(ids), rows.start_date <= data.as_of)
    frame = rows.select("support", "start_date", "end_date").to_pandas()
    frame = frame.sort_values(["start_date", "support"], ignore_index=True)
    known = pd.to_datetime(frame["end_date"])
    ends = known.where(known <= pd.Timestamp(data.as_of))
    return pd.DataFrame(
        {
            "support": frame["support"].astype(str),
            "start": [said.until(_day(each), "") for each in frame["start_date"]],
            "end": [said.until(_day(each), said.GOING_ON) for each in ends],
        }
    )


def _outcomes(data: Workspace, ids: list[str]) -> pd.DataFrame:
    """What settings call success and was achieved; nothing else, for it is handed to others."""
    if "outcomes" not in data:
        return pd.DataFrame(columns=["outcome", "day"])
    rows = data.tables.outcomes
    rows = rows.filter(
        rows.enrolment_id.isin(ids),
        rows.status == "achieved",
        rows.outcome.isin(list(data.settings.outcomes.success)),
        rows.outcome_date <= data.as_of,
    )
    frame = rows.select("outcome", "outcome_date").to_pandas()
    frame = frame.sort_values(["outcome_date", "outcome"], ignore_index=True)
    return pd.DataFrame(
        {
            "outcome": frame["outcome"].astype(str),
            "day": [said.until(_day(each), "") for each in frame["outcome_date"]],
        }
    )


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
