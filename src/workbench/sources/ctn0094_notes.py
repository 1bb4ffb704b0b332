"""What the loss report tells about the trials of CTN-0094: each trap of the data, in words."""

from collections.abc import Mapping

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from workbench.sources.notes import when
from workbench.sources.rows import Note

KEPT, MISSED = "visit", "no visit"
REASONS = {  # why a visit was missed, and the columns of the visits that say so
    "left the study, dropped from it or died": (
        "is_dead",
        "is_left_study",
        "is_missing_14_consecutive",
    ),
    "ill, in hospital, in jail or otherwise unable to come": (
        "is_in_jail",
        "is_in_hospital",
        "is_illness",
        "is_unable",
        "is_no_funding",
    ),
    "moved or on holiday": ("is_moved", "is_on_vacation"),
    "did not show up or forgot": ("is_no_show", "is_forgot"),
    "another reason": ("is_other", "is_window"),
}
FLAGS = tuple(column for columns in REASONS.values() for column in columns)
NO_RACE = "Refused/missing"
NO_DAY = "is empty or not a number of days"
NOT_RANDOMISED = "is a dose of somebody who was never randomised: which medicine is not known"
SAME_DAY = "is a further row of a participant's day: one contact"
SEVERAL_DOSES = "is a further dose of a course of medication: one support"
AGAIN = "is a further randomization of a participant: one outcome"
BEFOREHAND = "is before the randomization: kept"
OVER = 300  # days from consent: all that the trials had planned was over


def without_day(visits: Table) -> StringValue:
    """Why a visit without a day is set aside: what the file says of it, and the first reason."""
    reasons = [(_any(visits, columns), reason) for reason, columns in REASONS.items()]
    missed = "is empty: missed, " + ibis.cases(*reasons, else_="no reason given")
    return ibis.cases(
        (visits.when.notnull(), "is not a number of days"),
        (visits.what == MISSED, missed),
        else_="is empty: nothing is recorded of the visit",
    )


def _any(visits: Table, columns: tuple[str, ...]) -> BooleanValue:
    return ibis.or_(*(visits[each] == "1" for each in columns)).fill_null(False)


def about_clients(raw: Mapping[str, Table]) -> tuple[Note, ...]:
    """What is not recorded about participants."""
    rows, qol = raw["demographics"], raw["qol"]
    asked = rows.semi_join(qol, "who")
    return (
        *when(rows, rows.age.isnull(), "age", "is empty: not known"),
        *when(rows, rows.is_male.isnull(), "is_male", "is empty: not known"),
        *when(rows, rows.race == NO_RACE, "race", "is refused or missing: not known"),
        *when(rows, rows.education.isnull(), "education", "is empty, mostly not asked: not known"),
        *when(rows, rows.who.notin(asked.who), "is_homeless", "was not asked: not known"),
        Note("is_male", "noted", "is sex, loaded as gender: nothing else was asked"),
    )


def about_enrolments(people: Table, raw: Mapping[str, Table]) -> tuple[Note, ...]:
    """What is made of participants and their randomisation."""
    drawn = raw["randomization"].filter(_.which == "2")
    first = people.select("who", "treatment", "started")
    both = drawn.join(first, "who").mutate(copied=_.day == _.started)
    other = ~both.copied & (both.treatment != both.treatment_right)
    return (
        Note(
            "project",
            "noted",
            "has no calendar, only days from consent: all participants of a trial begin on one "
            "invented day, so nothing can be read from months or seasons",
        ),
        *when(people, people.started.isnull(), "randomization", "is missing: never started"),
        *when(both, both.copied, "which", "repeats the first randomization: not used"),
        *when(both, ~both.copied, "which", "begins a second course of the same enrolment"),
        *when(both, other, "which", "has another arm than the first, which is the one kept"),
        *when(
            people,
            people.started.notnull() & people.last_dose.isnull(),
            "treatment",
            "has no dose of somebody randomised: taken as ended on the day of randomization",
        ),
        *when(people, people.died, "is_dead", "is marked: taken as ended with the last medication"),
        Note("screening_date, derived_inductDelay", "noted", "are not used"),
    )


def about_visits(visits: Table) -> tuple[Note, ...]:
    """What is made of visits."""
    dated = visits.filter(_.day.notnull())
    days = dated.group_by("who", "day").aggregate(
        _row=_._row.min(),
        rows=_.count(),
        clash=(_.what == KEPT).any() & (_.what == MISSED).any(),
    )
    further = int(dated.count().execute() - days.count().execute())
    reason = _any(dated, tuple(each for each in FLAGS if each != "is_dead"))
    kept = "says why a visit was missed that took place: counted as kept"
    late = f"is more than {OVER} days after consent, when the trial was over: kept"
    unclear = dated.what.notnull() & dated.what.notin([KEPT, MISSED])
    return (
        Note("when", "loaded", SAME_DAY, further),
        *when(dated, dated.what.isnull(), "what", "is empty: whether they came is not recorded"),
        *when(
            dated, unclear, "what", "is neither visit nor no visit: whether they came is not known"
        ),
        *when(days, days.clash, "what", "is both visit and no visit on a day: counted as kept"),
        *when(dated, (dated.what == KEPT) & reason, "is_no_show and others", kept),
        *when(dated, dated.day < 0, "when", "is before consent: kept"),
        *when(dated, dated.day > OVER, "when", late),
        Note("is_no_note, is_window", "noted", "have no stated meaning"),
    )


def about_doses(doses: Table, courses: Table) -> tuple[Note, ...]:
    """What is made of doses."""
    used = doses.filter(doses.started.notnull(), doses.day.notnull())
    further = int(used.count().execute() - courses.count().execute())
    place = ibis.row_number().over(group_by=["who", "day"], order_by="_row")
    used = used.mutate(place=place)
    gap = "has more than 28 days without a dose, within a course: taken as going on"
    return (
        Note("when", "loaded", SEVERAL_DOSES, further),
        *when(used, used.place > 0, "when", "is a further dose of a participant's day"),
        *when(courses, courses.first < courses.started, "when", BEFOREHAND),
        *when(courses, _long_gap(courses), "when", gap),
        *when(used, used.day > OVER, "when", f"is more than {OVER} days after consent: kept"),
        Note("amount", "noted", "is not used: how much was taken"),
        Note("when", "noted", "of an injection: the support lasts 28 days from it"),
    )


def _long_gap(courses: Table) -> BooleanValue:
    injected = courses.treatment == "Inpatient NR-NTX"
    return (courses.gap > injected.ifelse(56, 28)).fill_null(False)


def about_outcomes(people: Table, raw: Mapping[str, Table]) -> tuple[Note, ...]:
    """What the outcome is made of."""
    further = int(raw["randomization"].count().execute())
    further -= int(people.filter(people.started.notnull()).count().execute())
    return (
        Note("which", "loaded", AGAIN, further),
        Note(
            "when",
            "noted",
            "completed treatment: medicated on the first day of the last planned week, or later; "
            "as published for CTN-0027 (day 161 from consent), for the other trials a rule of ours",
        ),
    )
