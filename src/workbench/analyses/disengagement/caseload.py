"""The list of one caseworker: whom to call first, and why. About people, for that worker only."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from workbench import definitions, words
from workbench.analyses.disengagement.cohort import (
    RULE,
    as_of_days,
    last_known,
    today,
    with_features,
)
from workbench.analyses.disengagement.columns import rule_order
from workbench.analyses.disengagement.model import Model
from workbench.analyses.disengagement.study import study
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.store import Workspace

CALL, WATCH, USUAL, CHECK = words.disengagement.BANDS
BROKEN = 2.0  # usual gaps gone by without contact, from which to keep an eye on somebody
LONG = 14  # days, where no usual gap is known


def possible(data: Workspace) -> str:
    """Why nothing can be learnt from an export, or empty where it can."""
    asked, exits = data.settings.disengagement, data.settings.exits
    if not len(data.values("contacts.contact_date")):
        return words.disengagement.NO_CONTACTS
    if not asked.no_contact_days and not exits.disengagement:
        return words.disengagement.NOT_NAMED
    days = as_of_days(data, asked)
    if not days:
        return words.disengagement.no_days(last_known(data, asked))
    rows = data.tables.enrolments
    there = rows.filter(
        rows.start_date <= max(days), rows.end_date.isnull() | (rows.end_date > min(days))
    )
    return "" if there.count().execute() else words.disengagement.nobody(len(days))


def caseload(
    data: Workspace,
    caseworker: str,
    as_of: date | None = None,
    *,
    model: Model | None = None,
    learn: bool = True,
) -> pd.DataFrame:
    """Whom a caseworker should call first, and why; for that worker's eyes.

    One row a client held at the close of `as_of` (by default the day of the workspace): client_id,
    enrolment_id, programme, days_since_contact, next_due (first action of the plan not done; NaT:
    none), band ("call first", "keep an eye on", "as usual", "check: still with us?"), chance (of
    leaving within the horizon; NA where the verdict is not to use the model), reason_1 to reason_3,
    check (what to look at first), also_in (further enrolments). Those to check come last.

    `model`: made before, for everybody; by default it is made from these records up to the day.
    `learn`: False makes none, and goes by the time since the last contact (the rule).
    Raises DataError for a caseworker who holds no case and never did, or a day outside the records.
    """
    known = data if as_of is None else replace(data, as_of=_by(data, as_of))
    data.needs("assignments")
    everyone = sorted(data.values("assignments.caseworker_id"))
    if caseworker not in everyone:
        raise DataError(
            f"caseworker: nobody called {caseworker!r} holds a case{nearest(caseworker, everyone)}"
        )
    if learn and model is None and not possible(known):
        model = study(known).model
    rows = listed(known, model)
    held = definitions.holders(known, "caseworker_id")
    held = held.filter(held.caseworker_id == caseworker, held.end_date >= known.as_of)
    mine = held.select("enrolment_id").distinct().to_pandas()["enrolment_id"]
    rows = rows[rows["enrolment_id"].isin(mine)]
    return _in_order(rows, known.settings.disengagement.calls_a_week, model)


def listed(data: Workspace, model: Model | None) -> pd.DataFrame:
    """Everyone open on the day of the workspace: rank, chance and what is due. About people."""
    asked = data.settings.disengagement
    rows, _ = with_features(data, [today(data)], asked)
    use = model is not None and model.verdict == "use the model"
    rows = rows.assign(
        rank=model.ranks(rows) if model is not None and use else rule_order(rows, RULE),
        chance=model.scores(rows) if model is not None and use else np.nan,
    )
    silent = rows["days_since_contact"] > (asked.no_contact_days or asked.check_after_days)
    rows["still_there"] = ~(rows["gone"].astype(bool) | silent)
    due = _due(data)
    return rows.assign(next_due=pd.to_datetime(due.reindex(rows["enrolment_id"]).to_numpy()))


def bands(rows: pd.DataFrame, calls: int, model: Model | None) -> "pd.Series[str]":
    """The band of each row: the first `calls` of each caseworker's list, and so on."""
    place = (
        rows["rank"]
        .where(rows["still_there"])
        .groupby(rows["caseworker_id"].astype("str").fillna("nobody"))
        .rank(ascending=False, method="first")
    )
    if model is not None and model.verdict == "use the model":
        more = rows["chance"] >= model.training_share
    else:
        ratio = rows["gap_in_usual_gaps"]
        more = ratio.fillna(rows["days_since_contact"] / LONG * BROKEN) >= BROKEN
    said = np.select(
        [~rows["still_there"], place <= calls, more], [CHECK, CALL, WATCH], default=USUAL
    )
    return pd.Series(said, rows.index, dtype="str")


def _in_order(rows: pd.DataFrame, calls: int, model: Model | None) -> pd.DataFrame:
    """A client a row, the strongest enrolment first, in words."""
    rows = rows.sort_values(["still_there", "rank", "enrolment_id"], ascending=[False, False, True])
    also = rows.groupby("client_id")["enrolment_id"].transform("size") - 1
    rows = rows.assign(also_in=also).drop_duplicates("client_id").reset_index(drop=True)
    rows["band"] = bands(rows.assign(caseworker_id="one"), calls, model)
    order = rows["band"].map({CALL: 0, WATCH: 1, USUAL: 2, CHECK: 3})
    rows = rows.assign(order=order).sort_values(["order", "rank"], ascending=[True, False])
    rows = rows.reset_index(drop=True)
    if model is not None and model.verdict == "use the model":
        reasons = model.reasons(rows)
    else:
        reasons = facts(rows)
    records: list[Any] = rows.to_dict("records")
    check = [words.disengagement.check(row["band"], row) for row in records]
    front = ["client_id", "enrolment_id", "programme", "days_since_contact", "next_due", "band"]
    whole = pd.concat([rows[[*front, "chance"]], reasons], axis=1)
    return whole.assign(
        days_since_contact=whole["days_since_contact"].astype("Int64"),
        chance=whole["chance"].astype("Float64"),
        check=pd.Series(check, whole.index, dtype="str"),
        also_in=rows["also_in"],
    )


def facts(rows: pd.DataFrame, most: int = 3) -> pd.DataFrame:
    """What the rule goes by, the time since the last contact, and what else stands out."""
    records: list[Any] = rows.to_dict("records")
    told = [words.disengagement.standing_out(row)[:most] for row in records]
    padded = [[*said, *[""] * (most - len(said))] for said in told]
    return pd.DataFrame(padded, rows.index, [f"reason_{i + 1}" for i in range(most)])


def _due(data: Workspace) -> "pd.Series[Any]":
    """The first day on which an action is due that is not done, by enrolment_id."""
    if "actions" not in data:
        return pd.Series(dtype="object")
    rows = data.tables.actions
    rows = rows.filter(
        rows.created_date.isnull() | (rows.created_date <= data.as_of),
        rows.done_date.isnull() | (rows.done_date > data.as_of),
    )
    due = rows.revised_date.fill_null(rows.due_date)
    first = rows.group_by("enrolment_id").aggregate(due=due.min()).to_pandas()
    return first.set_index("enrolment_id")["due"]


def _by(data: Workspace, as_of: Any) -> date:
    day = pd.Timestamp(as_of).date()
    if not data.complete_from <= day <= data.last_day:
        raise DataError(
            f"as_of: {day} lies outside the records, which reach from {data.complete_from} to "
            f"{data.last_day}. Ask about a day within."
        )
    return day
