"""The files of the CTN-0094 trials as they are, and what is known of each participant from them."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import ibis
from ibis import _
from ibis.expr.types import DateValue, IntegerValue, StringValue, Table

from workbench.errors import DataError
from workbench.sources import ctn0094_notes as notes

# Invented, one after the other, and not in the same month: that would look like a season.
FIRST_DAYS = {"27": "2001-01-01", "30": "2002-05-01", "51": "2003-08-01"}
MEDICINES = {
    "Methadone": "methadone",
    "Outpatient BUP": "buprenorphine",
    "Outpatient BUP + EMM": "buprenorphine",
    "Outpatient BUP + SMM": "buprenorphine",
    "Inpatient BUP": "buprenorphine",
    "Inpatient NR-NTX": "naltrexone injection",
}
INJECTED, INJECTION_DAYS = "naltrexone injection", 28  # an injection lasts four weeks
FROM_CONSENT = ("27",)  # weeks of treatment are counted from consent, not randomisation
AFTERWARDS = "Post-medication follow-up"  # a stage of a course without medication
FILES = {
    "everybody": ("who", "project"),
    "site_masked": ("who", "site_masked"),
    "demographics": ("who", "age", "is_hispanic", "race", "job", "education", "is_male"),
    "psychiatric": ("who", "has_major_dep", "has_anx_pan", "has_alcol_dx"),
    "qol": ("who", "is_homeless"),
    "randomization": ("who", "treatment", "which", "when"),
    "meta_study_length": ("project", "treatment", "phase", "weeks", "description"),
    "treatment": ("who", "when"),
    "visit": ("who", "visit", "what", "when", *notes.FLAGS),
}


def read(folder: Path, con: ibis.BaseBackend) -> dict[str, Table]:
    """Each file as text with `_row`, and its days and numbers of participants as numbers."""
    if missing := [name for name in FILES if not (folder / f"{name}.csv").is_file()]:
        raise DataError(
            *(
                f"{name}: there is no {name}.csv in the folder of the data. Write each table of "
                "the data set there as a CSV file, or set path under [data]."
                for name in missing
            )
        )
    return {name: _file(name, folder / f"{name}.csv", con) for name in FILES}


def _file(name: str, path: Path, con: ibis.BaseBackend) -> Table:
    try:
        rows = con.read_csv(path, all_varchar=True, header=True, nullstr=["", "NA"])
        if missing := [each for each in FILES[name] if each not in rows.columns]:
            raise DataError(
                f"{path.name}: there is no column {', '.join(missing)}. "
                "Take the file as it is published."
            )
        rows = rows.select(_row=ibis.row_number() + 2, **{each: _[each] for each in FILES[name]})
        if "when" in rows.columns:
            rows = rows.mutate(day=rows.when.try_cast("float64").try_cast("int32"))
        return rows.cache()
    except duckdb.Error:
        raise DataError(
            f"{path.name}: this cannot be read as csv. Take the file as it is published; perhaps "
            "it was not copied whole."
        ) from None


def people_of(raw: Mapping[str, Table]) -> Table:
    """A participant a row: their trial, arm, the days of their courses, and how these came out.

    `started`, `again` (the second course of CTN-0030), `due` and `medicated` are days from consent.
    Completed: medicated on the first day of the last planned week of the last course, or later. For
    CTN-0027 weeks are counted from consent, which is the published rule (day 161 of 24 weeks; Hser
    et al. 2014). For the other trials the rule is ours, and weeks are counted from the
    randomisation that began the course; an injection is taken to last four weeks.
    """
    drawn = raw["randomization"]
    first = one(drawn.filter(drawn.which == "1")).select("who", "treatment", started="day")
    second = one(drawn.filter(drawn.which == "2"))
    second = second.select("who", treatment_2="treatment", again="day")
    doses = raw["treatment"].group_by("who").aggregate(last_dose=_.day.max())
    visits = raw["visit"].group_by("who").aggregate(died=(_.is_dead == "1").any().fill_null(False))
    people = one(raw["everybody"])
    for other in (one(raw["site_masked"]).drop("_row"), first, second, doses, visits):
        people = joined(people, other, ["who"])
    people = people.mutate(again=(people.again > people.started).ifelse(people.again, None))
    people = _with_weeks(people, raw["meta_study_length"])
    begun = people.again.coalesce(people.project.isin(FROM_CONSENT).ifelse(0, people.started))
    weeks = people.again.notnull().ifelse(people.weeks_2, people.weeks_1)
    injected = medicine(people) == INJECTED
    people = people.mutate(
        due=begun + (weeks - 1) * 7,
        medicated=people.last_dose + injected.ifelse(INJECTION_DAYS - 1, 0),
    )
    completed = (people.medicated >= people.due).fill_null(False)
    return people.mutate(
        enrolment_id=programme(people) + "-" + people.who,
        first_day=people.project.cases(*FIRST_DAYS.items()).cast("date"),
        completed=completed & people.started.notnull(),
        died=people.died.fill_null(False),
    )


def _with_weeks(people: Table, lengths: Table) -> Table:
    """The planned weeks of medication of the first and the second course."""
    given = lengths.filter(lengths.description != AFTERWARDS)
    given = given.group_by("project", "treatment", "phase").aggregate(
        weeks=_.weeks.try_cast("float64").sum().cast("int32")
    )
    for phase, arm in (("1", "treatment"), ("2", "treatment_2")):
        course = given.filter(given.phase == phase).rename(**{arm: "treatment"}).drop("phase")
        people = joined(people, course.rename({f"weeks_{phase}": "weeks"}), ["project", arm])
    return people


def check_known(people: Table) -> None:
    """Refuse trials whose first day is not known, and courses whose length is not."""
    if not people.count().execute():
        raise DataError("everybody: there are no participants in it. Take it as published.")
    problems = []
    unknown = people.filter(people.first_day.isnull()).project.fill_null("(empty)")
    if names := sorted(set(unknown.execute())):
        problems.append(
            f"everybody: project: {', '.join(names[:5])} is not a trial that is known, "
            f"{len(names)} in all. Known are {', '.join(FIRST_DAYS)}."
        )
    unplanned = people.filter(people.started.notnull() & people.due.isnull())
    if arms := sorted(set((programme(unplanned) + " " + unplanned.treatment).execute())):
        problems.append(
            f"meta_study_length: weeks: no length of treatment for {', '.join(arms[:5])}, "
            f"{len(arms)} in all. Take the file as it is published."
        )
    if problems:
        raise DataError(*problems)


def of_people(rows: Table, people: Table) -> Table:
    """Visits or doses with the enrolment that they belong to; without one, the participant."""
    known = people.select("who", "enrolment_id", "treatment", "started", "again", "first_day")
    rows = joined(rows, known, ["who"])
    return rows.mutate(
        enrolment_id=rows.enrolment_id.coalesce(rows.who), date=after(rows.first_day, rows.day)
    )


def courses_of(doses: Table) -> Table:
    """A course of medication a row: first and last day, and the longest time without a dose."""
    doses = doses.filter(doses.started.notnull(), doses.day.notnull())
    doses = doses.mutate(course=(doses.day >= doses.again).fill_null(False).ifelse(2, 1))
    before = doses.day.lag().over(group_by=["enrolment_id", "course"], order_by="day")
    doses = doses.mutate(gap=doses.day - before)
    return doses.group_by("enrolment_id", "first_day", "treatment", "started", "course").aggregate(
        _row=_._row.min(), first=_.day.min(), last=_.day.max(), gap=_.gap.max(), doses=_.count()
    )


def programme(people: Table) -> StringValue:
    """The name of a participant's trial."""
    return "CTN-00" + people.project


def medicine(rows: Table) -> StringValue:
    """The medicine of an arm; of an arm that is not known, its name."""
    return rows.treatment.cases(*MEDICINES.items(), else_=rows.treatment)


def after(first_day: DateValue, days: IntegerValue) -> DateValue:
    """The day so many days after a trial's first."""
    return (first_day + days.as_interval("D")).cast("date")


def one(rows: Table) -> Table:
    """A participant a row: the first in the file."""
    place = ibis.row_number().over(group_by="who", order_by="_row")
    return rows.filter(place == 0)


def joined(rows: Table, other: Table, key: list[str]) -> Table:
    """All rows, with what another table has for them."""
    return rows.left_join(other, key).drop(*(f"{each}_right" for each in key))
