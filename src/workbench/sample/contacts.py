"""Who held each case and what contacts they put on record, in the synthetic charity."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dice import Dice, dates, day_number, from_working
from workbench.sample.people import WORKERS_A_TEAM, numbered, team_of
from workbench.sample.plan import (
    DAYS,
    HANDOVER,
    LAG,
    LEAVER,
    SILENT_FROM,
    SILENT_TEAM,
    SILENT_TO,
    SLOW_LAG,
    SLOW_WORKER,
    SUCCESSOR,
    TEAMS,
)

CHANNELS = {"face to face": 0.55, "phone": 0.3, "video": 0.1, "text": 0.05}
ADMINISTRATIVE = "administrative note"
GROUPS, ADMIN_NOTES, NOT_NOTED, HANDOVERS = 0.06, 0.05, 0.02, 0.1
OPENS, FIVE_MINUTES_A_DAY, CLOSES = 9 * 60, 96, 18 * 60 + 30


def holders(dice: Dice, stay: pd.DataFrame) -> pd.DataFrame:
    """One row a time in which a caseworker held a case; `first`, `last` are day numbers.

    Cases of the caseworker who leaves pass to the successor; some others change hands as well.
    """
    count = len(stay)
    start, end, worker = (stay[name].to_numpy() for name in ("start", "end", "worker"))
    handover = day_number(HANDOVER)
    forced = (worker == LEAVER) & (start < handover) & (end >= handover)
    chosen = (worker != LEAVER) & dice.chance(HANDOVERS, count) & (end - start > 30)
    day = np.where(forced, handover, start + ((end - start) * 0.6).astype(np.int64))
    changes = (forced | chosen) & (day <= DAYS)
    overlap = np.where(forced, -1, dice.whole(0, 1, count) * 7 - 1)
    row = np.arange(count)
    before = pd.DataFrame({"row": row, "worker": worker, "first": start, "last": end})
    before["last"] = np.where(changes, np.minimum(day + overlap, end), end)
    taker = np.where(forced, SUCCESSOR, _steady_colleague(worker))
    after = pd.DataFrame({"row": row, "worker": taker, "first": day, "last": end})[changes]
    both = pd.concat([before, after], ignore_index=True)
    return both.sort_values(["row", "first"], kind="stable", ignore_index=True)


def assignments(stay: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The records of `holders`; the last day is missing while the case is open on record."""
    row = held["row"].to_numpy()
    to_the_end = held["last"] == stay["end"].to_numpy()[row]
    open_on_record = to_the_end & (stay["end_recorded"].to_numpy()[row] > DAYS)
    return pd.DataFrame(
        {
            "enrolment_id": numbered("E", stay["enrolment"].to_numpy()[row]),
            "caseworker_id": numbered("W", held["worker"].to_numpy(), 2),
            "start_date": dates(held["first"]),
            "end_date": dates(held["last"].where(~open_on_record & (held["last"] <= DAYS))),
        }
    )


def contacts(
    dice: Dice,
    stay: pd.DataFrame,
    offered: pd.DataFrame,
    held: pd.DataFrame,
    is_away: NDArray[np.bool_],
) -> pd.DataFrame:
    """One row a contact on record at the export: seen by the holder or who stands in."""
    before_end = offered["moment"].to_numpy() < stay["ends"].to_numpy()[offered["row"]]
    real = offered[before_end & (offered["day"] <= DAYS).to_numpy()]
    count = len(real)
    row, day, kept = (real[name].to_numpy() for name in ("row", "day", "kept"))
    worker = _present(_holder(held, row, day), day, is_away)
    group = dice.chance(GROUPS, count)
    channel = dice.pick(list(CHANNELS), count, list(CHANNELS.values()))
    minutes = np.where(group, 90, 5 + 10 * dice.whole(1, 7, count))
    noted = ~dice.chance(NOT_NOTED, count)
    frame = pd.DataFrame(
        {
            "row": row,
            "day": day,
            "minute": _minute(real["moment"].to_numpy()),
            "channel": np.where(group, "face to face", channel),
            "attended": pd.array(kept, dtype="boolean"),
            "group_session": group,
            "minutes": np.where(kept & noted, minutes, np.nan),
            "worker": worker,
        }
    )
    frame["attended"] = frame["attended"].where(noted)
    frame = pd.concat([frame, _admin_notes(dice, stay, held)], ignore_index=True)
    return _on_record(dice, stay, frame)


