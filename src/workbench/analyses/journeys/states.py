"""Where people are, week by week after their start: in contact, quiet, finished, lost, left."""

import ibis
import numpy as np
import pandas as pd

from workbench import definitions, disclosure, exposures, words
from workbench.store import Workspace
from workbench.words.journeys import COMPLETED, HERE, IN_CONTACT, LEFT, LOST, QUIET

DAYS_A_WEEK = 7
RECENT_DAYS = 28
ENDED = {"completion": COMPLETED, "disengagement": LOST}


def states_table(data: Workspace, weeks: int = 26) -> pd.DataFrame:
    """Where people are at the end of each week after their start.

    One row a week (0 to `weeks`) and state, in order: week, state, people, of (everyone), note,
    share. The people are the same in every week: each client once, with the first enrolment, if it
    could be followed for all those weeks. States: in contact (a kept contact in the last 28 days,
    or started in them), with us and no contact for 4 weeks, completed, lost contact, left
    otherwise. Without contacts on record, those still there are all "with us". Protected.
    """
    stays = first_stays(data)
    stays = stays[stays["followed_day"] >= DAYS_A_WEEK * weeks]
    contacts = _contact_days(data)
    known = len(contacts) > 0
    names = [*([IN_CONTACT, QUIET] if known else [HERE]), COMPLETED, LOST, LEFT]
    rows = []
    for week in range(weeks + 1):
        day = DAYS_A_WEEK * week
        recent = contacts[(contacts["day"] <= day) & (contacts["day"] > day - RECENT_DAYS)]
        quiet = ~stays["enrolment_id"].isin(recent["enrolment_id"]) & (day >= RECENT_DAYS)
        here = np.where(quiet, QUIET, IN_CONTACT) if known else HERE
        over = stays["end_kind"].map(ENDED).fillna(LEFT)
        ended = (stays["end_day"] <= day).fillna(False).astype(bool)
        state = pd.Series(np.where(ended, over, here))
        people = state.value_counts().reindex(names, fill_value=0).to_numpy()
        rows.append(pd.DataFrame({"week": week, "state": names, "people": people}))
    table = pd.concat(rows, ignore_index=True).astype({"state": "str"})
    return disclosure.protect(
        table.assign(of=len(stays)),
        people=["people", "of"],
        ratios={"share": ("people", "of")},
        plain=["week"],
        within=["week"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def states_told(table: pd.DataFrame) -> str:
    """Where people are at the end of the last week of `states_table`, in words."""
    last = table[table["week"] == table["week"].max()]
    shares = {
        str(state): None if pd.isna(share) else float(share)
        for state, share in zip(last["state"], last["share"], strict=True)
    }
    of = last["of"].iloc[0]
    people = None if pd.isna(of) else float(of)
    return words.journeys.states(people, int(last["week"].iloc[0]), shares)


def first_stays(data: Workspace) -> pd.DataFrame:
    """Each client's first enrolment of those in complete records: `exposures.stays`. Persons."""
    stays = exposures.stays(data)
    stays = stays[stays["start_date"] >= pd.Timestamp(data.complete_from)]
    stays = stays[~stays["client_id"].duplicated()]
    return stays[stays["followed_day"] >= 0].reset_index(drop=True)


def _contact_days(data: Workspace) -> pd.DataFrame:
    """The day of each kept contact since the start: enrolment_id, day."""
    rows: ibis.Table = definitions.kept(data)
    begun = definitions.starts(data).select("enrolment_id", "start_date")
    rows = rows.inner_join(begun, "enrolment_id")
    day = rows.contact_date.delta(rows.start_date, unit="day")
    return rows.filter(day >= 0).select("enrolment_id", day=day).distinct().to_pandas()
