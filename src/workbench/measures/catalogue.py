"""The measures: what each is in words, how it is counted, and what it takes.

A recipe's `rows` gives a frame [by,] interval, numerator, denominator, clients; intervals without
rows are filled in later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import pandas as pd

from workbench.measures import counting, events
from workbench.measures.counting import Calendar, keys
from workbench.settings import Direction, Settings
from workbench.store import Workspace

Kind = Literal["count", "proportion", "rate", "mean", "stock"]
Rows = Callable[[Workspace, Calendar, str | None], pd.DataFrame]
Events = Callable[[Workspace], ibis.Table]
DAYS_PER = {"client-weeks": 7, "client-months": 365.25 / 12}


@dataclass(frozen=True)
class Definition:
    """What a measure is, in words, with its direction of good and its target.

    `kind`: "count", "proportion" (a part of a whole), "rate" (per time), "mean", or "stock" (how
    things stand on an interval's last day; with a denominator, a share). `people`: it counts
    people, not enrolments or records. `wait_days`: how long after an interval's end its figure
    still moves. `why_not`: why this export does not allow it; None if it does.
    """

    name: str
    meaning: str
    numerator: str
    denominator: str
    kind: Kind
    unit: str
    better: Direction | None = None
    target: float | None = None
    people: bool = False
    wait_days: int = 0
    why_not: str | None = None


@dataclass(frozen=True)
class Recipe:
    """A definition, how its rows are counted, and what that takes.

    `needs`: "table.column" names that must hold something. `named`: (place in the settings, its
    values, "table.column") of which at least one value must occur. `both`: "table.column" names
    that must be false somewhere: where nobody ever missed a contact, misses were not recorded.
    `of_ends`: it counts ends, which are complete to a day of their own.
    """

    definition: Definition
    rows: Rows
    needs: tuple[str, ...]
    named: tuple[tuple[str, Sequence[str], str], ...] = ()
    both: tuple[str, ...] = ()
    of_ends: bool = False


def built_in(settings: Settings) -> list[Recipe]:
    """The measures that need no settings of their own, in the order to show them."""
    started, entered = settings.reporting.start_within_days, settings.reporting.entry_within_days
    horizon = settings.outcomes.horizon_days
    channels = settings.contacts.channels
    counted = (("contacts.channels", channels, "contacts.channel"),) if channels else ()
    success = (("outcomes.success", settings.outcomes.success, "outcomes.outcome"),)
    lost = (("exits.disengagement", settings.exits.disengagement, "enrolments.exit_reason"),)
    return [
        Recipe(
            Definition(
                "referrals",
                "How many referrals came in, whether or not they led to a start.",
                numerator="enrolments by their referral date (a client counts each time)",
                denominator="",
                kind="count",
                unit="enrolments",
            ),
            flow(events.referrals, count=True),
            needs=("enrolments.referral_date",),
        ),
        Recipe(
            Definition(
                "starts",
                "How many enrolments began.",
                numerator="enrolments by their start date (a client counts each time)",
                denominator="",
                kind="count",
                unit="enrolments",
                better="up",
            ),
            flow(events.starts, count=True),
            needs=("enrolments.start_date",),
        ),
        Recipe(
            Definition(
                "start rate",
                f"Of the referrals that came in, the share that led to a start within {started} "
                "days.",
                numerator=f"those of them that started within {started} days of the referral",
                denominator="enrolments by their referral date",
                kind="proportion",
                unit="share of referrals",
                better="up",
                wait_days=started,
            ),
            flow(events.referrals_started),
            needs=("enrolments.referral_date", "enrolments.start_date"),
        ),
        Recipe(
            Definition(
                "days from referral to start",
                "How many days those who started had waited since their referral, on average.",
                numerator="days from referral to start, added up",
                denominator="enrolments by their start date, if a referral date is recorded",
                kind="mean",
                unit="days",
                better="down",
            ),
            flow(events.waits),
            needs=("enrolments.referral_date", "enrolments.start_date"),
        ),
        Recipe(
            Definition(
                "caseload",
                "How many clients were with us on the last day.",
                numerator="clients with at least one enrolment open that day (each counts once)",
                denominator="",
                kind="stock",
                unit="clients",
                people=True,
            ),
            counting.caseload,
            needs=("enrolments.start_date",),
        ),
        Recipe(
            Definition(
                "contacts per client-week",
                "How many contacts took place for each week that a client was with us.",
                numerator="contacts that count and were not missed, while the enrolment was open",
                denominator="days that enrolments were open, divided by 7 (a client in two "
                "programmes at once counts in both)",
                kind="rate",
                unit="contacts per client-week",
            ),
            per_time(events.kept, DAYS_PER["client-weeks"]),
            needs=("enrolments.start_date", "contacts.contact_date"),
            named=counted,
        ),
        Recipe(
            Definition(
                "attendance rate",
                "Of the contacts offered, the share that the client kept.",
                numerator="those of them recorded as kept",
                denominator="contacts that count, with attendance recorded (kept or missed)",
                kind="proportion",
                unit="share of contacts",
                better="up",
            ),
            flow(events.attendance),
            needs=("contacts.attended",),
            named=counted,
            both=("contacts.attended",),
        ),
        Recipe(
            Definition(
                "exits",
                "How many enrolments ended, for whatever reason.",
                numerator="enrolments by their end date",
                denominator="",
                kind="count",
                unit="enrolments",
            ),
            exits,
            needs=("enrolments.start_date", "enrolments.end_date"),
            of_ends=True,
        ),
        Recipe(
            Definition(
                "disengagement rate",
                "Of the enrolments served, the share that ended because the client drifted away.",
                numerator="enrolments that ended for a reason that settings call disengagement",
                denominator="enrolments open on any day of the interval",
                kind="proportion",
                unit="share of enrolments",
                better="down",
            ),
            disengaged,
            needs=("enrolments.start_date", "enrolments.end_date"),
            named=lost,
            of_ends=True,
        ),
        Recipe(
            Definition(
                "success rate",
                f"Of those who started {horizon} days before and whose outcome is known, the "
                "share that succeeded in that time.",
                numerator=f"those of them with a success achieved within {horizon} days",
                denominator=f"started enrolments by the day their {horizon} days were over, if "
                "the outcome is known (not known is not failure)",
                kind="proportion",
                unit="share of enrolments",
                better="up",
            ),
            flow(events.successes),
            needs=("enrolments.start_date", "outcomes.outcome"),
            named=success,
        ),
        Recipe(
            Definition(
                "outcome not known",
                f"Of those who started {horizon} days before, the share for whom nobody said "
                "how it came out.",
                numerator="those of them with no outcome recorded, or only one that is not known",
                denominator=f"started enrolments by the day their {horizon} days were over",
                kind="proportion",
                unit="share of enrolments",
                better="down",
            ),
            flow(events.not_known),
            needs=("enrolments.start_date", "outcomes.outcome"),
            named=success,
        ),
        Recipe(
            Definition(
                "actions overdue",
                "Of the actions still to be done on the last day, the share past their due date.",
                numerator="those of them whose due date (the revised one, if put off) has passed",
                denominator="actions with a due date, not done by that day, of enrolments still "
                "open",
                kind="stock",
                unit="share of actions",
                better="down",
            ),
            counting.overdue,
            needs=("enrolments.start_date", "actions.due_date"),
        ),
        Recipe(
            Definition(
                "entered in time",
                f"Of the contacts on record, the share that was typed in within {entered} days.",
                numerator=f"those of them typed in at most {entered} days after the contact",
                denominator="contacts with the day of entry recorded (not those booked ahead)",
                kind="proportion",
                unit="share of contacts",
                better="up",
                wait_days=entered,
            ),
            flow(events.entries),
            needs=("contacts.recorded_at",),
            named=counted,
        ),
    ]


# --- how rows are counted -----------------------------------------------------------------------


def flow(of: Events, *, count: bool = False) -> Rows:
    """Events by the interval of their day."""
    return lambda data, times, by: counting.tally(data, of(data), times, by, count=count)


def per_time(of: Events, days: float) -> Rows:
    """Events while enrolments were open, per so many days open, since events were first recorded.

    Before that, no event is nothing known, not nothing done.
    """

    def rows(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
        time = counting.open_time(data, times, by)
        counted = counting.tally_while_open(data, of(data), times, by)
        both = time[time["interval"] >= counted["interval"].min()]
        both = both.merge(counted, on=keys(by), how="left")
        return both.assign(denominator=both["days"] / days)

    return rows


def exits(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
    """Ends from the first interval that anybody could leave in; behind none are all the served."""
    time = counting.open_time(data, times, by)[[*keys(by), "clients"]]
    left = counting.tally(data, events.exits(data), times, by, count=True)
    both = time.merge(left, on=keys(by), how="outer", suffixes=("_served", ""))
    return both.assign(clients=both["clients"].fillna(both["clients_served"]))


def disengaged(data: Workspace, times: Calendar, by: str | None) -> pd.DataFrame:
    """Ends by disengagement, of the enrolments open on any day of the interval."""
    time = counting.open_time(data, times, by)
    left = counting.tally(data, events.disengagements(data), times, by, count=True)
    left = left[[*keys(by), "numerator", "clients"]]
    both = time.merge(left, on=keys(by), how="outer", suffixes=("", "_left"))
    clients = both["clients"].fillna(both["clients_left"])
    return both.assign(denominator=both["served"], clients=clients)
