"""Who the clients are: what was known of each at the start, and of their first weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd

from workbench import definitions, exposures, groups
from workbench.definitions import NOT_RECORDED
from workbench.errors import SettingsError
from workbench.settings import nearest
from workbench.store import Workspace

AGE, CONTACT, NEEDS = "age", "contacts_per_week", "number_of_needs"
YEAR = 365.25
SEEN = 0.5  # of people, whose contacts are on record: with fewer nobody knows who was seen


@dataclass(frozen=True, eq=False)
class People:
    """Everyone who started while records are complete, one row a client, with the first such stay.

    `rows`: enrolment_id, client_id, start_date, entry, `here` (still with us at the close of
    `day`, the last of the first weeks, and followed so far), contacts_per_week and number_of_needs
    (in the first weeks; missing for those not here), success (1, 0, NA: not known, or not judged)
    and `not_judged` (why no outcome after `day` is looked for; "": one is). `traits`: a column for
    each attribute asked for, in the same order: words ("not recorded" where empty) or numbers.
    `needs`: true or false for each need, identified by the close of `day`.
    `contact_known`: whether contacts are on record for half of those here, or more. `happens`: the
    outcome is only written down when it happens, so that nothing written is 0.
    """

    day: int
    rows: pd.DataFrame
    traits: pd.DataFrame
    needs: pd.DataFrame
    contact_known: bool
    happens: bool = False

    @property
    def judged(self) -> "pd.Series[bool]":
        """Of whom an outcome is looked for."""
        return self.rows["not_judged"] == ""


def people(data: Workspace, attributes: Sequence[str] | None = None) -> People:
    """Everyone who started, by what is known of the start and the first weeks.

    `attributes`: those wanted as traits; by default all that settings use under [segments] or mark
    case_mix. Nothing later than the first weeks describes anybody; outcomes count after them.
    Raises SettingsError, with the nearest, for an attribute that there is not.
    """
    wanted = list(dict.fromkeys(_used(data) if attributes is None else attributes))
    known = kinds(data)
    if unknown := [name for name in wanted if name not in known]:
        raise SettingsError(
            *(f"segments: there is no attribute {name!r}{nearest(name, known)}" for name in unknown)
        )
    weeks = data.settings.segments.weeks
    day = 7 * weeks - 1  # the close of the last day of the last week; the start is day 0
    rows = exposures.stays(data)
    rows = rows[rows["start_date"] >= pd.Timestamp(data.complete_from)]
    rows = rows.drop_duplicates("client_id").reset_index(drop=True)
    left = (rows["end_day"] <= day).fillna(value=False).astype(bool)
    rows["here"] = ~left & (rows["followed_day"] >= day)
    seen = exposures.contacts_per_week(data, rows, weeks).where(rows["here"])
    needs = _needs(data, rows, day)
    rows[CONTACT] = seen
    counted = needs.sum(axis=1).astype(float)
    rows[NEEDS] = counted.where(rows["here"] & (len(needs.columns) > 0))
    rows = _judged(data, rows, day)
    known_contact = bool(rows["here"].any()) and float((seen.dropna() > 0).mean()) >= SEEN
    columns = ["enrolment_id", "client_id", "start_date", "entry", "here", CONTACT, NEEDS]
    columns += ["success", "not_judged"]
    found = traits(data, rows, wanted)
    return People(day, rows[columns], found, needs, known_contact, _happens(data))


def kinds(data: Workspace) -> dict[str, str]:
    """What clients can be described by at their start: each name, and "words" or "number"."""
    declared = data.settings.attributes
    there = {*data.tables.clients.columns, *data.tables.enrolments.columns}
    found = {name: "words" for name in groups.STANDARD if name in there}
    found |= {
        name: "number" if each.kind == "number" else "words" for name, each in declared.items()
    }
    births = data.filled("clients.birth_date")
    if births or data.filled("clients.age_band"):
        found["age_band"] = "words"
    if births:
        found.setdefault(AGE, "number")
    return found


def traits(data: Workspace, rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Attributes of people at their start, one row each, in the order of `rows`."""
    own_age = AGE in names and AGE not in data.settings.attributes
    found = exposures.case_mix(
        data, rows, [name for name in names if not (own_age and name == AGE)]
    )
    if own_age:
        found[AGE] = _ages(data, rows)
    return found[list(names)]