def _admin_notes(dice: Dice, stay: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Letters and calls about a client, noted as activity though nobody met."""
    open_to = np.minimum(stay["end"].to_numpy(), DAYS)
    days = open_to - stay["start"].to_numpy()
    row = np.repeat(np.arange(len(stay)), np.ceil(days * ADMIN_NOTES / 2).astype(np.int64))
    share = dice.uniform(len(row))
    begins = stay["begins"].to_numpy()[row]
    until = np.minimum(stay["ends"].to_numpy()[row], begins + days[row] * 5 / 7)
    moment = begins + share * (until - begins)
    day = np.minimum(from_working(moment), DAYS)
    return pd.DataFrame(
        {
            "row": row,
            "day": day,
            "minute": _minute(moment),
            "channel": ADMINISTRATIVE,
            "attended": pd.array([pd.NA] * len(row), dtype="boolean"),
            "group_session": False,
            "minutes": 5.0 * dice.whole(1, 4, len(row)),
            "worker": _holder(held, row, day),
        }
    )


def _on_record(dice: Dice, stay: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The contacts typed in by the export, in the order of their time; one team's gap is left."""
    count = len(frame)
    day, minute, worker = (frame[name].to_numpy() for name in ("day", "minute", "worker"))
    slow = worker == SLOW_WORKER
    lag = np.where(slow, dice.along(SLOW_LAG, count), dice.along(LAG, count)).astype(np.int64)
    earliest = np.where(lag == 0, minute + 10, OPENS)
    typed = earliest + (dice.uniform(count) * (CLOSES - earliest)).astype(np.int64)
    silent = team_of(worker) == TEAMS.index(SILENT_TEAM)
    silent &= (day >= day_number(SILENT_FROM)) & (day <= day_number(SILENT_TO))
    enrolment = stay["enrolment"].to_numpy()[frame["row"]]
    table = pd.DataFrame(
        {
            "enrolment_id": numbered("E", enrolment),
            "contact_date": dates(day, minute),
            "channel": frame["channel"],
            "attended": frame["attended"],
            "group_session": frame["group_session"],
            "minutes": frame["minutes"],
            "caseworker_id": numbered("W", worker, 2),
            "recorded_at": dates(day + lag, typed),
        }
    )[~silent & (day + lag <= DAYS)]
    order = ["contact_date", "enrolment_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _minute(moment: NDArray[np.float64]) -> NDArray[np.int64]:
    """The minute of the day, in steps of five, of a moment in working time."""
    return OPENS + 5 * ((moment % 1) * FIVE_MINUTES_A_DAY).astype(np.int64)


def _colleague(worker: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next caseworker of the same team."""
    place = worker % WORKERS_A_TEAM
    return worker - place + (place + 1) % WORKERS_A_TEAM


def _steady_colleague(worker: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next caseworker of the same team who was there all the time."""
    taker = _colleague(worker)
    return np.where(np.isin(taker, (LEAVER, SUCCESSOR)), _colleague(taker), taker)


def _holder(
    held: pd.DataFrame, row: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Who held the case on the day: the one whose time began last."""
    span = 10 * DAYS
    key = held["row"].to_numpy() * span + held["first"].to_numpy()
    return held["worker"].to_numpy()[np.searchsorted(key, row * span + day, side="right") - 1]


def _present(
    worker: NDArray[np.int64], day: NDArray[np.int64], is_away: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The caseworker, or the next of the team who is at work that day."""
    for _ in range(WORKERS_A_TEAM - 1):
        worker = np.where(is_away[worker, day], _colleague(worker), worker)
    return worker
