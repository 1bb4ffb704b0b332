"""Referrals, stays and exits of the synthetic charity: who starts, how often, how it ends.

Time within a stay runs in working days (weekends and public holidays do not count), because
contacts are offered on working days; `from_working` turns a moment into a calendar day.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dice import Dice, curve, dates, day_number, from_working, to_working
from workbench.sample.people import WORKERS_A_TEAM, numbered
from workbench.sample.plan import (
    ATTENDANCE,
    CHANGE_DAY,
    CHANGED_PROGRAMME,
    CONTACT_BY_NEED,
    CONTACTS_PER_WEEK,
    DAYS,
    EXIT_LAG,
    EXPOSURE_WEEKS,
    HANDOVER,
    LEAVER,
    ORGANISATIONS,
    PROGRAMMES,
    REVIEW_DAYS,
    SITES,
    SUCCESSOR,
    TEAMS,
    Effects,
)

SECOND_REFERRALS, WAITING_LIST = 0.42, 0.06
SOURCES = ("local authority", "self", "probation", "health service", "other charity")
TEAM_SHARES = {"Settled Homes": (0.4, 0.3, 0.3), "Fresh Start": (0.3, 0.4, 0.3)}
NOT_ELIGIBLE, NO_ROOM, NEVER_TOOK_UP = 0.07, 0.04, 0.09
REASONS_NOT_ELIGIBLE = ("outside the area", "needs specialist care", "no housing need")
BREAKS_A_WEEK, BREAK_DAYS = 0.045, (8, 26)
OTHER_EXITS = {"Moved away": 0.4, "Custody": 0.25, "Transferred": 0.25, "Died": 0.1}
OTHER_EXITS_PER_DAY = 0.0006


def referrals(dice: Dice, people: int) -> pd.DataFrame:
    """One row a referral in the order of its day, with days as numbers; `start` missing: none.

    A second referral of a client is to another programme and may run beside the first.
    """
    waiting = dice.chance(WAITING_LIST, people)
    first = np.where(waiting, dice.whole(0, 6, people), dice.whole(0, DAYS, people))
    again = np.flatnonzero(dice.chance(SECOND_REFERRALS, people))
    second = first[again] + dice.whole(60, 500, len(again))
    again, second = again[second <= DAYS], second[second <= DAYS]
    programme = dice.position(len(PROGRAMMES), people, (0.4, 0.35, 0.25))
    other = (programme[again] + dice.whole(1, 2, len(again))) % len(PROGRAMMES)
    frame = pd.DataFrame(
        {
            "client": np.concatenate([np.arange(people), again]),
            "referred": np.concatenate([first, second]),
            "programme": np.array(PROGRAMMES, dtype=object)[np.concatenate([programme, other])],
        }
    ).sort_values(["referred", "client"], ignore_index=True)
    count = len(frame)
    frame["team"] = dice.position(len(TEAMS), count, (0.36, 0.34, 0.3))
    frame["source"] = dice.pick(SOURCES, count, (0.35, 0.25, 0.15, 0.15, 0.1))
    return _decided(dice, frame)


def _decided(dice: Dice, frame: pd.DataFrame) -> pd.DataFrame:
    """Adds eligibility, decision and the day of the start to referrals."""
    count = len(frame)
    chance = dice.uniform(count)
    eligible = chance >= NOT_ELIGIBLE
    accepted = chance >= NOT_ELIGIBLE + NO_ROOM
    takes_up = chance >= NOT_ELIGIBLE + NO_ROOM + NEVER_TOOK_UP
    decided = frame["referred"] + dice.whole(0, 9, count)
    wait = dice.along({0: 1, 0.5: 9, 0.9: 24, 1: 55}, count)
    start = np.where(takes_up, from_working(to_working(decided + wait)), np.nan)
    known = decided <= DAYS
    reason = np.where(eligible, "no room", dice.pick(REASONS_NOT_ELIGIBLE, count))
    return frame.assign(
        eligible=pd.Series(eligible, dtype="boolean").where(known),
        decision=np.where(known, np.where(accepted, "accepted", "declined"), ""),
        decline_reason=np.where(known & ~accepted, reason, ""),
        start=np.where(start <= DAYS, start, np.nan),
    )


def stays(dice: Dice, referred: pd.DataFrame, need: NDArray[np.int64]) -> pd.DataFrame:
    """One row a referral that started: caseworkers, usual contacts a week, planned end.

    `enrolment` is the row in `referred`; `begins` and `planned_end` are in working days.
    """
    frame = referred[referred["start"].notna()].reset_index(names="enrolment")
    count = len(frame)
    start = frame["start"].to_numpy().astype(np.int64)
    worker = frame["team"].to_numpy() * WORKERS_A_TEAM + dice.whole(0, WORKERS_A_TEAM - 1, count)
    after = start >= day_number(HANDOVER)
    worker = np.where(after & (worker == LEAVER), SUCCESSOR, worker)
    worker = np.where(~after & (worker == SUCCESSOR), LEAVER, worker)
    score = need[frame["client"]]
    style = 0.9 + 0.2 * (worker % WORKERS_A_TEAM) / (WORKERS_A_TEAM - 1)
    weekly = dice.along(CONTACTS_PER_WEEK, count) * np.array(CONTACT_BY_NEED)[score - 1] * style
    review = start + dice.whole(*REVIEW_DAYS, count)
    return frame.assign(
        start=start,
        worker=worker,
        need_score=score,
        weekly=np.clip(weekly, 0.3, 7.5),
        reliability=0.1 * dice.uniform(count) - 0.05,
        begins=to_working(start),
        review=review,
        planned_end=to_working(review + dice.whole(14, 200, count)),
    )


def offers(dice: Dice, stay: pd.DataFrame, effects: Effects) -> pd.DataFrame:
    """One row a contact that would be offered up to the planned end, whether it would be kept.

    Gaps vary around the client's usual gap; now and then a pause of weeks is added to one.
    """
    usual = 5 / stay["weekly"].to_numpy()
    length = (stay["planned_end"] - stay["begins"]).to_numpy()
    expected = length / usual
    draws = np.ceil(expected + 4 * np.sqrt(expected) + 10).astype(np.int64)
    row = np.repeat(np.arange(len(stay)), draws)
    gap = usual[row] * dice.waits(2, len(row)).sum(axis=0) / 2
    pause = BREAK_DAYS[0] + dice.uniform(len(row)) * (BREAK_DAYS[1] - BREAK_DAYS[0])
    gap += np.where(dice.chance(BREAKS_A_WEEK * usual[row] / 5, len(row)), pause, 0)
    since = _running_total(gap, row)
    inside = since < length[row]
    row, moment = row[inside], (since + stay["begins"].to_numpy()[row])[inside]
    day = from_working(moment)
    changed = (stay["programme"].to_numpy() == CHANGED_PROGRAMME)[row]
    chance = (
        ATTENDANCE
        + stay["reliability"].to_numpy()[row]
        + effects.attendance_step * (changed & (day >= day_number(CHANGE_DAY)))
        + effects.friday_step * (weekday(day) == 4)
    )
    kept = dice.chance(chance, len(row))
    return pd.DataFrame({"row": row, "moment": moment, "day": day, "kept": kept})


def exits(dice: Dice, stay: pd.DataFrame, offered: pd.DataFrame, effects: Effects) -> pd.DataFrame:
    """`stay` with how it ends: `ends` (working days), `end` (day number) and `exit_reason`."""
    count = len(stay)
    begins, planned = stay["begins"].to_numpy(), stay["planned_end"].to_numpy(dtype=float)
    lost = _lost(dice, stay, offered, effects)
    other = begins + 3 + dice.waits(count) / OTHER_EXITS_PER_DAY
    kind = dice.pick(list(OTHER_EXITS), count, list(OTHER_EXITS.values()))
    reason = np.where(dice.chance(0.75, count), "Lost contact", "Declined further support")
    reason = np.where(other < lost, kind, reason)
    reason = np.where(planned <= np.minimum(lost, other), "Completed", reason)
    ends = np.minimum(planned, np.minimum(lost, other))
    end = from_working(ends)
    recorded = end + dice.along(EXIT_LAG, count)
    return stay.assign(ends=ends, end=end, exit_reason=reason, end_recorded=recorded)


def _lost(
    dice: Dice, stay: pd.DataFrame, offered: pd.DataFrame, effects: Effects
) -> NDArray[np.float64]:
    """The moment at which each client would be lost, infinite where the planned end comes first.

    Between kept contacts the daily chance follows the gap so far, in multiples of the usual gap.
    """
    count = len(stay)
    usual_kept = 5 / (stay["weekly"].to_numpy() * ATTENDANCE)
    kept = offered[offered["kept"]]
    row = np.concatenate([np.arange(count), kept["row"]])
    moment = np.concatenate([stay["begins"].to_numpy(dtype=float), kept["moment"]])
    order = np.lexsort((moment, row))
    row, moment = row[order], moment[order]
    following = np.append(moment[1:], 0.0)
    last = np.append(row[1:] != row[:-1], True)
    following[last] = stay["planned_end"].to_numpy()[row[last]]
    grid = np.concatenate([np.arange(0, 20, 0.01), np.arange(20, 401)])
    daily = curve(effects.lost_by_gap, grid)
    total = np.append(0, np.cumsum((daily[1:] + daily[:-1]) / 2 * np.diff(grid)))
    in_gap = usual_kept[row] * np.interp((following - moment) / usual_kept[row], grid, total)
    by_the_end = _running_total(in_gap, row)
    threshold = dice.waits(count)[row]
    crossing = (by_the_end >= threshold) & (by_the_end - in_gap < threshold)
    row, moment = row[crossing], moment[crossing]
    needed = (threshold - by_the_end + in_gap)[crossing] / usual_kept[row]
    lost = np.full(count, np.inf)
    lost[row] = moment + usual_kept[row] * np.interp(needed, total, grid)
    return lost


def weekly_exposure(stay: pd.DataFrame, offered: pd.DataFrame) -> NDArray[np.float64]:
    """Contacts offered per week in the first weeks of each stay."""
    within = offered["day"] - stay["start"].to_numpy()[offered["row"]] < 7 * EXPOSURE_WEEKS
    return np.bincount(offered["row"][within], minlength=len(stay)) / EXPOSURE_WEEKS


def enrolments(referred: pd.DataFrame, stay: pd.DataFrame) -> pd.DataFrame:
    """One row a referral; an end that was not yet recorded at the export is missing."""
    team = np.array(TEAMS, dtype=object)[referred["team"]]
    ended = stay[stay["end_recorded"] <= DAYS].set_index("enrolment")
    end = ended.reindex(referred.index)
    return pd.DataFrame(
        {
            "enrolment_id": numbered("E", np.arange(len(referred))),
            "client_id": numbered("C", referred["client"].to_numpy()),
            "programme": referred["programme"],
            "organisation": pd.Series(team).map(ORGANISATIONS),
            "site": pd.Series(team).map(SITES),
            "referral_source": referred["source"],
            "referral_date": dates(referred["referred"]),
            "eligible": referred["eligible"],
            "decision": referred["decision"],
            "decline_reason": referred["decline_reason"],
            "start_date": dates(referred["start"]),
            "end_date": dates(end["end"]),
            "exit_reason": end["exit_reason"].fillna("").to_numpy(),
            "end_recorded_at": dates(np.floor(end["end_recorded"]), 16 * 60 + 30),
        }
    )


def weekday(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 is Monday; the first day of the records was a Thursday."""
    return (day + 3) % 7


def _running_total(values: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Running total within each row's block; blocks are in order."""
    total = np.cumsum(values)
    begins = np.append(True, row[1:] != row[:-1])
    before = (total - values)[begins]
    return total - np.repeat(before, np.diff(np.append(np.flatnonzero(begins), len(row))))