def using(data: Workspace, asked: People) -> tuple[str, ...]:
    """The columns that found segments are made of, by settings or by default."""
    if chosen := data.settings.segments.using:
        return chosen
    known = kinds(data)
    names = [name for name, each in data.settings.attributes.items() if each.case_mix]
    names += [name for name in (AGE, "age_band") if name in known][:1]
    names += [CONTACT] if asked.contact_known else []
    return tuple(dict.fromkeys([*names, *([NEEDS] if len(asked.needs.columns) else [])]))


def frame(data: Workspace, asked: People) -> pd.DataFrame:
    """What found segments are made of: one row a client (index client_id), missing where unknown.

    Raises SettingsError, with the nearest, where settings name a column that there is not.
    """
    names = using(data, asked)
    own = [CONTACT, NEEDS]
    known = [*kinds(data), *own]
    if unknown := [name for name in names if name not in known]:
        raise SettingsError(
            *(
                f"segments.using: there is no attribute {name!r}{nearest(name, known)}"
                for name in unknown
            )
        )
    found = traits(data, asked.rows, [name for name in names if name not in own])
    found = found.mask(found == NOT_RECORDED)
    for name in own:
        if name in names:
            found[name] = asked.rows[name]
    return found[list(names)].set_axis(asked.rows["client_id"].to_numpy(), axis=0)


def judgeable(data: Workspace) -> bool:
    """Whether there are outcomes that count as success."""
    return "outcomes" in data and bool(data.settings.outcomes.success)


def _used(data: Workspace) -> list[str]:
    """The attributes that settings use to say who clients are, where there are such."""
    chosen = data.settings.segments
    names = [name for each in chosen.declared for name in (*each.where, *each.at_least)]
    names += [name for each in chosen.declared for name in each.at_most]
    names += [name for name in chosen.scorecard.points if name != "needs"]
    known = kinds(data)
    return [name for name in names if name in known]


def _judged(data: Workspace, rows: pd.DataFrame, day: int) -> pd.DataFrame:
    """The rows with how it came out after the day, or why that is not asked."""
    if not judgeable(data):
        missing = pd.array([pd.NA] * len(rows), dtype="Int64")
        return rows.assign(success=missing, not_judged=exposures.TOO_NEW)
    found = exposures.at_landmark(data, day).people.set_index("enrolment_id")["success"]
    if _happens(data):
        found = found.fillna(0)
    counted = rows["enrolment_id"].isin(found.index)
    new = rows["followed_day"] < data.settings.outcomes.horizon_days
    gone = (rows["end_day"] <= day).fillna(value=False).astype(bool)
    why = pd.Series(exposures.ACHIEVED, rows.index, dtype="str")
    why = why.mask(gone, exposures.GONE).mask(new, exposures.TOO_NEW).mask(counted, "")
    return rows.assign(success=rows["enrolment_id"].map(found).astype("Int64"), not_judged=why)


def _happens(data: Workspace) -> bool:
    """Whether nothing but its happening is ever recorded of the outcome."""
    if not judgeable(data):
        return False
    told = data.tables.outcomes
    told = told.filter(told.outcome.isin(list(data.settings.outcomes.success)))
    return int(told.filter(told.status != "achieved").count().execute()) == 0


def _needs(data: Workspace, rows: pd.DataFrame, day: int) -> pd.DataFrame:
    """Which needs had been identified by the close of a day of the stay, true or false."""
    if "needs" not in data:
        return pd.DataFrame(index=rows.index)
    table = data.tables.needs
    table = table.filter(table.need.notnull(), table.identified_date <= data.as_of)
    begun = definitions.starts(data).select("enrolment_id", "start_date")
    table = table.inner_join(begun, "enrolment_id")
    soon = table.identified_date.delta(table.start_date, unit="day") <= day
    said = table.filter(soon).select("enrolment_id", "need").distinct().to_pandas()
    by_need: dict[Any, set[Any]] = {
        need: set(each["enrolment_id"]) for need, each in said.groupby("need", sort=True)
    }
    names = sorted(map(str, data.values("needs.need")))
    return pd.DataFrame(
        {name: rows["enrolment_id"].isin(by_need.get(name, set())) for name in names},
        index=rows.index,
    )


def _ages(data: Workspace, rows: pd.DataFrame) -> "pd.Series[float]":
    """Whole years at the entry; missing where no birth is recorded."""
    clients: ibis.Table = data.tables.clients
    born = clients.select("client_id", "birth_date").to_pandas().set_index("client_id")
    births = pd.to_datetime(rows["client_id"].map(born["birth_date"]))
    years = (rows["entry"] - births).dt.days // YEAR
    return years.where(years >= 0).astype(float)
