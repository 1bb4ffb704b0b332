"""The synthetic charity as tidy tables, before a case-management system exports them."""

import numpy as np
import pandas as pd

from workbench.sample import cases, contacts, people, records
from workbench.sample.dice import Dice, dates, day_number
from workbench.sample.plan import (
    AREAS,
    CHANGE_DAY,
    CHANGED_PROGRAMME,
    NO_EFFECT_CHANGE_DAY,
    NOTHING_WORKS,
    PLANTED,
)


def make(seed: int = 2025, effects: bool = True, clients: int = 900) -> dict[str, pd.DataFrame]:
    """The tables of the synthetic charity by name, clean, as known on the day of the export.

    `effects=False` gives the same charity in which contact, support, gaps, the change and the
    day of the week make no difference. The same seed gives the same tables on every machine.
    """
    planted = PLANTED if effects else NOTHING_WORKS

    def dice(table: str) -> Dice:
        return Dice(seed, table)

    persons = people.clients(dice("clients"), clients)
    workers = people.staff()
    absent = people.absences(dice("absences"), workers)
    referred = cases.referrals(dice("referrals"), clients)
    stay = cases.stays(dice("stays"), referred, persons["need_score"].to_numpy())
    offered = cases.offers(dice("offers"), stay, planted)
    stay = cases.exits(dice("exits"), stay, offered, planted)
    held = contacts.holders(dice("holders"), stay)
    need = records.needed(dice("needs"), stay)
    supports = records.supports(dice("supports"), stay, need)
    exposure = cases.weekly_exposure(stay, offered)
    outcomes = records.outcomes(dice("outcomes"), stay, exposure, supports, planted)
    outcomes["evidenced"] = records.evidenced(dice("evidence"), outcomes)
    first_referral = referred.groupby("client")["referred"].min().to_numpy()
    is_away = people.away(workers, absent)
    return {
        "clients": persons,
        "enrolments": cases.enrolments(referred, stay),
        "contacts": contacts.contacts(dice("contacts"), stay, offered, held, is_away),
        "supports": supports,
        "outcomes": outcomes,
        "assessments": records.assessments(dice("assessments"), stay, outcomes),
        "assignments": contacts.assignments(stay, held),
        "staff": workers,
        "absences": absent,
        "needs": records.needs(stay, need),
        "actions": records.actions(dice("actions"), stay, need),
        "consents": people.consents(dice("consents"), persons, first_referral),
        "populations": populations(clients),
        "targets": targets(),
        "changes": changes(),
    }


def populations(clients: int) -> pd.DataFrame:
    """How many people could be reached, by area and year: a round figure from a survey."""
    by_area = pd.DataFrame({"group": AREAS, "count": np.array([0.9, 0.8, 0.5]) * clients})
    frames = [
        by_area.assign(count=(by_area["count"] * growth).round(-1).astype(int), period=year)
        for year, growth in (("2023", 1.0), ("2024", 1.05), ("2025", 1.1))
    ]
    table = pd.concat(frames, ignore_index=True)
    return table.assign(source="housing register count (invented)")


def targets() -> pd.DataFrame:
    """What the charity promised its funders."""
    promises = {"attendance rate": 0.8, "success rate": 0.5, "start rate": 0.75}
    return pd.DataFrame(
        {
            "measure": list(promises),
            "value": list(promises.values()),
            "start_date": dates([day_number(np.datetime64("2024-04-01"))] * len(promises)),
            "end_date": dates([day_number(np.datetime64("2026-03-31"))] * len(promises)),
        }
    )


def changes() -> pd.DataFrame:
    """The two logged changes: the first works, the second does not."""
    return pd.DataFrame(
        {
            "change_date": dates([day_number(CHANGE_DAY), day_number(NO_EFFECT_CHANGE_DAY)]),
            "description": [
                f"Text reminders on the day before every appointment ({CHANGED_PROGRAMME})",
                "A shorter referral form for all programmes",
            ],
            "measure": ["attendance rate", "start rate"],
            "expected": ["up", "up"],
            "prompted_by": ["clients' council", "management board"],
        }
    )
