"""The caseload of today, for the caseworker who holds it: whom to call and why, what is overdue.

The lists are those of the caseworker's own report: `disengagement.caseload`, `analyses.caseload`.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pandas as pd

from workbench import viewing, words
from workbench.analyses import caseload, disengagement
from workbench.staff import asking, calls
from workbench.store import Workspace, once
from workbench.words import asking as said
from workbench.words import caseload as in_lists

CALL = words.disengagement.BANDS[0]


@dataclass(frozen=True)
class Call:
    """Somebody to call: about one person, for their own caseworker. `why`: reasons, in words."""

    client: str
    enrolment: str
    silent: str
    why: tuple[str, ...]
    to_do: str
    last: str


@dataclass(frozen=True, eq=False)
class Listed:
    """A caseload as the page shows it. `glance`, `late`: frames for a phone, one row a client."""

    calls: tuple[Call, ...]
    glance: pd.DataFrame
    late: pd.DataFrame
    known: str
    notes: tuple[str, ...]


def page(data: Workspace) -> Any:
    """Serve the caseload of whoever signed in; None on a desk, where nobody does.

    `data`: what the viewer may see (`wb.open_mine`).
    """
    if not viewing.served():
        return None
    return import_module("workbench.staff.panels").call(data)


def listed(data: Workspace, caseworker: str) -> Listed:
    """The list of one caseworker, at the close of the as-of date.

    Raises AccessError for a workspace that is not that one caseworker's.
    """
    flags, glance, late = _lists(data, caseworker)
    return Listed(
        calls=_calls(data, flags, glance),
        glance=glance,
        late=late,
        known=said.as_known(min(data.as_of, data.complete_to)),
        notes=tuple(in_lists.NOT_THERE[name] for name in ("actions",) if name not in data),
    )


@once
def _lists(data: Workspace, caseworker: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Whom to call, all clients, what is overdue: as in the caseworker's own report."""
    flags = (
        disengagement.caseload(data, caseworker, learn=False)
        if caseworker in data.values("assignments.caseworker_id")
        else pd.DataFrame(columns=["client_id", "enrolment_id", "band"])
    )
    mine = caseload.cases(data, flags)
    late = caseload.overdue(data, mine)
    return flags, caseload.glance(data, mine), caseload.short_days(data, late)


def _calls(data: Workspace, flags: pd.DataFrame, glance: pd.DataFrame) -> tuple[Call, ...]:
    """Those to call first, in the order of the list, with the last call that was noted of each."""
    noted = calls.own(data)
    last = noted.sort_values("when").drop_duplicates("enrolment_id", keep="last")
    results = dict(
        zip(last["enrolment_id"], zip(last["when"], last["result"], strict=True), strict=True)
    )
    to_do = dict(zip(glance["client_id"], glance["to_do"], strict=True))
    reasons = [name for name in flags if str(name).startswith("reason_")]
    found = []
    rows: list[Any] = flags[flags["band"] == CALL].to_dict("records")
    for row in rows:
        when = results.get(row["enrolment_id"])
        days = row["days_since_contact"]
        found.append(
            Call(
                client=str(row["client_id"]),
                enrolment=str(row["enrolment_id"]),
                silent=said.days_silent(None if pd.isna(days) else int(days)),
                why=tuple(str(row[name]) for name in reasons if row[name]),
                to_do=str(to_do.get(row["client_id"], "")).removeprefix(CALL).lstrip(",; "),
                last=said.last_call(when[0].date(), when[1]) if when else "",
            )
        )
    return tuple(found)


def heading(found: Listed) -> str:
    """What stands above the list."""
    return asking.fill("list_heading.html", found=found)


def one(call: Call) -> str:
    """One client to call, as HTML."""
    return asking.fill("call.html", call=call)


def rest(found: Listed) -> str:
    """All clients and what is overdue, as HTML."""
    return asking.fill("list_rest.html", found=found, in_lists=in_lists)
