"""What is recorded about a stay besides contacts: supports, outcomes, scales, needs and plans."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dice import Dice, curve, dates, next_working
from workbench.sample.people import numbered
from workbench.sample.plan import (
    ARRESTS_BY_NEED,
    ARRESTS_PER_YEAR,
    DAYS,
    EARLY_BY_DAY,
    EARLY_SUPPORT,
    LAG,
    LATE_SUPPORT,
    NEEDS,
    SUCCESS_BY_NEED,
    SUPPORT_FOR,
    Effects,
)

SCALE = "wellbeing (7 to 35)"
PROVIDERS = ("in house", "Harbour Minds", "Advice Point", "Turning Tide")
ACTIONS = ("apply", "attend a first appointment", "make a plan together", "review")
MOST_ARRESTS = 16
NOT_KNOWN = (0.025, 0.25)
"""Share of homes not known at the review, and after an earlier exit."""
EVIDENCED = (0.8, 0.14, 0.06)
"""Share of achieved outcomes, arrests aside: proof was seen, was not, or nothing is said."""


def supports(dice: Dice, stay: pd.DataFrame, needed: pd.DataFrame) -> pd.DataFrame:
    """One row a support received: mental-health support early, late or never; others by need.

    When mental-health support starts is drawn beforehand, whatever happens in the stay; it is on
    record only if the stay lasted that long.
    """
    health = pd.DataFrame(
        {"row": np.arange(len(stay)), "support": SUPPORT_FOR["mental health"]}
    ).assign(first=mental_health_start(dice, stay))
    others = needed[needed["need"] != "mental health"].reset_index(drop=True)
    others = others[dice.chance(0.6, len(others))]
    start = stay["start"].to_numpy()[others["row"]] + dice.whole(5, 150, len(others))
    rest = pd.DataFrame(
        {"row": others["row"], "support": others["need"].map(SUPPORT_FOR), "first": start}
    )
    frame = pd.concat([health, rest], ignore_index=True)
    until = np.minimum(stay["end"].to_numpy()[frame["row"]], DAYS)
    frame["provider"] = dice.pick(PROVIDERS, len(frame), (0.4, 0.25, 0.2, 0.15))
    frame["last"] = frame["first"] + dice.whole(20, 120, len(frame))
    frame = frame[(frame["first"] <= until).to_numpy()]
    table = pd.DataFrame(
        {
            "enrolment_id": _enrolment(stay, frame["row"]),
            "support": frame["support"].to_numpy(),
            "provider": frame["provider"].to_numpy(),
            "start_date": dates(frame["first"]),
            "end_date": dates(frame["last"].where(frame["last"] <= DAYS)),
        }
    )
    return table.sort_values(["start_date", "enrolment_id"], kind="stable", ignore_index=True)


def mental_health_start(dice: Dice, stay: pd.DataFrame) -> NDArray[np.float64]:
    """The day on which mental-health support would start, missing for those it is not meant for."""
    count = len(stay)
    chance = dice.uniform(count)
    after = np.where(
        chance < EARLY_SUPPORT,
        dice.whole(3, EARLY_BY_DAY - 3, count),
        dice.whole(EARLY_BY_DAY + 4, 160, count),
    )
    meant_for = chance < EARLY_SUPPORT + LATE_SUPPORT
    return np.where(meant_for, next_working(stay["start"].to_numpy() + after), np.nan)


def outcomes(
    dice: Dice,
    stay: pd.DataFrame,
    exposure: NDArray[np.float64],
    supported: pd.DataFrame,
    effects: Effects,
) -> pd.DataFrame:
    """One row an outcome: the home at its review or at the exit, work, and every arrest."""
    frame = pd.concat(
        [
            _home(dice, stay, exposure, effects),
            _work(dice, stay),
            _arrests(dice, stay, supported, effects),
        ],
        ignore_index=True,
    )
    recorded = frame["day"] + np.floor(dice.along(LAG, len(frame))).astype(np.int64)
    frame, recorded = frame[recorded <= DAYS], recorded[recorded <= DAYS]
    table = pd.DataFrame(
        {
            "enrolment_id": _enrolment(stay, frame["row"]),
            "outcome": frame["outcome"].to_numpy(),
            "outcome_date": dates(frame["day"]),
            "status": frame["status"].to_numpy(),
            "recorded_at": dates(recorded, 17 * 60),
        }
    )
    return table.sort_values(["outcome_date", "enrolment_id"], kind="stable", ignore_index=True)


def evidenced(dice: Dice, outcomes: pd.DataFrame) -> pd.Series:
    """Whether proof was seen of each outcome achieved; nothing is said of the others."""
    seen = pd.Series(dice.position(3, len(outcomes), EVIDENCED)).map({0: True, 1: False})
    claimed = (outcomes["status"] == "achieved") & (outcomes["outcome"] != "arrest")
    return seen.astype(object).where(claimed, None)


def _home(
    dice: Dice, stay: pd.DataFrame, exposure: NDArray[np.float64], effects: Effects
) -> pd.DataFrame:
    count = len(stay)
    review, end = stay["review"].to_numpy(), stay["end"].to_numpy()
    here = review <= end
    chance = curve(effects.success_by_contact, exposure)
    chance += np.array(SUCCESS_BY_NEED)[stay["need_score"] - 1]
    achieved = here & dice.chance(np.clip(chance, 0.03, 0.97), count)
    unknown = dice.chance(np.where(here, *NOT_KNOWN), count)
    status = np.where(achieved, "achieved", "not achieved")
    return pd.DataFrame(
        {
            "row": np.arange(count),
            "outcome": "settled home",
            "day": np.where(here, review, end),
            "status": np.where(unknown, "not known", status),
        }
    )


def _work(dice: Dice, stay: pd.DataFrame) -> pd.DataFrame:
    asked = dice.chance(0.4, len(stay)) & (stay["review"] <= stay["end"]).to_numpy()
    row = np.flatnonzero(asked)
    status = ("achieved", "not achieved", "not known")
    return pd.DataFrame(
        {
            "row": row,
            "outcome": "in work or training",
            "day": stay["review"].to_numpy()[row],
            "status": dice.pick(status, len(row), (0.3, 0.62, 0.08)),
        }
    )


def _arrests(
    dice: Dice, stay: pd.DataFrame, supported: pd.DataFrame, effects: Effects
) -> pd.DataFrame:
    """Arrests come at a steady rate; from the start of early support only some of them happen."""
    count = len(stay)
    daily = ARRESTS_PER_YEAR / 365.25 * np.array(ARRESTS_BY_NEED)[stay["need_score"] - 1]
    since = np.cumsum(dice.waits(count, MOST_ARRESTS), axis=1) / daily[:, np.newaxis]
    day = stay["start"].to_numpy()[:, np.newaxis] + 1 + np.floor(since).astype(np.int64)
    helped = supported[supported["support"] == SUPPORT_FOR["mental health"]]
    first = pd.Series(helped["start_date"].to_numpy(), index=helped["enrolment_id"])
    begun = first.reindex(_enrolment(stay, np.arange(count)))
    begun_day = (begun - dates([0])[0]).dt.days.to_numpy(dtype=float)[:, np.newaxis]
    early = begun_day - stay["start"].to_numpy()[:, np.newaxis] <= EARLY_BY_DAY
    helps = early & (day >= begun_day)
    happens = dice.uniform(count, MOST_ARRESTS) < np.where(helps, effects.arrest_ratio, 1)
    last = np.minimum(stay["end"].to_numpy(), DAYS)[:, np.newaxis]
    row, place = np.nonzero(happens & (day <= last))
    arrests = pd.DataFrame({"row": row, "outcome": "arrest", "day": day[row, place]})
    return arrests.drop_duplicates().assign(status="achieved")


def assessments(dice: Dice, stay: pd.DataFrame, home: pd.DataFrame) -> pd.DataFrame:
    """One row a reading of the wellbeing scale; a good third have no second reading."""
    count = len(stay)
    settled = home[(home["outcome"] == "settled home") & (home["status"] == "achieved")]
    gain = 2 + 3 * np.isin(_enrolment(stay, np.arange(count)), settled["enrolment_id"])
    level = 21 - 1.2 * (stay["need_score"].to_numpy() - 3) + 8 * (dice.uniform(count) - 0.5)
    start, until = stay["start"].to_numpy(), np.minimum(stay["end"].to_numpy(), DAYS - 3)
    readings = []
    for after, share, part in ((4, 0.95, 0.0), (60, 0.3, 0.5), (130, 0.75, 1.0)):
        day = start + after + dice.whole(-4, 12, count)
        score = level + part * gain + 6 * (dice.uniform(count) - 0.5)
        taken = dice.chance(share, count) & (day <= until)
        reading = pd.DataFrame({"row": np.arange(count), "day": day, "score": np.rint(score)})
        readings.append(reading[taken])
    frame = pd.concat(readings, ignore_index=True)
    table = pd.DataFrame(
        {
            "enrolment_id": _enrolment(stay, frame["row"]),
            "scale": SCALE,
            "assessment_date": dates(frame["day"]),
            "score": np.clip(frame["score"], 7, 35).astype(np.int64),
            "recorded_at": dates(frame["day"] + dice.whole(0, 3, len(frame)), 16 * 60),
        }
    )
    return table.sort_values(["assessment_date", "enrolment_id"], kind="stable", ignore_index=True)


def needed(dice: Dice, stay: pd.DataFrame) -> pd.DataFrame:
    """One row a need of a stay: `row`, `need`, and the days it was identified and met."""
    count = len(stay)
    has = dice.uniform(count, len(NEEDS)) < np.array((0.75, 0.6, 0.35, 0.3, 0.25))
    row, need = np.nonzero(has)
    start, end = stay["start"].to_numpy()[row], stay["end"].to_numpy()[row]
    identified = np.minimum(start + dice.whole(0, 20, len(row)), end)
    met = identified + dice.whole(25, 260, len(row))
    frame = pd.DataFrame(
        {
            "row": row,
            "need": np.array(NEEDS, dtype=object)[need],
            "identified": identified,
            "met": np.where(met <= np.minimum(end, DAYS), met, np.nan),
        }
    )
    return frame[identified <= DAYS].reset_index(drop=True)


def needs(stay: pd.DataFrame, need: pd.DataFrame) -> pd.DataFrame:
    """The records of `needed`."""
    return pd.DataFrame(
        {
            "enrolment_id": _enrolment(stay, need["row"]),
            "need": need["need"],
            "identified_date": dates(need["identified"]),
            "resolved_date": dates(need["met"]),
        }
    )


def actions(dice: Dice, stay: pd.DataFrame, need: pd.DataFrame) -> pd.DataFrame:
    """One row a line of an action plan; due days slip, and some lines are never done."""
    lines = need[dice.chance(0.8, len(need))]
    count = len(lines)
    created = lines["identified"].to_numpy() + dice.whole(0, 10, count)
    due = created + dice.whole(2, 10, count) * 7
    put_off = due + dice.whole(1, 6, count) * 7
    revised = np.where(dice.chance(0.22, count) & (due <= DAYS), put_off, np.nan)
    aim = np.where(np.isnan(revised), due, put_off)
    done = np.maximum(aim + dice.whole(-14, 25, count), created)
    until = np.minimum(stay["end"].to_numpy()[lines["row"]], DAYS)
    is_done = dice.chance(0.8, count) & (done <= until)
    table = pd.DataFrame(
        {
            "enrolment_id": _enrolment(stay, lines["row"]),
            "need": lines["need"].to_numpy(),
            "action": dice.pick(ACTIONS, count),
            "planned_support": lines["need"].map(SUPPORT_FOR).to_numpy(),
            "created_date": dates(created),
            "due_date": dates(due),
            "revised_date": dates(revised),
            "done_date": dates(np.where(is_done, done, np.nan)),
        }
    )
    return table[created <= until].reset_index(drop=True)


def _enrolment(stay: pd.DataFrame, row: NDArray[np.int64] | pd.Series) -> NDArray[np.object_]:
    numbers = stay["enrolment"].to_numpy()[np.asarray(row)]
    return numbered("E", numbers).to_numpy(dtype=object)
