"""The reader of three opioid treatment trials (CTN-0094: trials CTN-0027, CTN-0030, CTN-0051).

A participant is a client, a trial a programme, a randomised participant a started enrolment, a day
with a visit a contact, a course of medication a support, and "completed treatment" the outcome. The
data count days from consent, so that nobody can be recognised; here each trial gets an invented
first day, on which all its participants consent. Dates are therefore right within a person and mean
nothing between persons or trials. Urine tests (uds) are not loaded: only positive ones are in it.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import IntegerValue, Table

from workbench.settings import Settings
from workbench.sources import ctn0094_notes as notes
from workbench.sources.ctn0094_files import (
    FIRST_DAYS,
    INJECTED,
    INJECTION_DAYS,
    after,
    check_known,
    courses_of,
    joined,
    medicine,
    of_people,
    one,
    people_of,
    programme,
    read,
)
from workbench.sources.rows import Coverage, Staged

FOLLOWED_DAYS = 365  # from a trial's first day; its planned visits end before
COURSE = "completed treatment"
AGES = {25: "18 to 24", 35: "25 to 34", 50: "35 to 49", 65: "50 to 64"}
# What kind of visit a label names, the least telling first: of visits on one day the last counts.
CHANNELS = {
    "study form": "^Cross Active Study$",
    "baseline visit": "^BASELINE$",
    "follow-up visit": "^(WK28|WK32|M1F|M3F|P1Wk(6|8|10|12)|P2Wk(18|20|22|24))$",
    "final visit": "^(P[12]Finl|EOT)$",
    "unscheduled visit": "Unsc$",
    "weekly visit": "",
}


def stage(settings: Settings, con: ibis.BaseBackend) -> tuple[list[Staged], Coverage]:
    """The participants, visits and courses of the trials, on their way to our tables.

    Returns the parts, and the days that the invented calendar covers. Raises DataError for files,
    columns and trials that are missing or not known.
    """
    raw = read(settings.data_path, con)
    people = people_of(raw).cache()
    check_known(people)
    visits = of_people(raw["visit"], people).cache()
    doses = of_people(raw["treatment"], people).cache()
    courses = courses_of(doses).cache()
    parts = (
        ("clients", "demographics", _clients(raw), notes.about_clients(raw)),
        ("enrolments", "everybody", _enrolments(people), notes.about_enrolments(people, raw)),
        ("contacts", "visit", _contacts(visits), notes.about_visits(visits)),
        ("supports", "treatment", _supports(courses, doses), notes.about_doses(doses, courses)),
        ("outcomes", "randomization", _outcomes(people), notes.about_outcomes(people, raw)),
    )
    staged = [Staged(table, f"{file}.csv", rows, notes=about) for table, file, rows, about in parts]
    first_days = [date.fromisoformat(FIRST_DAYS[each]) for each in _trials(people)]
    last_day = max(first_days) + timedelta(days=FOLLOWED_DAYS - 1)
    return staged, Coverage(complete_from=min(first_days), complete_to=last_day)


# --- our tables -----------------------------------------------------------------------------------


def _clients(raw: Mapping[str, Table]) -> Table:
    """A participant a row, as they were at the start."""
    rows = joined(raw["demographics"], one(raw["psychiatric"]).drop("_row"), ["who"])
    rows = joined(rows, one(raw["qol"]).drop("_row"), ["who"])
    years = rows.age.try_cast("float64")
    bands = [(years < limit, band) for limit, band in AGES.items()]
    return rows.select(
        "_row",
        "age",
        "education",
        client_id=rows.who,
        age_band=ibis.cases((years < 18, "under 18"), *bands, (years >= 65, "65 and over")),
        gender=rows.is_male.cases(("Yes", "Male"), ("No", "Female")),
        ethnicity=ibis.cases(
            (rows.is_hispanic == "Yes", "Hispanic"),
            else_=rows.race.nullif(notes.NO_RACE),
        ),
        employment=rows.job,
        depression=rows.has_major_dep,
        anxiety=rows.has_anx_pan,
        alcohol=rows.has_alcol_dx,
        homeless=rows.is_homeless,
    )


def _enrolments(people: Table) -> Table:
    """A participant a row: referred on the day of consent, started when first randomised.

    It ends with the last day of medication. Visits go on for weeks after that, as the research
    planned them, also for those who had stopped: they do not tell who was still in treatment.
    """
    never = people.started.isnull()
    return people.select(
        "_row",
        "enrolment_id",
        "treatment",
        client_id=people.who,
        programme=programme(people),
        site="site " + people.site_masked,
        referral_date=people.first_day,
        decline_reason=never.ifelse("not randomised", None),
        start_date=after(people.first_day, people.started),
        end_date=after(people.first_day, (~never).ifelse(_ended(people), None)),
        exit_reason=ibis.cases(
            (never, None),
            (people.completed, "completed"),
            (people.died, "died"),
            (people.medicated.isnull(), "no dose taken"),
            else_="stopped early",
        ),
    )


def _contacts(visits: Table) -> Table:
    """A participant's day with a visit a row; visits without a day are set aside."""
    kinds = [(visits.visit.re_search(each), n) for n, each in enumerate(CHANNELS.values())]
    visits = visits.mutate(rank=ibis.cases(*kinds))
    dated = visits.filter(visits.day.notnull())
    days = dated.group_by("enrolment_id", "date").aggregate(
        _row=_._row.min(),
        rank=_.rank.max(),
        came=(_.what == notes.KEPT).any().fill_null(False),
        missed=(_.what == notes.MISSED).any().fill_null(False),
    )
    days = days.mutate(
        attended=ibis.cases((days.came, True), (days.missed, False)), _aside=ibis.null("string")
    )
    nowhere = visits.filter(visits.day.isnull())
    nowhere = nowhere.mutate(attended=ibis.null("boolean"), _aside=notes.without_day(nowhere))
    columns = ["_row", "enrolment_id", "date", "rank", "attended", "_aside"]
    rows = days.select(columns).union(nowhere.select(columns))
    return rows.select(
        "_row",
        "enrolment_id",
        "attended",
        "_aside",
        contact_date=rows.date,
        channel=rows["rank"].cases(*enumerate(CHANNELS)),
        _aside_column=ibis.literal("when"),
    )


