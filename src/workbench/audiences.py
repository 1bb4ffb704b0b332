"""Whose report it is: the readers of each audience, and the data as each of them may see it.

The one place that says what an audience sees: its scope, and how its numbers are protected.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from workbench import store
from workbench.errors import AccessError
from workbench.settings import Audience, Disclosure, Settings, nearest
from workbench.store import EVERYONE, Scope, Workspace

OWN = Disclosure(profile="exact", basis="for the caseworker whose own clients they are")


def find(settings: Settings, name: str) -> Audience:
    """An audience by its name. Raises AccessError, with the nearest, where there is none."""
    if name not in settings.audiences:
        raise AccessError(
            f"audience: there is no audience {name!r}{nearest(name, settings.audiences)}"
        )
    return settings.audiences[name]


def readers(data: Workspace, name: str) -> list[str]:
    """For whom an audience's reports are made, one each: ids of workers, teams, organisations.

    Caseworkers who hold a case on the as-of date, the teams of these, the organisations with a
    started enrolment; [""] where there is one report for all. In alphabetical order.
    Raises AccessError for no such audience, DataError where the export does not say.
    """
    kind = find(data.settings, name).one_for
    if not kind:
        return [""]
    if kind == "organisation":
        rows = data.tables.enrolments.filter(lambda each: each.start_date <= data.as_of)
        return _sorted(rows.organisation.to_pandas())
    data.needs("assignments", *(["staff"] if kind == "team" else []))
    rows = data.tables.assignments
    rows = rows.filter(
        rows.start_date <= data.as_of, rows.end_date.isnull() | (rows.end_date >= data.as_of)
    )
    open_cases = data.tables.enrolments
    open_cases = open_cases.filter(
        open_cases.start_date <= data.as_of,
        open_cases.end_date.isnull() | (open_cases.end_date > data.as_of),
    )
    workers = rows.semi_join(open_cases, "enrolment_id").select("caseworker_id").distinct()
    if kind == "caseworker":
        return _sorted(workers.caseworker_id.to_pandas())
    return _sorted(data.tables.staff.semi_join(workers, "caseworker_id").team.to_pandas())


def open_for(
    audience: str,
    whom: str = "",
    *,
    settings: str | Path | Settings,
    as_of: str | date | None = None,
    source: str | Path = "",
) -> Workspace:
    """Open an export as one reader of an audience may see it.

    A caseworker sees the clients they ever held (`scope.own`, exact numbers), a team those that
    its workers ever held, an organisation its own enrolments; everybody else all, protected.
    `whom`: the caseworker's id, the team, the organisation, as in `readers`. `as_of`, `source`: as
    in `open`.
    Raises AccessError where there is no such audience or reader.
    """
    whole = store.open(settings, as_of=as_of, scope=EVERYONE, source=source)
    asked = find(whole.settings, audience)
    if not asked.one_for and whom:
        raise AccessError(f"audience: {audience} has one report for all, so `whom` is to be empty.")
    if asked.one_for and whom not in (known := readers(whole, audience)):
        raise AccessError(
            f"audience: there is no {asked.one_for} of that name with an open case."
            if asked.one_for == "caseworker"
            else f"audience: there is no {asked.one_for} {whom!r}{nearest(whom, known)}"
        )
    return whole.within(_scope(whole, asked, whom), limited(whole.settings, asked))


def rules(settings: Settings, audience: Audience) -> Disclosure:
    """How an audience's numbers are protected: exact only for a caseworker's own clients."""
    own = audience.one_for == "caseworker"
    return OWN if own else audience.disclosure or settings.disclosure


def limited(settings: Settings, audience: Audience) -> Settings:
    """The settings under which an audience's reports are made: its protection, its measures."""
    changed = settings.model_copy(update={"disclosure": rules(settings, audience)})
    if audience.measures:
        reporting = changed.reporting.model_copy(update={"measures": audience.measures})
        changed = changed.model_copy(update={"reporting": reporting})
    return changed


def others(data: Workspace) -> Workspace:
    """The same data for all organisations but the one that a partner's workspace is about.

    Raises AccessError for a workspace that is not an organisation's.
    """
    if data.scope.organisation is None:
        raise AccessError("audience: only an organisation's own data have a rest beside them.")
    return data.within(replace(data.scope, others=True), data.settings)


def _scope(data: Workspace, audience: Audience, whom: str) -> Scope:
    if audience.one_for == "caseworker":
        return Scope(whom, frozenset([whom]), ever=True, own=True)
    if audience.one_for == "team":
        staff = data.tables.staff
        members = staff.filter(staff.team == whom).caseworker_id.to_pandas()
        return Scope(whom, frozenset(members), ever=True)
    if audience.one_for == "organisation":
        return Scope(whom, organisation=whom)
    return EVERYONE


def _sorted(values: "pd.Series[str]") -> list[str]:
    return sorted({str(each) for each in values.dropna()})
