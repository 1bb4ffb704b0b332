"""What clients can be told apart by, and the group that each of them belongs to."""

from typing import Any

import ibis
import pandas as pd

from workbench import definitions
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.store import Workspace, once

MOST_GROUPS = 30
STANDARD = ("programme", "organisation", "site", "referral_source", "gender", "ethnicity")
AGES = {"under 18": 18, "18 to 24": 25, "25 to 34": 35, "35 to 49": 50, "50 to 64": 65}
OLDEST = "65 and over"


@once
def attributes(data: Workspace) -> list[str]:
    """What clients can be grouped by: what is recorded, varies, and is offered for comparison.

    Those with more than 30 values are left out; caseworkers are never offered.
    """
    declared = [name for name, each in data.settings.attributes.items() if each.compare]
    clients, enrolments = data.tables.clients, data.tables.enrolments
    homes = dict.fromkeys(clients.columns, clients) | dict.fromkeys(enrolments.columns, enrolments)
    values = {
        name: int(homes[name][name].nunique().execute())
        for name in dict.fromkeys([*STANDARD, *declared])
        if name in homes
    }
    found = [name for name, count in values.items() if 2 <= count <= MOST_GROUPS]
    if data.filled("clients.birth_date") or data.filled("clients.age_band"):
        found.append("age_band")
    if "assignments" in data and "staff" in data:
        teams = _labels(data, "team")
        if 2 <= teams[teams != NOT_RECORDED].nunique() <= MOST_GROUPS:
            found.append("team")
    return found


def labelled(data: Workspace, frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """A frame with the column `group`, as text: "not recorded" where nothing is.

    `frame`: one row an enrolment, with enrolment_id, client_id and, for ages, `entry`. `by`: one of
    `attributes`. For "team" it is the team that first held the enrolment.
    Raises DataError where there is nothing of that name, or it has more than 30 values.
    """
    if by == "age_band" and not data.filled("clients.age_band"):
        return _by_age(data, frame)
    labels = _labels(data, by)
    frame = frame.assign(group=frame[str(labels.index.name)].map(labels).fillna(NOT_RECORDED))
    if (groups := frame["group"].nunique()) > MOST_GROUPS:
        raise DataError(
            f"by: {by} has {groups} different values, and a cohort needs at most {MOST_GROUPS} "
            "groups. Give it in bands in the export, or map its values under [sources]."
        )
    return frame


@once
def _labels(data: Workspace, by: str) -> "pd.Series[str]":
    """What an attribute says of each enrolment or client, by enrolment_id or client_id."""
    clients, enrolments = data.tables.clients, data.tables.enrolments
    if by == "team":
        rows, key = _teams(data), "enrolment_id"
    elif by in enrolments.columns and by != "client_id":
        rows, key = enrolments.select("enrolment_id", group=enrolments[by]), "enrolment_id"
    elif by in clients.columns:
        rows, key = clients.select("client_id", group=clients[by]), "client_id"
    else:
        raise DataError(f"by: clients cannot be grouped by {by!r}{nearest(by, attributes(data))}")
    found = rows.to_pandas().set_index(key)["group"]
    return pd.Series([_word(value) for value in found], found.index, dtype="str")


def _by_age(data: Workspace, frame: pd.DataFrame) -> pd.DataFrame:
    born = frame["client_id"].map(_born(data))
    years = (frame["entry"] - born).dt.days / 365.25
    bands = pd.cut(years, [-1, *AGES.values(), 200], right=False, labels=[*AGES, OLDEST])
    return frame.assign(group=bands.astype("object").fillna(NOT_RECORDED))


@once
def _born(data: Workspace) -> "pd.Series[pd.Timestamp]":
    rows = data.tables.clients.select("client_id", "birth_date").to_pandas()
    return pd.to_datetime(rows.set_index("client_id")["birth_date"])


def _teams(data: Workspace) -> ibis.Table:
    """The team that first held each enrolment; of several from the same day, the first by name."""
    held = definitions.holders(data, "team")
    order = held.start_date.cast("string") + " " + held.team
    return held.group_by("enrolment_id").aggregate(group=held.team.argmin(order))


def _word(value: Any) -> str:
    if value is None or pd.isna(value):
        return NOT_RECORDED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
