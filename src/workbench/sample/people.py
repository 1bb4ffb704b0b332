"""The people of the synthetic charity: clients with their consents, workers with their absences."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dice import WORKING, Dice, dates, day_number, from_working, to_working
from workbench.sample.plan import (
    AREAS,
    DAYS,
    FIRST_DAY,
    HANDOVER,
    LEAVER,
    NEED_SHARES,
    SUCCESSOR,
    TEAMS,
)

WORKERS_A_TEAM = 4
GENDERS = {"Female": 0.47, "Male": 0.49, "Non-binary": 0.02, "": 0.02}
ETHNICITIES = {
    "White British": 0.61,
    "White other": 0.09,
    "Black African": 0.08,
    "Asian Pakistani": 0.07,
    "Mixed": 0.06,
    "Other": 0.04,
    "": 0.05,
}
HOUSING = {"rough sleeping": 0.18, "sofa surfing": 0.3, "temporary": 0.37, "own tenancy": 0.15}
FIRST_NAMES = ("Alex", "Zoë", "José", "Sam", "Renée", "Kit", "Noor", "Bjørn", "Ada", "Siân")
LAST_NAMES = ("Example", "Sample", "Specimen", "Placeholder", "Demo", "Invented", "Madeup")
NOTES = (
    "Prefers to be rung after 2 pm on {phone}.",
    "{name} asks that letters go to a relative; has no fixed address.",
    "Interpreter booked; write to {email}.",
)


def clients(dice: Dice, count: int) -> pd.DataFrame:
    """One row a client: date of birth, gender, ethnicity and what was recorded at intake."""
    age = dice.along({0: 18.5, 0.3: 26, 0.6: 38, 0.9: 57, 1: 79}, count)
    return pd.DataFrame(
        {
            "client_id": numbered("C", np.arange(count)),
            "birth_date": dates(np.floor(-age * 365.25)),
            "gender": dice.pick(list(GENDERS), count, list(GENDERS.values())),
            "ethnicity": dice.pick(list(ETHNICITIES), count, list(ETHNICITIES.values())),
            "need_score": 1 + dice.position(5, count, NEED_SHARES),
            "area": dice.pick(AREAS, count, (0.4, 0.35, 0.25)),
            "housing_at_intake": dice.pick(list(HOUSING), count, list(HOUSING.values())),
        }
    )


def particulars(dice: Dice, people: pd.DataFrame) -> pd.DataFrame:
    """The invented personal details that a reader has to drop, one row a client, in their order.

    Telephone numbers come from the range that is kept free for fiction, e-mail addresses from
    example.org, national insurance numbers begin with the prefix QQ that is never issued.
    """
    count = len(people)
    first = pd.Series(dice.pick(FIRST_NAMES, count))
    last = pd.Series(dice.pick(LAST_NAMES, count))
    number = pd.Series(np.arange(count))
    email = "client." + (number + 1).astype(str) + "@example.org"
    phone = "01632 960" + (number % 1000).astype(str).str.zfill(3)
    digits = (number + 1).astype(str).str.zfill(6)
    note = pd.Series(dice.pick(NOTES, count))
    note = pd.Series(
        [
            text.format(name=name, phone=telephone, email=address)
            for text, name, telephone, address in zip(note, first, phone, email, strict=True)
        ]
    )
    return pd.DataFrame(
        {
            "First name": first,
            "Last name": last,
            "E-mail": email,
            "Phone": phone,
            "NI number": "QQ" + digits + "C",
            "Notes": note.where(dice.chance(0.15, count), ""),
        }
    )


def consents(dice: Dice, people: pd.DataFrame, first_referral: NDArray[np.int64]) -> pd.DataFrame:
    """One row a consent; some clients gave none for analysis, some withdrew it."""
    count = len(people)
    given = first_referral + dice.whole(0, 5, count)
    later = given + dice.whole(20, 400, count)
    withdrawn = np.where(dice.chance(0.025, count) & (later <= DAYS), later, np.nan)
    frame = pd.DataFrame(
        {
            "client_id": people["client_id"],
            "given_date": dates(np.minimum(given, DAYS)),
            "withdrawn_date": dates(withdrawn),
            "analysis": dice.chance(0.975, count),
            "research": dice.chance(0.4, count),
        }
    )
    analysis = frame[frame["analysis"]].assign(purpose="analysis")
    research = frame[frame["research"]].assign(purpose="research")
    research["withdrawn_date"] = pd.NaT
    both = pd.concat([analysis, research], ignore_index=True)
    return both[["client_id", "purpose", "given_date", "withdrawn_date"]]


def staff() -> pd.DataFrame:
    """One row a worker: twelve caseworkers in three teams, each team with its leader."""
    count = WORKERS_A_TEAM * len(TEAMS)
    worker = np.arange(count)
    leaving, joining = HANDOVER - np.timedelta64(3, "D"), HANDOVER
    team = np.array(TEAMS, dtype=object)
    caseworkers = pd.DataFrame(
        {
            "caseworker_id": numbered("W", worker, 2),
            "team": team[team_of(worker)],
            "manager_id": numbered("M", team_of(worker), 2),
            "hours_per_week": np.where(worker % 3 == 1, 22.5, 37.5),
            "start_date": dates(np.where(worker == SUCCESSOR, day_number(joining), -30.0)),
            "end_date": dates(np.where(worker == LEAVER, day_number(leaving), np.nan)),
        }
    )
    leaders = pd.DataFrame(
        {
            "caseworker_id": numbered("M", np.arange(len(TEAMS)), 2),
            "team": team,
            "manager_id": "",
            "hours_per_week": 37.5,
            "start_date": dates(np.full(len(TEAMS), -200.0)),
            "end_date": dates(np.full(len(TEAMS), np.nan)),
        }
    )
    everyone = pd.concat([caseworkers, leaders], ignore_index=True)
    everyone.insert(1, "login", everyone["caseworker_id"].str.lower() + ".example")
    return everyone


def absences(dice: Dice, workers: pd.DataFrame) -> pd.DataFrame:
    """One row a time away: eight leaves and three sicknesses a worker, none overlapping."""
    spells = 11
    employed_to = workers["end_date"].fillna(dates([DAYS])[0])
    first = np.maximum(_day_numbers(workers["start_date"]), 0)
    slot = (_day_numbers(employed_to) - first) / spells
    worker = np.repeat(np.arange(len(workers)), spells)
    spell = np.tile(np.arange(spells), len(workers))
    begins = first[worker] + (spell + 0.6 * dice.uniform(len(worker))) * slot[worker]
    sick = spell % 4 == 3
    length = np.where(sick, dice.whole(1, 4, len(worker)), dice.whole(3, 8, len(worker)))
    start = to_working(begins)
    return pd.DataFrame(
        {
            "caseworker_id": workers["caseworker_id"].to_numpy()[worker],
            "start_date": dates(WORKING[start]),
            "end_date": dates(from_working(start + length - 1)),
            "kind": np.where(sick, "sickness", "annual leave"),
        }
    )


def away(workers: pd.DataFrame, spells: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a caseworker (row) is not at work on a day (column); leaders are left out."""
    worker = pd.Index(workers["caseworker_id"]).get_indexer(spells["caseworker_id"])
    calendar = np.zeros((len(workers), DAYS + 1), dtype=bool)
    firsts, lasts = _day_numbers(spells["start_date"]), _day_numbers(spells["end_date"])
    for row, first, last in zip(worker, firsts, lasts, strict=True):
        calendar[row, first : last + 1] = True
    calendar[SUCCESSOR, : day_number(HANDOVER)] = True
    calendar[LEAVER, day_number(HANDOVER) :] = True
    return calendar[: WORKERS_A_TEAM * len(TEAMS)]


def team_of(worker: NDArray[np.int64]) -> NDArray[np.int64]:
    """The position of a caseworker's team in the list of teams."""
    return worker // WORKERS_A_TEAM


def numbered(letter: str, number: NDArray[np.int64], width: int = 6) -> pd.Series:
    """References as the system prints them: C000001 is number 0."""
    return letter + pd.Series(np.asarray(number) + 1).astype(str).str.zfill(width)


def _day_numbers(when: pd.Series) -> NDArray[np.int64]:
    return (when.to_numpy().astype("datetime64[D]") - FIRST_DAY).astype(np.int64)