def _supports(courses: Table, doses: Table) -> Table:
    """A course of medication a row, to the last day that it lasts; lone doses are set aside."""
    lasts = (medicine(courses) == INJECTED).ifelse(INJECTION_DAYS - 1, 0)
    given = courses.select(
        "_row",
        "enrolment_id",
        support=medicine(courses),
        start_date=after(courses.first_day, courses.first),
        end_date=after(courses.first_day, courses.last + lasts),
        _aside=ibis.null("string"),
    )
    lone = doses.filter(doses.started.isnull() | doses.day.isnull())
    lone = lone.select(
        "_row",
        "enrolment_id",
        support=ibis.null("string"),
        start_date=lone.date,
        end_date=lone.date,
        _aside=lone.day.isnull().ifelse(notes.NO_DAY, notes.NOT_RANDOMISED),
    )
    return given.union(lone).mutate(_aside_column=ibis.literal("when"))


def _outcomes(people: Table) -> Table:
    """Whether each randomised participant completed treatment, as of the day that decides it."""
    people = people.filter(people.started.notnull())
    return people.select(
        "_row",
        "enrolment_id",
        outcome=ibis.literal(COURSE),
        outcome_date=after(people.first_day, people.due),
        status=people.completed.ifelse("achieved", "not achieved"),
    )


def _ended(people: Table) -> IntegerValue:
    """The last day of medication; of those who took none, the day of randomisation."""
    return people.medicated.coalesce(people.started)


def _trials(people: Table) -> list[str]:
    return list(people.project.as_table().distinct().execute().project)
