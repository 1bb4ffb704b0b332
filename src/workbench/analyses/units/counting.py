"""What is counted for units: one row an enrolment and unit, of the last 12 complete months.

About single people; only `tables` brings it to a reader.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import pandas as pd

from workbench import definitions, measures
from workbench.errors import AccessError, DataError
from workbench.measures import events
from workbench.settings import nearest
from workbench.store import Workspace

GROUPINGS = ("team", "site", "organisation", "programme")
MEASURES = ("success rate", "attendance rate", "start rate", "disengagement rate")
DAYS = 365
FEWEST_WORKERS = 3  # a team of one or two is a person, or two who know each other's figures
NO_UNIT = (definitions.NOT_ASSIGNED, definitions.NOT_RECORDED)
_PEOPLE = ("caseworker", "caseworker_id", "worker", "manager_id", "login")


@dataclass(frozen=True)
class Window:
    """The days that are counted, both ends inside."""

    first: date
    last: date


@dataclass(frozen=True, eq=False)
class Cases:
    """What a measure counts in its last 12 complete months, over all units.

    `rows`: one row an enrolment: enrolment_id, client_id, observed (with the outcome), cases (who
    could have it), entry, and the units it belongs to.
    """

    measure: str
    window: Window
    rows: pd.DataFrame


def groupings(data: Workspace) -> list[str]:
    """Which units the export has: those of `GROUPINGS` with at least two of them."""
    found = []
    for name in GROUPINGS:
        source = f"staff.{name}" if name == "team" else f"enrolments.{name}"
        known = name != "team" or ("assignments" in data and "staff" in data)
        if known and data.filled(source) and len(data.values(source)) > 1:
            found.append(name)
    return found


def places(data: Workspace) -> pd.DataFrame:
    """One row an enrolment: enrolment_id, entry (referral, or start), site, organisation ..."""
    rows = definitions.enrolments(data)
    units = [name for name in GROUPINGS if name != "team"]
    frame = rows.select(
        "enrolment_id", *units, entry=rows.referral_date.fill_null(rows.start_date)
    ).to_pandas()
    labels = {name: frame[name].astype("object").fillna(definitions.NOT_RECORDED) for name in units}
    return frame.assign(**labels, entry=pd.to_datetime(frame["entry"]))


def read(data: Workspace, measure: str, known: pd.DataFrame | None = None) -> Cases:
    """What a measure counts, as the measure of that name counts it. `known`: from `places`.

    Raises DataError for what cannot be set side by side, or is not in this export.
    """
    if measure not in MEASURES:
        raise DataError(f"units: {measure!r} is not set side by side{nearest(measure, MEASURES)}")
    about = measures.definition(data, measure)
    if about.why_not:
        raise DataError(f"{measure}: this export does not allow the measure: {about.why_not}")
    last = min(data.as_of, data.complete_to, data.last_day)
    if measure == "disengagement rate":
        last = min(last, definitions.followed_to(data))
    last -= timedelta(days=about.wait_days)
    days = Window(max(last - timedelta(days=DAYS - 1), data.complete_from), last)
    rows = _counted(data, measure, days)
    known = places(data) if known is None else known
    return Cases(measure, days, rows.merge(known, "left", "enrolment_id"))


def of_units(data: Workspace, cases: Cases, by: str) -> pd.DataFrame:
    """The cases of units: one row an enrolment and unit, with the column `by`.

    What belongs to no unit, and teams of fewer than 3 workers, are left out.
    Raises AccessError for workers, DataError for what is no unit of this export.
    """
    if by in _PEOPLE:
        raise AccessError(
            f"by: {by} are people, and people are not set side by side. Ask about "
            f"{', '.join(groupings(data)) or 'the service as a whole'}."
        )
    if by not in (known := groupings(data)):
        raise DataError(f"by: this export has no two units called {by!r}{nearest(by, known)}")
    team = by == "team"
    rows = _counted(data, cases.measure, cases.window, by) if team else cases.rows
    small = small_teams(data) if team else []
    return rows[~rows[by].isin([*NO_UNIT, *small])].reset_index(drop=True)


def _counted(data: Workspace, measure: str, days: Window, by: str | None = None) -> pd.DataFrame:
    rows = COUNTED[measure](data, days, by)
    keys = ["enrolment_id", "client_id", *([by] if by else [])]
    counted = rows.group_by(keys).aggregate(observed=rows.part.sum(), cases=rows.n.sum())
    return counted.order_by(keys).to_pandas()


def small_teams(data: Workspace) -> list[str]:
    """Teams in which fewer than 3 workers ever held a case, in alphabetical order."""
    held = data.tables.assignments.select("caseworker_id").distinct()
    sizes = data.tables.staff.semi_join(held, "caseworker_id").group_by("team")
    counted = sizes.aggregate(n=ibis._.count()).to_pandas()
    return sorted(str(team) for team in counted.loc[counted["n"] < FEWEST_WORKERS, "team"].dropna())


def _of(each: Callable[[Workspace], ibis.Table]) -> Callable[..., ibis.Table]:
    """Events of the window, and the unit that each belongs to."""

    def rows(data: Workspace, days: Window, by: str | None) -> ibis.Table:
        found = each(data)
        found = found.filter(found.day.between(days.first, days.last))
        found = definitions.with_group(data, found, by)
        return found.mutate(part=found.part.cast("int64"), n=ibis.literal(1))

    return rows


def _served(data: Workspace, days: Window, by: str | None) -> ibis.Table:
    """Enrolments open in the window; part: ended by disengagement in it, while the unit had it."""
    left = events.disengagements(data)
    left = left.filter(left.day.between(days.first, days.last)).select("enrolment_id", left="day")
    rows = definitions.spells(data, by)
    rows = rows.filter(rows.start_date <= days.last, rows.end_date >= days.first)
    rows = rows.left_join(left, "enrolment_id")
    here = rows.left.between(rows.start_date, rows.end_date).fill_null(False)
    keys = ["enrolment_id", "client_id", *([by] if by else [])]
    once = rows.mutate(here=here.cast("int64")).group_by(keys).aggregate(part=ibis._.here.max())
    return once.mutate(n=ibis.literal(1))


COUNTED: dict[str, Callable[..., ibis.Table]] = {
    "success rate": _of(events.successes),
    "attendance rate": _of(events.attendance),
    "start rate": _of(events.referrals_started),
    "disengagement rate": _served,
}
